import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { at, fixtures, NOW, rejected, role } from '../dev/fixtures';
import type { Answer, StateView } from '../src/lib/agent';
import { acted, answer, choose, emit, field, openMenu, press, settle, start, type } from './popup';
import { tauri } from './tauri';

const one = fixtures['one'] as StateView;
const told = () => screen.getByTestId('told').textContent?.trim();
const panel = (name: string) => within(screen.getByRole('group', { name }));
const send = async (name: string) => {
  await fireEvent.submit(screen.getByRole('form', { name }));
  await settle();
};

/** An answer that comes when it is told to. */
function pending(): (given: Answer) => Promise<void> {
  let give: (given: Answer) => void = () => {};
  answer(() => new Promise((resolve) => (give = resolve)));
  return (given) => {
    give(given);
    return settle();
  };
}

describe('a role’s menu', () => {
  it('opens with the pointer’s or the keyboard’s menu key and goes by arrow keys', async () => {
    const container = await start(one);
    await fireEvent.contextMenu(container.querySelector('[data-row]') as HTMLElement);
    await settle();
    const names = () =>
      [...screen.getByRole('menu').querySelectorAll('button')].map(
        (line) => line.querySelector('.text')?.textContent ?? line.getAttribute('aria-label'),
      );
    expect(names()).toEqual([
      'Open console',
      'Open read-only',
      'Other service or region…',
      'Copy sign-in link',
      'Copy for Bash',
      'Copy something else',
      'Open a terminal',
      'Renew now',
      'End session',
      'Favourite',
      'Keep renewed',
      'More',
    ]);
    const active = () => document.activeElement?.querySelector('.text')?.textContent;
    expect(active()).toBe('Open console');
    await press('ArrowUp');
    expect(active()).toBe('More');
    await press('ArrowRight');
    expect(screen.getByRole('menu', { name: 'More' })).toBeTruthy();
    expect(names()).toEqual([
      'Back',
      'Which browser…',
      'Account name and colour…',
      'Write to ~/.aws/credentials…',
      'Publish to Secrets Manager…',
      'Edit…',
      'Details',
      'Remove…',
    ]);
    expect(active()).toBe('Which browser…');
    await press('d');
    expect(active()).toBe('Details');
    await press('Escape');
    expect(active()).toBe('More');
    await press('Escape');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(field());
    await press('F10', { shiftKey: true });
    expect(active()).toBe('Open console');
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('opens the console read-only where that can be done, and only there', async () => {
    await start(one);
    await choose('prod-admin', 'Open read-only');
    expect(acted()).toEqual([
      { open_console: { role: 'prod-admin', read_only: true, destination: null, region: null } },
    ]);
    await emit('state', { ...one, roles: [role('prod-admin', { can_read_only: false })] });
    await openMenu('prod-admin');
    expect(screen.queryByRole('menuitem', { name: /read-only/ })).toBeNull();
  });

  it('says before a link is copied what it is worth, and afterwards that it is there', async () => {
    await start(one);
    await choose('prod-admin', 'Copy something else', 'Sign-in link with options…');
    const group = screen.getByRole('group', { name: 'Copy a sign-in link' });
    const described = document.getElementById(group.getAttribute('aria-describedby') ?? '');
    expect(described?.textContent).toContain('Whoever has the link can sign in as prod-admin, for 15 minutes.');
    expect(acted()).toEqual([]);
    expect(screen.getByTestId('told').getAttribute('role')).toBe('status');
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Read-only' }));
    await type('Region', 'eu-central-1');
    const give = pending();
    await send('Copy a sign-in link');
    expect(screen.getByRole('button', { name: 'Getting the link…' })).toBeTruthy();
    expect(told()).toBe('');
    await give(null);
    expect(acted()).toEqual([
      {
        copy_link: {
          role: 'prod-admin',
          read_only: true,
          destination: null,
          region: 'eu-central-1',
        },
      },
    ]);
    expect(told()).toBe('Copied. It is cleared from the clipboard again soon.');
    expect(screen.queryByRole('group', { name: 'Copy a sign-in link' })).toBeNull();
    expect(document.activeElement).toBe(field());
  });

  it('lets the length be chosen only for a console that AWS lets choose it', async () => {
    await start(one);
    await choose('prod-admin', 'Copy something else', 'Sign-in link with options…');
    expect(screen.queryByLabelText('Signed in for')).toBeNull();
    await emit('state', { ...one, roles: [role('prod-admin', { session_kind: 'long' })] });
    await type('Signed in for', '20h');
    await send('Copy a sign-in link');
    expect(acted()).toEqual([]);
    await type('Signed in for', '8h');
    await send('Copy a sign-in link');
    expect(acted()).toMatchObject([{ copy_link: { duration: '8h' } }]);
  });

  it('shows what failed where it was asked for, and keeps what was typed', async () => {
    await start(one);
    await choose('prod-admin', 'Copy something else', 'Sign-in link with options…');
    await type('Region', 'eu-central-1');
    answer(() => Promise.reject(rejected));
    await send('Copy a sign-in link');
    expect(panel('Copy a sign-in link').getByRole('alert').textContent).toContain(rejected.what);
    expect(screen.getByLabelText<HTMLInputElement>('Region').value).toBe('eu-central-1');
    expect(told()).toBe('');
  });

  it('tells of a failure also when its form was closed meanwhile', async () => {
    await start(one);
    await choose('prod-admin', 'Copy something else', 'Sign-in link with options…');
    let fail: (why: unknown) => void = () => {};
    answer(() => new Promise((_, reject) => (fail = reject)));
    await send('Copy a sign-in link');
    await fireEvent.click(screen.getByRole('button', { name: 'Close: Copy a sign-in link' }));
    fail(rejected);
    await settle();
    expect(screen.getByRole('alert').textContent).toContain(rejected.what);
  });

  it('copies a session for the shell of the settings, unless another is chosen', async () => {
    const one = fixtures['one'] as StateView;
    await start({ ...one, settings: { ...one.settings, shell: 'zsh' } });
    await choose('prod-admin', 'Copy something else', 'For another shell…');
    await send('Copy for a shell');
    expect(acted()).toEqual([
      { copy_environment: { session: { role: 'prod-admin', read_only: false }, shell: 'zsh' } },
    ]);
  });

  it('copies a session for the shell that was chosen, and remembers it', async () => {
    await start(one);
    await choose('prod-admin', 'Copy something else', 'For another shell…');
    await fireEvent.click(screen.getByRole('radio', { name: 'fish' }));
    await send('Copy for a shell');
    expect(acted()).toEqual([
      { copy_environment: { session: { role: 'prod-admin', read_only: false }, shell: 'fish' } },
    ]);
    expect(told()).toContain('Copied.');
    await choose('prod-admin', 'Copy something else', 'For another shell…');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'fish' }).checked).toBe(true);
    expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'fish' }));
  });

  it('t10_writes_a_profile_only_after_a_word_on_plain_text', async () => {
    await start(one);
    await choose('prod-admin', 'More', 'Write to ~/.aws/credentials…');
    expect(acted()).toEqual([]);
    const group = screen.getByRole('group', { name: 'Write to ~/.aws/credentials' });
    expect(group.textContent).toContain('on disk in plain text');
    for (const bad of ['a]b', '[a']) {
      await type('Profile', bad);
      await send('Write to ~/.aws/credentials');
      expect(screen.getByRole('alert').textContent).toContain('without brackets');
    }
    expect(acted()).toEqual([]);
    await type('Profile', '');
    answer(() => Promise.resolve({ written: { path: '/home/ada/.aws/credentials', warnings: ['Others can read it.'] } }));
    await send('Write to ~/.aws/credentials');
    expect(acted()).toEqual([{ write_profile: { role: 'prod-admin' } }]);
    expect(told()).toBe('Written to /home/ada/.aws/credentials.');
    expect(screen.getByRole('alert').textContent).toContain('Others can read it.');
  });

  it('does not hide the window with Escape while a form is open', async () => {
    await start(one);
    await choose('prod-admin', 'More', 'Write to ~/.aws/credentials…');
    await fireEvent.keyDown(screen.getByLabelText('Profile'), { key: 'Escape' });
    await settle();
    expect(screen.queryByLabelText('Profile')).toBeNull();
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('leaves the keys of a text field to the field', async () => {
    await start(fixtures['few'] ?? null);
    await choose('staging', 'More', 'Write to ~/.aws/credentials…');
    const field = screen.getByLabelText('Profile');
    for (const key of ['Home', 'End', 'ArrowDown']) await fireEvent.keyDown(field, { key });
    expect(document.activeElement).toBe(field);
  });
});

