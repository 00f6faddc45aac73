import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { at, browsers, fixtures, identity, prompt, rejected, role, session, state } from '../dev/fixtures';
import type { NewRole, RoleView, StateView } from '../src/lib/agent';
import { acted, answer, choose, current, emit, field, openMenu, press, settle, start } from './popup';
import { tauri } from './tauri';

const one = fixtures['one'] as StateView;
const few = fixtures['few'] as StateView;
const twelve = fixtures['twelve'] as StateView;
const told = () => screen.getByTestId('told').textContent?.trim();
const rows = () => [...document.querySelectorAll<HTMLElement>('[data-role]')].map((row) => row.dataset['role']);
const find = async (text: string) => {
  await fireEvent.input(field(), { target: { value: text } });
  await settle();
};
const send = async (name: string) => {
  await fireEvent.submit(screen.getByRole('form', { name }));
  await settle();
};

describe('the list', () => {
  it('stands in sections: favourites, those used last, accounts with their names', async () => {
    await start(twelve);
    const heads = [...document.querySelectorAll('[data-section]')].map((head) =>
      head.textContent?.replace(/\s+/g, ' ').trim(),
    );
    expect(heads.slice(0, 4)).toEqual(['Favourites', 'Used last', 'Shop 131528304347', '162137425868']);
    expect(rows().slice(0, 5)).toEqual(['prod-admin', 'billing', 'ci-deploy', 'sandbox', 'prod-read']);
    expect(new Set(rows()).size).toBe(12);
  });

  it('marks production with a word, also for whom the colour says nothing', async () => {
    await start(twelve);
    const row = document.querySelector('[data-role="prod-admin"]');
    expect(row?.textContent).toContain('Production');
    expect(row?.querySelector('button')?.getAttribute('aria-label')).toMatch(
      /^Open console as prod-admin, account 111122223333, Shop, Production, favourite, kept renewed, \d+ minutes left/,
    );
    expect(document.querySelector('[data-role="staging"]')?.textContent).not.toContain('Production');
  });

  it('is a grid whose rows the search field points at', async () => {
    await start(few);
    const grid = screen.getByRole('grid', { name: 'Roles' });
    expect(field().getAttribute('aria-controls')).toBe(grid.id);
    expect(grid.getAttribute('aria-rowcount')).toBe('7');
    const places = within(grid)
      .getAllByRole('row')
      .map((row) => row.getAttribute('aria-rowindex'));
    expect(places).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(current()).toBe('prod-admin');
  });

  it('has the state of every identity, of many only those that want something', async () => {
    const wanting = identity('tired', { mfa: session('none') });
    const many = [...Array.from({ length: 9 }, (_, n) => identity(`calm-${n}`)), wanting];
    await start({ ...one, identities: many });
    const keys = () => within(screen.getByRole('region', { name: 'Keys' })).getAllByRole('heading');
    expect(keys().map((head) => head.textContent)).toEqual(['tired']);
    const more = screen.getByText('9 more keys').closest('details') as HTMLDetailsElement;
    more.open = true;
    await fireEvent(more, new Event('toggle'));
    await settle();
    expect(keys().length).toBe(10);
  });

  it('offers a role for a key that has none', async () => {
    await start({ ...one, identities: [identity('work'), identity('new')] });
    await fireEvent.click(screen.getByRole('button', { name: 'Add a role' }));
    expect(screen.getByRole('form', { name: 'Add a role' })).toBeTruthy();
  });
});

