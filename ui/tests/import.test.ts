import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { fixtures, identity, plan, rejected, state } from '../dev/fixtures';
import type { Action, Answer, FoundRole, ImportPlan, ImportReport } from '../src/lib/agent';
import { merge, portions, requests, sort, take, USUAL } from '../src/lib/plan';
import { acted, answer, emit, settle, start, type } from './popup';

const nothingLeft = { keysLeft: new Set<string>(), rolesLeft: new Set<string>(), agreed: false };

const chained = (name: string, source: string): FoundRole => ({
  role: { name, source, arn: 'arn:aws:iam::111122223333:role/Admin', session: 'daily' },
  origin: `[profile ${name}]`,
  beware: [],
  known: false,
});

describe('what is taken of a plan', () => {
  const found = sort(plan(3));

  it('is everything new; what needs agreement only once it is given', () => {
    expect(found.known).toEqual({ keys: 1, roles: 1 });
    expect(take(found, nothingLeft)).toEqual({
      keys: ['ada', 'old-laptop', 'vaulted'],
      roles: ['team-1', 'team-2', 'team-3'],
    });
    expect(take(found, { ...nothingLeft, agreed: true }).roles).toContain('own-endpoint');
  });

  it('is asked for in one request without names where nothing was left out', () => {
    expect(requests(USUAL, found, nothingLeft)).toEqual([{ from: USUAL, only: [], agreed: false }]);
  });

  it('leaves out what starts from something that was left out', () => {
    const keysLeft = new Set(['ada']);
    expect(take(found, { ...nothingLeft, keysLeft })).toEqual({ keys: ['old-laptop', 'vaulted'], roles: [] });
    const hub = sort({
      ...plan(1),
      roles: [chained('far', 'near'), chained('near', 'team-1'), chained('else', 'in-daypass'), ...plan(1).roles],
    });
    expect(take(hub, nothingLeft).roles).toEqual(['else', 'team-1', 'near', 'far']);
    const rolesLeft = new Set(['near']);
    expect(take(hub, { ...nothingLeft, rolesLeft }).roles).toEqual(['else', 'team-1']);
  });

  it('t9_ends_with_roles_in_a_circle', () => {
    const circle = sort({ ...plan(1), roles: [chained('a', 'b'), chained('b', 'a'), chained('c', 'c')] });
    expect(take(circle, nothingLeft).roles).toEqual([]);
  });

  it('is nothing where all was left out', () => {
    const keysLeft = new Set(['ada', 'old-laptop', 'vaulted']);
    expect(requests(USUAL, found, { ...nothingLeft, keysLeft })).toEqual([]);
  });

  it('fits into requests, however many names there are, and loses none', () => {
    const many = sort(plan(10_000));
    const all = requests(USUAL, many, { ...nothingLeft, rolesLeft: new Set(['team-1']) });
    expect(all.length).toBeGreaterThan(1);
    for (const choice of all) expect(JSON.stringify(choice).length).toBeLessThan(60 * 1024);
    expect(all.flatMap((choice) => choice.only).length).toBe(3 + 9_999);
    expect(portions(['ключ', 'b'], 12)).toEqual([['ключ'], ['b']]);
    expect(portions([], 12)).toEqual([]);
  });

  it('is reported as one', () => {
    const report: ImportReport = { identities: ['a'], roles: 2, failed: [], still_plain: ['a'] };
    expect(merge([report, { ...report, identities: ['b'] }])).toEqual({
      identities: ['a', 'b'],
      roles: 4,
      failed: [],
      still_plain: ['a'],
    });
  });
});

const report: ImportReport = {
  identities: ['ada', 'old-laptop'],
  roles: 3,
  failed: [{ origin: '[profile x] in /home/ada/.aws/config', problem: rejected }],
  still_plain: ['ada', 'old-laptop'],
};

/** Answers a plan and a report; the rest is done. */
function agent(given: ImportPlan): void {
  answer((action: Action): Promise<Answer> => {
    if (typeof action === 'string') return Promise.resolve(null);
    if ('plan_import' in action) return Promise.resolve({ import_plan: given });
    if ('import' in action) return Promise.resolve({ imported: report });
    return Promise.resolve({ written: { path: '/home/ada/.aws/credentials', warnings: [] } });
  });
}