describe('publishing', () => {
  const form = 'Publish to Secrets Manager';

  it('sends what was filled in, and says how long it works', async () => {
    await start(one);
    await choose('prod-admin', 'More', 'Publish to Secrets Manager…');
    await send(form);
    expect(screen.getByRole('alert').textContent).toContain('Which secret?');
    await type('Secret', 'has a blank');
    await send(form);
    expect(acted()).toEqual([]);
    await type('Secret', 'partners/reports');
    await type('Region', 'us-east-1');
    await fireEvent.click(screen.getByRole('checkbox', { name: /Make the secret/ }));
    await fireEvent.click(screen.getByRole('checkbox', { name: /each renewal/ }));
    answer(() => Promise.resolve({ published: { version_id: 'v', expires_at: at(3600) } }));
    await send(form);
    expect(acted()).toEqual([
      {
        publish: {
          publish: {
            role: 'prod-admin',
            secret_id: 'partners/reports',
            region: 'us-east-1',
            create: true,
            keep: true,
          },
        },
      },
    ]);
    expect(told()).toMatch(/^Published to partners\/reports\. It works for (1 hour|60 minutes)\.$/);
  });

  it('neither makes a secret nor repeats unless told to', async () => {
    await start(one);
    await choose('prod-admin', 'More', 'Publish to Secrets Manager…');
    await type('Secret', 'x');
    await send(form);
    expect(acted()).toEqual([
      { publish: { publish: { role: 'prod-admin', secret_id: 'x', create: false, keep: false } } },
    ]);
  });

  it('lists what is published, and stops it', async () => {
    const published = [
      { secret_id: 'reports/session', at: new Date(NOW - 25 * 60_000).toISOString() },
      { secret_id: 'other', at: null },
    ];
    await start({ ...one, roles: [role('prod-admin', { published })] });
    expect(screen.getByRole('button', { name: /^Open console as/ }).textContent).toContain('published');
    await choose('prod-admin', 'More', 'Publish to Secrets Manager…');
    const list = within(screen.getByRole('list', { name: 'Published at each renewal' }));
    expect(list.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      expect.stringMatching(/reports\/session\s*25 minutes ago/),
      expect.stringMatching(/other\s*at the next renewal/),
    ]);
    const [first, other] = list.getAllByRole('button');
    other?.focus();
    await fireEvent.click(list.getByRole('button', { name: 'Stop publishing to other' }));
    await settle();
    expect(document.activeElement).toBe(first);
    expect(told()).toContain('No longer published to other.');
    await emit('state', { ...one, roles: [role('prod-admin', { published: published.slice(0, 1) })] });
    await fireEvent.click(first as HTMLElement);
    await settle();
    expect(document.activeElement).toBe(screen.getByLabelText('Secret'));
    expect(acted().slice(0, 1)).toEqual([{ stop_publishing: { role: 'prod-admin', secret_id: 'other' } }]);
  });
});

describe('what a row tells besides', () => {
  it('is the role that another one is reached through', async () => {
    await start(fixtures['more'] ?? null);
    expect(
      screen.getByRole('button', { name: 'Open console as audit, account 444455556666, through prod-admin, ready to open' })
        .textContent,
    ).toContain('through prod-admin');
    expect(screen.getByRole('button', { name: /^Open console as me,/ }).textContent).toContain('your own user');
    await choose('audit', 'More', 'Details');
    expect(panel('Details').getByText('Through')).toBeTruthy();
  });
});
