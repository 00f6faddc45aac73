import { fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { at, fixtures, journal, NOW, rejected, state } from '../dev/fixtures';
import { clock, days, kindOf, lineOf, refreshed } from '../src/lib/activity';
import type { Action, Answer, Entry, Query } from '../src/lib/agent';
import { strings } from '../src/strings';
import { acted, answer, emit, settle, start, type } from './popup';

/** An agent with these entries, in pages as they are asked for. */
function agentWith(entries: Entry[]): (action: Action) => Promise<Answer> {
  return (action) => {
    const { journal: query } = action as { journal: Query };
    if (query === undefined) return Promise.resolve(null);
    const wanted = entries.filter(({ number }) => number < (query.before ?? Infinity));
    const page = wanted.slice(0, query.limit);
    const next = wanted.length > query.limit ? (page.at(-1)?.number ?? null) : null;
    return Promise.resolve({ journal: { entries: page, next } });
  };
}

async function open(entries: Entry[], fixture = 'few'): Promise<HTMLElement> {
  const container = await start(fixtures[fixture] ?? null);
  answer(agentWith(entries));
  await fireEvent.click(screen.getByRole('button', { name: 'Activity' }));
  await settle();
  return container;
}

/** By role it would take seconds. */
const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-entry]')];
const queries = (): Query[] =>
  acted().flatMap((action) => (action as { journal?: Query }).journal ?? []);

afterEach(() => void vi.useRealTimers());