async function look(given: ImportPlan): Promise<HTMLElement> {
  const container = await start(state());
  agent(given);
  await fireEvent.click(screen.getByRole('button', { name: 'Bring over what is on this computer' }));
  await settle();
  return container;
}

const submit = async () => {
  await fireEvent.submit(screen.getByTestId('import-plan'));
  await settle();
};

describe('the import', () => {
  it('is offered in the first run and from the list, and looks only when asked to', async () => {
    await look(plan(3));
    expect(acted()).toEqual([{ plan_import: USUAL }]);
    expect(document.activeElement?.tagName).toBe('H1');
    await fireEvent.click(screen.getByRole('button', { name: 'Back to the list' }));
    expect(screen.getByTestId('first-key')).toBeTruthy();
    await emit('state', fixtures['one'] ?? state());
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Bring over from this computer' }));
    await settle();
    expect(screen.getByTestId('import-plan')).toBeTruthy();
  });

  it('shows what would be taken, what lies in plain text, and what is left alone and why', async () => {
    await look(plan(3));
    const page = screen.getByTestId('import-page');
    const keys = within(screen.getByRole('group', { name: '3 keys' }));
    expect(keys.getAllByRole('listitem').map((item) => item.textContent?.includes('in plain text'))).toEqual([
      true,
      true,
      false,
    ]);
    expect(page.textContent).toContain('2 keys lie in files in plain text.');
    expect(within(screen.getByRole('group', { name: '3 roles' })).getAllByRole('checkbox').length).toBe(3);
    const alone = screen.getByRole('group', { name: '2 left alone', hidden: true });
    expect(alone.textContent).toContain('IAM Identity Center');
    expect(page.textContent).toContain('Daypass already has 1 key and 1 role of it.');
  });

  it('t9_takes_doubtful_settings_only_when_agreed', async () => {
    await look(plan(3));
    const agree = screen.getByRole<HTMLInputElement>('checkbox', { name: /^I know these settings/ });
    expect(agree.checked).toBe(false);
    expect(screen.getByTestId('import-plan').textContent).toContain('endpoint_url = https://proxy.example');
    expect(screen.getByRole('button', { name: 'Bring over 3 keys and 3 roles' })).toBeTruthy();
    await submit();
    expect(acted().at(-1)).toEqual({ import: { from: USUAL, only: [], agreed: false } });
  });

  it('passes the agreement on', async () => {
    await look(plan(3));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^I know these settings/ }));
    expect(screen.getByRole('button', { name: 'Bring over 3 keys and 4 roles' })).toBeTruthy();
    await submit();
    expect(acted().at(-1)).toEqual({ import: { from: USUAL, only: [], agreed: true } });
  });

  it('leaves out what was unticked', async () => {
    await look(plan(2));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^team-2/ }));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^vaulted/ }));
    await submit();
    expect(acted().at(-1)).toEqual({
      import: { from: USUAL, only: ['ada', 'old-laptop', 'team-1'], agreed: false },
    });
  });

  it('copes with ten thousand roles: counts, a list drawn in part, and a search in it', async () => {
    const container = await look(plan(10_000));
    expect(container.querySelector('#import')?.textContent?.trim()).toBe('Bring over 3 keys and 10,000 roles');
    expect(container.querySelectorAll('li').length).toBeLessThan(120);
    await type('Find in 10,000 roles', 'team-9999');
    const left = screen.getByText('team-9999').closest('label')?.querySelector('input') as HTMLInputElement;
    await fireEvent.click(left);
    expect(container.querySelector('#import')?.textContent?.trim()).toBe('Bring over 3 keys and 9,999 roles');
    await submit();
    const names = acted().flatMap((action) => (action as { import?: { only: string[] } }).import?.only ?? []);
    expect(names.length).toBe(10_002);
    expect(names).not.toContain('team-9999');
  });

  it('shows progress, then what came and what did not', async () => {
    await look(plan(3));
    let finish: (given: Answer) => void = () => {};
    answer(() => new Promise((resolve) => (finish = resolve)));
    await submit();
    const page = screen.getByTestId('import-page');
    expect(within(page).getByRole('status').textContent).toContain('Bringing over…');
    await submit();
    expect(acted().length).toBe(2);
    // The keys that arrive do not take the page away before it has been read.
    await emit('state', state({ identities: [identity('ada')] }));
    finish({ imported: report });
    await settle();
    expect(screen.getByTestId('import-report').textContent).toContain('New in Daypass: 2 keys and 3 roles.');
    expect(screen.getByRole('group', { name: '1 did not work' }).textContent).toContain(rejected.what);
    await emit('state', fixtures['few'] ?? state());
    await fireEvent.click(screen.getByRole('button', { name: 'Go to the roles' }));
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('says what failed and keeps the plan', async () => {
    await look(plan(3));
    answer(() => Promise.reject(rejected));
    await submit();
    expect(screen.getByRole('alert').textContent).toContain(rejected.what);
    expect(screen.getByTestId('import-plan')).toBeTruthy();
  });

  it('looks in other places when told to', async () => {
    await look(plan(0));
    expect(screen.getByTestId('import-plan').textContent).toContain('nothing here that Daypass could take over');
    await type('Exported Leapp workspace', 'leapp.json');
    await fireEvent.submit(screen.getByRole('form', { name: 'Look in other places', hidden: true }));
    expect(acted().length).toBe(1);
    await type('Exported Leapp workspace', '/tmp/leapp.json');
    await fireEvent.submit(screen.getByRole('form', { name: 'Look in other places', hidden: true }));
    await settle();
    expect(acted().at(-1)).toEqual({ plan_import: { ...USUAL, leapp: '/tmp/leapp.json' } });
    await settle();
    expect(screen.getByLabelText<HTMLInputElement>('Exported Leapp workspace').value).toBe('/tmp/leapp.json');
  });

  it('shows names and origins as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const one = plan(1);
    const container = await look({
      identities: [],
      roles: [{ ...chained(hostile, 'x'), origin: hostile, beware: [hostile] }, chained(`${hostile}2`, 'y')],
      left_alone: [{ ...one.left_alone[0], origin: hostile, why: hostile }],
    });
    expect(container.querySelector('img')).toBeNull();
    expect(screen.getAllByText(hostile).every((element) => element.tagName === 'BDI')).toBe(true);
  });
});