describe('the keys of the list', () => {
  it('go from row to row, and Enter opens', async () => {
    await start(few);
    expect(document.activeElement).toBe(field());
    await press('ArrowDown');
    expect(current()).toBe('staging');
    await press('End');
    expect(current()).toBe('logs');
    await press('ArrowDown');
    expect(current()).toBe('logs');
    await press('ArrowUp');
    expect(current()).toBe('billing');
    await press('Home');
    expect(current()).toBe('prod-admin');
    await press('PageDown');
    expect(current()).toBe('logs');
    await press('Enter');
    await press('Enter', { shiftKey: true });
    expect(acted()).toEqual([
      { open_console: { role: 'logs', destination: null, region: null } },
      { open_console: { role: 'logs', read_only: true, destination: null, region: null } },
    ]);
  });

  it('open nothing again while Enter is held down', async () => {
    await start(few);
    await press('Enter', { repeat: true });
    expect(acted()).toEqual([]);
  });

  it('press no button that got the focus while Enter is held down', async () => {
    await start({ ...few, locked: true });
    await press('Enter');
    const unlock = screen.getByRole('button', { name: 'Unlock' });
    expect(document.activeElement).toBe(unlock);
    // Without that the browser presses it.
    expect(await fireEvent.keyDown(unlock, { key: 'Enter', repeat: true })).toBe(false);
    expect(await fireEvent.keyDown(unlock, { key: 'Enter' })).toBe(true);
  });

  it('and the mouse open no role that came under the pointer while its button was down', async () => {
    await start(few);
    const [first, second, ...rest] = few.roles as [RoleView, RoleView, ...RoleView[]];
    const row = document.querySelector(`[data-role="${first.name}"] button`) as HTMLElement;
    await fireEvent.mouseDown(row);
    await emit('state', { ...few, roles: [second, first, ...rest] });
    expect(row.closest<HTMLElement>('[data-role]')?.dataset['role']).toBe(second.name);
    await fireEvent.click(row);
    expect(acted()).toEqual([]);
    await fireEvent.mouseDown(row);
    await fireEvent.click(row);
    expect(acted()).toEqual([{ open_console: { role: second.name, destination: null, region: null } }]);
  });

  it('do each action, once at a time, and say what was done', async () => {
    await start(few);
    await press('ArrowDown');
    for (const key of ['c', 'e', 't', 'r', 'd', 'p']) await press(key, { ctrlKey: true });
    expect(acted()).toEqual([
      { copy_link: { role: 'staging', destination: null, region: null } },
      { copy_environment: { session: { role: 'staging', read_only: false }, shell: 'bash' } },
      { open_terminal: { role: 'staging' } },
      { renew_session: { role: 'staging' } },
      { favourite: { role: 'staging', on: true } },
      { pin: { role: 'staging', on: true } },
    ]);
    expect(told()).toBe('staging is kept renewed.');
    let done: (given: null) => void = () => {};
    answer(() => new Promise((resolve) => (done = resolve)));
    await press('c', { ctrlKey: true });
    await press('c', { ctrlKey: true });
    expect(acted().length).toBe(7);
    done(null);
    await settle();
    expect(told()).toContain('It is cleared from the clipboard again soon.');
  });

  it('copy the text that is selected and nothing else', async () => {
    await start(few);
    await find('stag');
    field().setSelectionRange(0, 3);
    await press('c', { ctrlKey: true });
    expect(acted()).toEqual([]);
  });

  it('copy the link where the search was selected to be typed over', async () => {
    await start(few);
    await find('stag');
    await choose('staging', 'More', 'Details');
    await press('Escape');
    expect(field().selectionEnd).toBe(4);
    await press('c', { ctrlKey: true });
    expect(acted()).toEqual([{ copy_link: { role: 'staging', destination: null, region: null } }]);
  });

  it('do what has another key with it where nothing has the focus', async () => {
    await start(few);
    field().blur();
    await press('Enter');
    await press('Enter', { shiftKey: true });
    expect(acted()).toEqual([]);
    await press('Enter', { ctrlKey: true });
    expect(screen.getByRole('menu')).toBeTruthy();
  });

  it('tell of what did not work', async () => {
    await start(few);
    answer(() => Promise.reject(rejected));
    await press('t', { ctrlKey: true });
    expect(screen.getByRole('alert').textContent).toContain(rejected.what);
    expect(told()).toBe('');
  });

  it('say that a role cannot be held to reading', async () => {
    await start({ ...one, roles: [role('me', { can_read_only: false })] });
    await press('Enter', { shiftKey: true });
    expect(acted()).toEqual([]);
    expect(told()).toBe('me cannot be opened read-only.');
  });

  it('type into the search field from anywhere in the list', async () => {
    await start(few);
    const more = screen.getByRole('button', { name: 'Details of work' });
    more.focus();
    await press('b');
    expect(document.activeElement).toBe(field());
    expect(field().value).toBe('b');
    expect(current()).toBe('billing');
  });

  it('leave a button what is a button’s', async () => {
    await start(few);
    screen.getByRole('button', { name: 'Details of work' }).focus();
    await press('Enter');
    await press(' ');
    expect(acted()).toEqual([]);
  });

  it('clear with Escape first, and hide then', async () => {
    await start(few);
    await find('bil');
    await press('Escape');
    expect(field().value).toBe('');
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
    await press('Escape');
    expect(tauri.invoke).toHaveBeenCalledWith('hide');
  });

  it('are shown in a dialog that keeps the focus until it is closed', async () => {
    await start(few);
    await press('?', { shiftKey: true });
    const dialog = screen.getByRole('dialog', { name: 'Keys' });
    expect(dialog.getAttribute('aria-modal')).toBe('true');
    expect(dialog.textContent).toContain('Copy sign-in link');
    const close = within(dialog).getByRole('button', { name: 'Close: Keys' });
    expect(document.activeElement).toBe(close);
    const tab = new KeyboardEvent('keydown', { key: 'Tab', bubbles: true, cancelable: true });
    close.dispatchEvent(tab);
    expect(tab.defaultPrevented).toBe(true);
    await press('c', { ctrlKey: true });
    expect(acted()).toEqual([]);
    await press('Escape');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(field());
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('are not in the way of a code', async () => {
    await start(few);
    await fireEvent.click(screen.getByRole('button', { name: 'Show the keys' }));
    await emit('state', { ...few, prompt: prompt() });
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement?.id).toBe('code');
    for (const key of ['1', 'ArrowDown', 'Home']) await press(key);
    expect(field().value).toBe('');
    expect(current()).toBe('prod-admin');
  });
});

describe('while a code is asked for', () => {
  it('no menu to add anything is in its way', async () => {
    await start(few);
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await emit('state', { ...few, prompt: prompt() });
    expect(screen.queryByTestId('behind')).toBeNull();
  });

  it('a menu and the keys stay open when the state changes, and go for another code', async () => {
    const asked = { ...few, prompt: prompt() };
    await start(asked);
    await openMenu('staging');
    await emit('state', { ...asked, prompt: prompt() });
    expect(screen.getByRole('menu').contains(document.activeElement)).toBe(true);
    await press('Escape');
    await fireEvent.click(screen.getByRole('button', { name: 'Show the keys' }));
    await emit('state', { ...asked, prompt: prompt() });
    expect(screen.getByRole('dialog')).toBeTruthy();
    await emit('state', { ...asked, prompt: prompt({ session: { role: 'billing', read_only: false } }) });
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

describe('the search', () => {
  it('shows the best first, its letters marked, and says how many', async () => {
    await start(twelve);
    await find('adm');
    expect(rows()).toEqual(['prod-admin', 'sandbox', 'audit', 'dns']);
    expect(current()).toBe('prod-admin');
    const name = document.querySelector('[data-role="prod-admin"] .name');
    expect([...(name?.querySelectorAll('mark') ?? [])].map((mark) => mark.textContent)).toEqual(['adm']);
    expect(screen.getByText('4 roles found').getAttribute('role')).toBe('status');
    expect(document.querySelector('[data-section]')).toBeNull();
    await find('no such');
    expect(rows()).toEqual([]);
    expect(screen.getByText('No role has that in its name, account or AWS name.')).toBeTruthy();
    await press('Enter');
    await press('ArrowDown');
    expect(acted()).toEqual([]);
  });

  it('is typed over when the window comes back', async () => {
    await start(twelve);
    await find('adm');
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    await emit('show', 'roles');
    expect([field().selectionStart, field().selectionEnd]).toEqual([0, 3]);
  });

  it('keeps the row that the keys are on while the state changes', async () => {
    await start(few);
    await press('End');
    await emit('state', { ...few, roles: [role('aaa', { favourite: true }), ...few.roles] });
    expect(current()).toBe('logs');
    await emit('state', { ...few, roles: few.roles.slice(0, 2) });
    expect(current()).toBe('prod-admin');
  });
});

describe('ten thousand roles', () => {
  const roles = Array.from({ length: 10_000 }, (_, index) => role(`team-${index + 1}`));
  const many = state({ identities: one.identities, roles });

  it('are there, but only those in view are drawn', async () => {
    await start(many);
    expect(rows().length).toBeLessThan(40);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001');
    await find('team-9999');
    expect(rows()).toEqual(['team-9999']);
  });

  it('are gone through by keys, the focus staying where it is', async () => {
    const container = await start(many);
    const main = container.querySelector('main') as HTMLElement;
    const lines = screen.getByRole('grid').firstElementChild as HTMLElement;
    vi.spyOn(lines, 'getBoundingClientRect').mockImplementation(() => new DOMRect(0, -main.scrollTop));
    for (let page = 0; page < 9; page += 1) await press('PageDown');
    const name = current();
    expect(Number(name?.slice('team-'.length))).toBeGreaterThan(60);
    expect(rows()).not.toContain('team-1');
    expect(rows().length).toBeLessThan(40);
    main.scrollTop = 5_000 * 46;
    await fireEvent.scroll(main);
    expect(rows()).toContain('team-5000');
    expect(field().hasAttribute('aria-activedescendant')).toBe(false);
    expect(document.activeElement).toBe(field());
    // A role that was not in view is only shown.
    await press('Enter');
    expect(current()).toBe(name);
    expect(acted()).toEqual([]);
    await press('Enter');
    expect(acted()).toEqual([{ open_console: { role: name, destination: null, region: null } }]);
  });

  it('are scrolled to as a whole, wherever the lines begin', async () => {
    const container = await start(state({ identities: one.identities, roles: roles.slice(0, 100) }));
    const main = container.querySelector('main') as HTMLElement;
    const lines = screen.getByRole('grid').firstElementChild as HTMLElement;
    vi.spyOn(lines, 'getBoundingClientRect').mockImplementation(() => new DOMRect(0, 6 - main.scrollTop));
    await press('End');
    expect(current()).toBe('team-100');
    expect(main.scrollTop).toBe(6 + 34 + 100 * 46 - innerHeight);
  });
});

describe('an open menu', () => {
  it('is closed by a click beside it, which does nothing else', async () => {
    await start(few);
    await openMenu('staging');
    await fireEvent.click(screen.getByTestId('behind'));
    expect(screen.queryByRole('menu')).toBeNull();
    expect(screen.queryByTestId('behind')).toBeNull();
    expect(document.activeElement).toBe(field());
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(screen.getByTestId('behind'));
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Add' }));
    expect(acted()).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a role’s menu', () => openMenu('staging')],
    ['the menu to add', () => fireEvent.click(screen.getByRole('button', { name: 'Add' }))],
    ['the keys', () => fireEvent.click(screen.getByRole('button', { name: 'Show the keys' }))],
  ])('goes when the window comes back: %s', async (_, open) => {
    await start(few);
    await open();
    await settle();
    await emit('show', 'roles');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(field());
    await press('Home');
    await press('ArrowDown');
    expect(current()).toBe('staging');
  });
});

describe('what a role’s menu does', () => {
  it('is ended only after a question where it may be in use', async () => {
    const used = (over = {}) => role('prod', { session: session('active', -60, 3000), ...over });
    await start({ ...one, roles: [used()] });
    await choose('prod', 'End session');
    expect(acted()).toEqual([{ end_session: { role: 'prod' } }]);
    await emit('state', { ...one, roles: [used({ last_used: at(-30) })] });
    await choose('prod', 'End session…');
    expect(acted().length).toBe(1);
    const question = within(screen.getByRole('group', { name: 'End session of prod' }));
    await fireEvent.click(question.getByRole('button', { name: 'End session of prod' }));
    await settle();
    expect(acted().length).toBe(2);
    expect(told()).toContain('The session of prod has ended here.');
    await emit('state', { ...one, roles: [role('prod')] });
    await openMenu('prod');
    expect(screen.queryByRole('menuitem', { name: /End session/ })).toBeNull();
  });

  it('shows what is on and turns it off', async () => {
    await start({ ...one, roles: [role('prod', { favourite: true, pinned: true })] });
    await openMenu('prod');
    const checked = screen.getAllByRole('menuitemcheckbox').map((line) => line.getAttribute('aria-checked'));
    expect(checked).toEqual(['true', 'true']);
    await press('Escape');
    await choose('prod', 'Favourite');
    await choose('prod', 'Keep renewed');
    expect(acted()).toEqual([{ favourite: { role: 'prod', on: false } }, { pin: { role: 'prod', on: false } }]);
  });

  it('opens a chosen service and region, read-only if wanted', async () => {
    await start(one);
    await choose('prod-admin', 'Other service or region…');
    await fireEvent.click(screen.getByRole('button', { name: 'S3' }));
    await fireEvent.input(screen.getByLabelText('Region'), { target: { value: 'not a region' } });
    await send('Other service or region');
    expect(acted()).toEqual([]);
    await fireEvent.input(screen.getByLabelText('Region'), { target: { value: 'us-east-1' } });
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Read-only' }));
    await send('Other service or region');
    expect(acted()).toEqual([
      { open_console: { role: 'prod-admin', destination: 's3', region: 'us-east-1', read_only: true } },
    ]);
    expect(document.activeElement).toBe(field());
  });

  it('logs out only by a button of its own, after a word on what that does', async () => {
    await start(one);
    await choose('prod-admin', 'Other service or region…');
    const group = screen.getByRole('group', { name: /You must first log out/ });
    expect(group.textContent).toContain('logs out of all that are open there');
    await fireEvent.click(within(group).getByRole('button', { name: 'Log out and open' }));
    await settle();
    expect(acted()).toEqual([
      { open_console: { role: 'prod-admin', destination: null, region: null, sign_out: true } },
    ]);
  });

  it('copies the profile’s lines', async () => {
    await start(one);
    await choose('prod-admin', 'Copy something else', 'Profile for ~/.aws/config');
    expect(acted()).toEqual([{ copy_profile: { role: 'prod-admin' } }]);
    expect(told()).toContain('Copied: a profile of prod-admin.');
  });

  it('chooses a browser for the role, or for its account with what is said of that', async () => {
    await start({ ...one, accounts: [{ id: '111122223333', name: 'Shop', production: true }] });
    answer((action) => Promise.resolve(action === 'browsers' ? { browsers } : null));
    await choose('prod-admin', 'More', 'Which browser…');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'As the settings say' }).checked).toBe(true);
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Default browser' }).checked).toBe(false);
    await fireEvent.click(screen.getByRole('radio', { name: 'Firefox, container Bank' }));
    await send('Which browser');
    expect(told()).toBe('prod-admin opens in Firefox, container Bank.');
    await choose('prod-admin', 'More', 'Which browser…');
    await fireEvent.click(screen.getByRole('radio', { name: 'Default browser' }));
    await send('Which browser');
    expect(told()).toBe('prod-admin opens in Default browser.');
    await choose('prod-admin', 'More', 'Which browser…');
    await fireEvent.click(screen.getByRole('radio', { name: 'its whole account' }));
    await fireEvent.click(screen.getByRole('radio', { name: 'Chromium, profile Ada at work' }));
    await send('Which browser');
    expect(acted()).toEqual([
      'browsers',
      { open_role_in: { role: 'prod-admin', browser: { program: 'firefox', container: 'Bank' } } },
      'browsers',
      { open_role_in: { role: 'prod-admin', browser: { program: 'system' } } },
      'browsers',
      {
        set_account: {
          id: '111122223333',
          name: 'Shop',
          production: true,
          browser: { program: 'chromium', profile: 'Profile 1' },
        },
      },
    ]);
  });

  it('keeps a browser that is not there any more until another is chosen', async () => {
    await start({ ...one, roles: [role('prod', { browser: { program: 'opera', profile: 'x' } })] });
    answer((action) => Promise.resolve(action === 'browsers' ? { browsers } : null));
    await choose('prod', 'More', 'Which browser…');
    const gone = screen.getByRole<HTMLInputElement>('radio', { name: 'opera (x), which is not on this computer' });
    expect(gone.checked).toBe(true);
    await fireEvent.click(screen.getByRole('radio', { name: 'As the settings say' }));
    await send('Which browser');
    expect(acted().at(-1)).toEqual({ open_role_in: { role: 'prod', browser: null } });
  });

  it('changes a role, and keeps what the form has no field for', async () => {
    const before: NewRole = {
      name: 'prod-admin',
      identity: 'work',
      arn: 'arn:aws:iam::111122223333:role/Admin',
      session: 'daily',
      external_id: 'deploy',
      tags: { team: 'core', cost: '7' },
      transitive_tags: ['team'],
      policy: '{}',
      favourite: true,
      browser: { program: 'firefox' },
      console_duration: '2h',
    };
    await start(few);
    answer((action) =>
      Promise.resolve(typeof action === 'object' && 'describe_role' in action ? { role: { role: before, policies: { Err: rejected } } } : null),
    );
    await choose('prod-admin', 'More', 'Edit…');
    expect(screen.queryByLabelText('Name')).toBeNull();
    expect(document.activeElement).toBe(screen.getByLabelText('Role ARN'));
    expect(screen.getByLabelText<HTMLInputElement>('External ID').value).toBe('deploy');
    await fireEvent.input(screen.getByLabelText('Region'), { target: { value: 'not a region' } });
    await send('prod-admin');
    expect(screen.getByText('A region looks like eu-west-1.')).toBeTruthy();
    await fireEvent.input(screen.getByLabelText('Region'), { target: { value: 'EU-WEST-1' } });
    expect(screen.queryByText('A region looks like eu-west-1.')).toBeNull();
    await send('prod-admin');
    expect(acted()).toEqual([
      { describe_role: { name: 'prod-admin' } },
      { describe_role: { name: 'prod-admin' } },
      { add_role: { ...before, region: 'eu-west-1' } },
    ]);
    expect(told()).toBe('prod-admin was changed.');
    expect(document.activeElement).toBe(field());
  });

  it('does not undo what was changed elsewhere while a role was edited', async () => {
    let now: NewRole = { name: 'prod-admin', identity: 'work', arn: 'arn:aws:iam::1:role/x', session: 'daily' };
    now.arn = 'arn:aws:iam::111122223333:role/Admin';
    await start(few);
    answer(() => Promise.resolve({ role: { role: now, policies: { Err: rejected } } }));
    await choose('prod-admin', 'More', 'Edit…');
    now = { ...now, duration: '1h' };
    await send('prod-admin');
    expect(screen.getByRole('alert').textContent).toContain('changed elsewhere');
    expect(acted().some((action) => JSON.stringify(action).includes('add_role'))).toBe(false);
  });

  it('throws away an edited role only with a second Escape', async () => {
    const now: NewRole = { name: 'prod-admin', identity: 'work', arn: 'arn:aws:iam::1:role/x', session: 'daily' };
    await start(few);
    answer(() => Promise.resolve({ role: { role: now, policies: { Err: rejected } } }));
    await choose('prod-admin', 'More', 'Edit…');
    await fireEvent.input(screen.getByLabelText('Region'), { target: { value: 'eu-west-1' } });
    await press('Escape');
    expect(told()).toContain('Once more throws away');
    expect(screen.getByLabelText<HTMLInputElement>('Region').value).toBe('eu-west-1');
    await press('Escape');
    expect(document.activeElement).toBe(field());
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('shows a refusal that is about no field of the form', async () => {
    const now: NewRole = { name: 'prod-admin', identity: 'work', arn: 'arn:aws:iam::1:role/x', session: 'daily' };
    now.arn = 'arn:aws:iam::111122223333:role/Admin';
    await start(few);
    answer((action) =>
      typeof action === 'object' && 'add_role' in action
        ? Promise.reject({ ...rejected, what: 'The name is not to be had.' })
        : Promise.resolve({ role: { role: now, policies: { Err: rejected } } }),
    );
    await choose('prod-admin', 'More', 'Edit…');
    await send('prod-admin');
    await settle();
    expect(screen.getByRole('alert').textContent).toContain('The name is not to be had.');
  });

  const policies = { TrustPolicy: { Version: '2012-10-17' }, PermissionPolicy: { Statement: [] } };
  it.each([policies, undefined])('shows what AWS must allow for a role, or why not, once that is asked for: %j', async (known) => {
    await start(few);
    const described = { name: 'x', arn: 'y', session: 'daily' as const };
    answer(() => Promise.resolve({ role: { role: described, policies: known ? { Ok: known } : { Err: rejected } } }));
    await choose('prod-admin', 'More', 'Details');
    expect(acted()).toEqual([]);
    const folded = document.querySelector<HTMLDetailsElement>('#role-policies');
    if (folded) folded.open = true;
    await settle();
    await settle();
    const shown = ['trust-policy', 'user-policy'].map((id) => document.getElementById(id)?.textContent);
    const pretty = (policy: unknown) => JSON.stringify(policy, null, 2);
    expect(shown).toEqual(known ? [pretty(known.TrustPolicy), pretty(known.PermissionPolicy)] : [undefined, undefined]);
    expect(screen.queryAllByText(rejected.what).length).toBe(known ? 0 : 1);
  });

  it('names and marks the account', async () => {
    await start(one);
    await choose('prod-admin', 'More', 'Account name and colour…');
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'Shop' } });
    await fireEvent.click(screen.getByRole('radio', { name: 'Teal' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^Production/ }));
    await send('Account name and colour');
    expect(acted()).toEqual([
      { set_account: { id: '111122223333', name: 'Shop', colour: 'teal', production: true } },
    ]);
    expect(told()).toBe('Saved.');
  });

  it('stays below a code that is asked for, with what was typed', async () => {
    await start(one);
    await choose('prod-admin', 'Other service or region…');
    await fireEvent.input(screen.getByLabelText('Service or page'), { target: { value: 'ec2' } });
    await emit('state', { ...one, prompt: prompt() });
    expect(screen.getByTestId('code-panel')).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>('Service or page').value).toBe('ec2');
  });

  it('keeps the focus in its form when a notice above it is dismissed', async () => {
    await start({ ...one, notices: [{ id: 1, about: null, problem: rejected }] });
    await choose('prod-admin', 'Other service or region…');
    const dismiss = within(screen.getByRole('alert')).getByRole('button', { name: /^Dismiss/ });
    dismiss.focus();
    await fireEvent.click(dismiss);
    await emit('state', one);
    expect(document.activeElement).toBe(screen.getByLabelText('Service or page'));
  });

  it('closes when the role has gone', async () => {
    await start(few);
    await choose('logs', 'More', 'Details');
    await emit('state', { ...few, roles: few.roles.slice(0, 3) });
    expect(screen.queryByRole('group', { name: 'Details' })).toBeNull();
    expect(rows().length).toBe(3);
  });
});

describe('hostile names', () => {
  it('are text in every panel and menu', async () => {
    const hostile = fixtures['hostile'] as StateView;
    const container = await start(hostile);
    const [first] = hostile.roles;
    const name = first?.name ?? '';
    const described = { name, arn: name, session: 'daily' as const, tags: { [name]: name }, destination: name };
    answer((action) =>
      Promise.resolve(
        action === 'browsers'
          ? { browsers: [{ program: 'p', name, profiles: [], containers: [] }] }
          : { role: { role: described, policies: { Ok: { PermissionPolicy: name } } } },
      ),
    );
    for (const line of ['Which browser…', 'Account name and colour…', 'Edit…', 'Details', 'Remove…']) {
      await choose(first?.name ?? '', 'More', line);
      expect(container.querySelector('img, script, [onerror]')).toBeNull();
      expect(container.querySelector('h2')?.textContent).toBe(first?.name);
      await press('Escape');
    }
    await find('<img');
    expect(container.querySelector('mark')?.textContent).toBe('<img');
    expect(container.querySelector('img')).toBeNull();
  });
});