describe('the activity', () => {
  it('shows what happened under its days, newest first', async () => {
    await open(journal(0));
    expect(document.activeElement?.textContent).toBe('Activity');
    const said = rows().map((row) => row.querySelector('.what')?.textContent?.trim());
    expect(said[0]).toBe('You copied a console link of prod-admin');
    expect(said[1]).toBe('terraform got a session of prod-admin');
    expect(said).toContain('Failed: bash sent a code of work, and got no session');
    expect(said).toContain('teleported, which this version does not know');
    const headings = screen.getAllByRole('heading', { level: 2 }).map((one) => one.textContent);
    expect(headings[0]).toBe('Today');
    const first = rows()[0]?.querySelector('time');
    expect(first?.getAttribute('datetime')).toBe(at(0));
    expect(rows()[1]?.textContent).toContain('/opt/hashicorp/terraform/1.15.2/bin/terraform');
    expect(queries()).toEqual([{ filter: {}, limit: 50 }]);
  });

  it('reads on where it stopped, and puts the focus there when that was all', async () => {
    await open(journal(60));
    expect(rows().length).toBe(50);
    await fireEvent.click(screen.getByText('Show older'));
    await settle();
    expect(queries().at(-1)).toEqual({ filter: {}, limit: 50, before: 30 });
    expect(rows().length).toBe(79);
    expect(screen.queryByText('Show older')).toBeNull();
    expect(document.activeElement?.getAttribute('data-entry')).toBe('29');
    expect(screen.getByTestId('activity-status').textContent).toContain('79 entries shown');
  });

  it('asks for one kind, and for a text once that is typed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const settled = () => vi.advanceTimersByTimeAsync(300);
    const opened = start(fixtures['few'] ?? null);
    await settled();
    await opened;
    answer(agentWith([]));
    await fireEvent.click(screen.getByRole('button', { name: 'Activity' }));
    await settled();
    expect(screen.getByTestId('activity-status').textContent).toContain('Nothing has happened yet.');
    await fireEvent.change(screen.getByLabelText('Show'), { target: { value: 'link' } });
    await settled();
    const before = queries().length;
    await type('Find in the activity', 'ter');
    await type('Find in the activity', ' terraform ');
    await settled();
    expect(queries().length).toBe(before + 1);
    expect(queries().at(-1)?.filter).toEqual({ kinds: ['link'], text: 'terraform' });
    expect(screen.getByTestId('activity-status').textContent).toContain('Nothing matches.');
    await fireEvent.keyDown(screen.getByLabelText('Find in the activity'), { key: 'Escape' });
    await settled();
    expect(queries().at(-1)?.filter).toEqual({ kinds: ['link'] });
  });

  it('shows what comes while it is open', async () => {
    const entries = journal(60);
    await open(entries.slice(1));
    await fireEvent.click(screen.getByText('Show older'));
    await settle();
    answer(agentWith(entries));
    const [before] = rows();
    await emit('state', { ...(fixtures['few'] ?? state()), now: at(1) });
    expect(rows().length).toBe(79);
    // What was there stays as it is, and nothing is said of what comes by itself.
    expect(rows()[1]).toBe(before);
    expect(screen.getByTestId('activity-status').textContent).toContain('78 entries shown');
    expect(rows()[0]?.textContent).toContain('You copied a console link of prod-admin');
  });

  it('exports what is listed and says where', async () => {
    await open(journal(0));
    answer(() => Promise.resolve({ written: { path: '/home/ada/Downloads/a.jsonl', warnings: [] } }));
    await fireEvent.click(screen.getByRole('button', { name: 'Export' }));
    await settle();
    expect(acted().at(-1)).toEqual({ export_journal: {} });
    expect(screen.getByTestId('told').textContent).toContain('Written to /home/ada/Downloads/a.jsonl.');
  });

  it('says what failed and keeps what is shown', async () => {
    await open(journal(60));
    answer(() => Promise.reject(rejected));
    await fireEvent.click(screen.getByText('Show older'));
    await settle();
    expect(within(screen.getByTestId('activity')).getByRole('alert').textContent).toContain(rejected.what);
    expect(rows().length).toBe(50);
  });

  it('goes back to the list', async () => {
    await open([]);
    await fireEvent.click(screen.getByRole('button', { name: 'Back to the list' }));
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('t8_shows_names_as_text', async () => {
    const container = await open(journal(0));
    expect(container.querySelector('img')).toBeNull();
    const hostile = rows().find((row) => row.textContent?.includes('onerror'));
    const names = [...(hostile?.querySelectorAll('bdi') ?? [])].map((one) => one.textContent);
    expect(names.filter((name) => name?.startsWith('<img')).length).toBe(2);
  });
});

describe('an entry', () => {
  const entry = (over: Partial<Entry>): Entry => ({ number: 1, at: at(0), event: 'link_reused', ...over });

  it('has a sentence for everything that can happen', () => {
    for (const event of Object.keys(strings.activity.said)) {
      const line = lineOf(entry({ event, to: 'browser', by: 'you' }));
      expect(line.text, event).toMatch(/\w/);
      expect(line.text, event).not.toContain('does not know');
      const wanted = [...line.text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
      expect(wanted.filter((name) => !(name in line.values)), event).toEqual([]);
    }
  });

  it('of another version is shown by its name, whatever that is', () => {
    for (const event of ['toString', '__proto__', '']) {
      expect(kindOf(event)).toBe('other');
      expect(lineOf(entry({ event })).values['event']).toBe(event);
    }
  });

  it('tells how often, for what and why', () => {
    const used = lineOf(
      entry({ event: 'credentials_given', by: 'unnamed', read_only: true, again: { times: 2, since: at(0) } }),
    );
    expect(used.besides).toEqual(['read-only', `2 times more since ${clock(at(0))}`]);
    const asked = lineOf(entry({ event: 'code_asked', identity: 'work', role: 'billing' }));
    expect([asked.values['who'], ...asked.besides]).toEqual(['Somebody', 'for billing']);
    const locked = lineOf(entry({ event: 'locked', why: 'idle', by: 'daypass' }));
    expect(locked.besides).toEqual(['nobody used it']);
  });

  it('stands under its day', () => {
    const DAY = 24 * 3600;
    const told = [0, -DAY, -3 * DAY, -3 * DAY].map((seconds, index) =>
      entry({ number: 9 - index, at: at(seconds) }),
    );
    expect(days(told, NOW).map(({ title, entries }) => [title, entries.length])).toEqual([
      ['Today', 1],
      ['Yesterday', 1],
      // ICU is not of one mind on the comma.
      [expect.stringMatching(/^Friday,? 27 February 2026$/), 2],
    ]);
  });
});

describe('reading again', () => {
  const page = (numbers: number[], next: number | null) => ({
    entries: numbers.map((number) => ({ number, at: at(0), event: 'link_reused' })),
    next,
  });

  it('keeps the older pages, unless too much has happened meanwhile', () => {
    const shown = page([5, 4, 3], 3);
    expect(refreshed(shown, page([7, 6, 5], 5))).toEqual(page([7, 6, 5, 4, 3], 3));
    expect(refreshed(shown, page([9, 8, 7], 7))).toEqual(page([9, 8, 7], 7));
    expect(refreshed(page([], null), page([1], null))).toEqual(page([1], null));
  });
});