describe('keys in plain text', () => {
  const done = async () => {
    await look(plan(3));
    await submit();
    return within(screen.getByTestId('plain-keys'));
  };

  it('are removed only when chosen one by one, and can be put back', async () => {
    const keys = await done();
    const boxes = keys.getAllByRole<HTMLInputElement>('checkbox');
    expect(boxes.map((box) => box.checked)).toEqual([false, false]);
    const button = keys.getByRole('button', { name: 'Remove from the file' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
    await fireEvent.submit(keys.getByRole('form'));
    expect(acted().length).toBe(2);

    await fireEvent.click(boxes[0] as HTMLElement);
    expect(keys.getByRole('button', { name: 'Remove 1 key from the file' }).getAttribute('aria-disabled')).toBe('false');
    await fireEvent.submit(keys.getByRole('form'));
    await settle();
    expect(acted().at(-1)).toEqual({ remove_plain_keys: { from: USUAL, identities: ['ada'] } });
    expect(screen.getByTestId('told').textContent).toContain('1 key removed from /home/ada/.aws/credentials.');
    expect(keys.getAllByRole('checkbox').length).toBe(1);

    keys.getByRole('button', { name: 'Put back' }).focus();
    await fireEvent.click(keys.getByRole('button', { name: 'Put back' }));
    await settle();
    expect(acted().at(-1)).toBe('restore_plain_keys');
    expect(document.activeElement?.id).toBe('plain-title');
    expect(keys.getAllByRole<HTMLInputElement>('checkbox').map((box) => box.checked)).toEqual([false, false]);
  });

  it('stay where they are when that fails', async () => {
    const keys = await done();
    await fireEvent.click(keys.getByRole('checkbox', { name: 'ada' }));
    answer(() => Promise.reject(rejected));
    await fireEvent.submit(keys.getByRole('form'));
    await settle();
    expect(keys.getByRole('alert').textContent).toContain(rejected.what);
    expect(keys.getAllByRole('checkbox').length).toBe(2);
  });
});
