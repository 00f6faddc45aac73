import { cleanup, fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { fixtures, identity, notices, prompt, rejected, role, settings, state } from '../dev/fixtures';
import type { StateView } from '../src/lib/agent';
import { acted, answer, choose, emit, field, press, settle, start, type } from './popup';
import { tauri } from './tauri';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

describe('the first run', () => {
  it('goes from step to step by the state alone', async () => {
    await start(null);
    expect(screen.getByTestId('connecting')).toBeTruthy();
    await emit('state', state());
    expect(screen.getByTestId('first-key')).toBeTruthy();
    expect(document.activeElement?.id).toBe('name');
    await emit('state', state({ identities: [identity('work')] }));
    expect(screen.getByTestId('first-role')).toBeTruthy();
    expect(document.activeElement?.id).toBe('role-name');
    await emit('state', state({ identities: [identity('work')], roles: [role('a')] }));
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('leaves the focus to a code that is asked for', async () => {
    await start(fixtures['first-code'] ?? null);
    expect(screen.getByTestId('first-role')).toBeTruthy();
    expect(document.activeElement?.id).toBe('code');
  });

  it('sends the key once and keeps nothing of the secret', async () => {
    await start(state());
    await type('Access key ID', 'AKIAIOSFODNN7EXAMPLE');
    await type('Secret access key', SECRET);
    await type('MFA device', 'GAHT12345678');
    await fireEvent.submit(screen.getByRole('form', { name: 'Add an access key' }));
    await settle();
    expect(acted()).toEqual([
      {
        add_identity: {
          identity: { name: 'work' },
          key: {
            access_key_id: 'AKIAIOSFODNN7EXAMPLE',
            secret_access_key: SECRET,
            mfa_serials: ['GAHT12345678'],
          },
        },
      },
    ]);
    expect(screen.getByLabelText<HTMLInputElement>('Secret access key').value).toBe('');
  });

  it('asks for the secret again where that is what does not fit', async () => {
    await start(state());
    const what = 'The secret access key does not belong to this access key id.';
    answer(() => Promise.reject({ ...rejected, what, todo: '' }));
    await type('Access key ID', 'AKIAIOSFODNN7EXAMPLE');
    await type('Secret access key', SECRET);
    await fireEvent.submit(screen.getByRole('form', { name: 'Add an access key' }));
    await settle();
    expect(document.activeElement?.id).toBe('secret-access-key');
  });

  it('says once that a secret may be typed, at the first character in any of its fields', async () => {
    await start(state());
    const told = () => tauri.invoke.mock.calls.filter(([command]) => command === 'saw_secret');
    answer(() => Promise.reject(new Error('not now')));
    expect(told()).toEqual([]);
    await type('Access key ID', SECRET);
    expect(told()).toEqual([['saw_secret']]);
    await type('Secret access key', SECRET);
    await settle();
    expect(told()).toEqual([['saw_secret']]);
    expect(screen.getByLabelText<HTMLInputElement>('Secret access key').value).toBe(SECRET);
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('throws away what was typed only with a second Escape, after a word', async () => {
    await start(state());
    await type('Access key ID', 'AKIA');
    const hides = () => tauri.invoke.mock.calls.filter(([command]) => command === 'hide').length;
    const said = () => screen.getByTestId('told').textContent;
    await press('Escape');
    expect(hides()).toBe(0);
    expect(said()).toContain('Once more throws away what was typed.');
    expect(screen.getByTestId('told').getAttribute('role')).toBe('status');
    // Who types on has not agreed to that.
    await type('Access key ID', 'AKIAI');
    expect(said()?.trim()).toBe('');
    await press('Escape');
    expect(hides()).toBe(0);
    await press('Escape');
    expect(hides()).toBe(1);
    await type('Access key ID', '');
    await press('Escape');
    expect(hides()).toBe(2);
  });

  it('shows what the agent refuses, at the field that it names', async () => {
    const container = await start(state());
    answer(() =>
      Promise.reject({ ...rejected, what: 'A session key is no access key id.', todo: '' }),
    );
    await type('Access key ID', 'AKIAIOSFODNN7EXAMPLE');
    await type('Secret access key', SECRET);
    await fireEvent.submit(screen.getByRole('form', { name: 'Add an access key' }));
    await settle();
    expect(container.querySelector('#access-key-id-error')?.textContent).toContain('no access key');
    expect(document.activeElement?.id).toBe('access-key-id');
    expect(screen.getByLabelText<HTMLInputElement>('Secret access key').value).toBe('');
  });

  it('asks the agent nothing while a field is plainly wrong', async () => {
    await start(state());
    await type('Access key ID', 'nonsense');
    await fireEvent.submit(screen.getByRole('form', { name: 'Add an access key' }));
    await settle();
    expect(acted()).toEqual([]);
    expect(document.activeElement?.id).toBe('access-key-id');
  });

  it('has the fields in Tab order and the toggle after the button', async () => {
    const container = await start(state());
    const order = [...container.querySelectorAll('#key-form input, #key-form button')];
    expect(order.map((element) => element.id)).toEqual([
      'name',
      'access-key-id',
      'secret-access-key',
      'mfa-serial',
      'add-key',
      'show-secret',
    ]);
    expect(order.every((element) => !element.hasAttribute('tabindex'))).toBe(true);
  });

  it('adds credentials of this machine without a key', async () => {
    const container = await start(state());
    await fireEvent.submit(container.querySelector('#ambient form') as HTMLFormElement);
    await settle();
    expect(acted()).toEqual([
      { add_identity: { identity: { name: 'this-machine', ambient: true }, key: null } },
    ]);
  });

  it('adds a role with one code a day, and only what was filled in', async () => {
    await start(state({ identities: [identity('work')] }));
    await type('Role ARN', 'arn:aws:iam::111122223333:role/Admin');
    await type('Region', 'eu-west-1');
    await fireEvent.submit(screen.getByRole('form', { name: 'Add a role' }));
    await settle();
    expect(acted()).toEqual([
      {
        add_role: {
          name: 'Admin',
          identity: 'work',
          arn: 'arn:aws:iam::111122223333:role/Admin',
          session: 'daily',
          region: 'eu-west-1',
        },
      },
    ]);
  });
});

describe('a role with all that AWS allows', () => {
  const open = async () => {
    await start(fixtures['few'] ?? null);
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Add a role' }));
    await type('Role ARN', 'arn:aws:iam::444455556666:role/Auditor');
  };
  const submit = async () => {
    await fireEvent.submit(screen.getByRole('form', { name: 'Add a role' }));
    await settle();
  };

  it('keeps that folded away until it is wanted, or wrong', async () => {
    await open();
    const more = document.querySelector<HTMLDetailsElement>('#role-more');
    expect(more?.open).toBe(false);
    await type('Policy ARNs', 'ReadOnlyAccess');
    await submit();
    expect(acted()).toEqual([]);
    expect(more?.open).toBe(true);
    expect(document.activeElement?.id).toBe('role-policy-arns');
  });

  it('never takes the place of a role that is there', async () => {
    await open();
    await type('Name', 'prod-admin');
    await submit();
    expect(acted()).toEqual([]);
    expect(screen.getByText('There is a role of that name already.')).toBeTruthy();
    expect(document.activeElement?.id).toBe('role-name');
  });

  it('is reached through another role in place of a key, with tags, policies and who stands behind', async () => {
    await open();
    await type('Through another role', 'prod-admin');
    await type('Source identity', 'ada');
    await type('External ID', 'partner-7');
    await type('Session tags', 'team=data\nproject=apollo');
    await fireEvent.click(screen.getByRole('checkbox', { name: /^Pass the tags on/, hidden: true }));
    await type('Policy ARNs', 'arn:aws:iam::aws:policy/ReadOnlyAccess');
    await submit();
    expect(acted()).toEqual([
      {
        add_role: {
          name: 'Auditor',
          source: 'prod-admin',
          arn: 'arn:aws:iam::444455556666:role/Auditor',
          session: 'daily',
          external_id: 'partner-7',
          source_identity: 'ada',
          tags: { team: 'data', project: 'apollo' },
          transitive_tags: ['team', 'project'],
          policy_arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
        },
      },
    ]);
  });
});

describe('a new role', () => {
  it('says how long one code is good for', async () => {
    const identities = [identity('work')];
    await start(state({ identities }));
    expect(screen.getByText(/^One code opens all such roles for 12 hours;/)).toBeTruthy();
    await emit('state', state({ identities, settings: { ...settings, mfa_duration: '1h30m' } }));
    expect(screen.getByText(/^One code opens all such roles for 1 hour 30 minutes;/)).toBeTruthy();
  });
});

it('offers no policies to paste that leave out what was typed', async () => {
  await start(state({ identities: [identity('work')] }));
  await type('Role ARN', 'arn:aws:iam::111122223333:role/Admin');
  expect(document.getElementById('trust-policy')?.textContent).toContain('user/ada');
  await type('External ID', 'deploy');
  expect(document.getElementById('trust-policy')).toBeNull();
  expect(screen.getByText(/^With these settings they are shown in the role’s details/)).toBeTruthy();
});

describe('the list', () => {
  it('opens the console with a click on the row', async () => {
    await start(fixtures['one'] ?? null);
    await fireEvent.click(
      screen.getByRole('button', {
        name: 'Open console as prod-admin, account 111122223333, 58 minutes left',
      }),
    );
    expect(acted()).toEqual([
      { open_console: { role: 'prod-admin', destination: null, region: null } },
    ]);
  });

  it('removes a role only after a question', async () => {
    await start(fixtures['one'] ?? null);
    await choose('prod-admin', 'More', 'Remove…');
    expect(acted()).toEqual([]);
    const question = screen.getByRole('group', { name: 'Remove prod-admin' });
    expect(document.activeElement?.textContent?.trim()).toBe('Keep');
    await fireEvent.click(within(question).getByRole('button', { name: 'Remove prod-admin' }));
    expect(acted()).toEqual([{ remove_role: { name: 'prod-admin' } }]);
  });

  it('goes back to the list when the question is answered with Keep', async () => {
    await start(fixtures['one'] ?? null);
    await choose('prod-admin', 'More', 'Remove…');
    await press('Escape');
    expect(screen.queryByRole('group', { name: 'Remove prod-admin' })).toBeNull();
    expect(document.activeElement).toBe(field());
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('does not give the focus to a row after a code, for an Enter that comes late', async () => {
    const few = fixtures['few'] as StateView;
    await start({ ...few, prompt: prompt() });
    await emit('state', few);
    expect(document.activeElement).toBe(document.body);
  });

  it.each<[string, () => Promise<void>]>([
    ['Remove prod-admin', () => choose('prod-admin', 'More', 'Remove…')],
    ['Details', () => choose('prod-admin', 'More', 'Details')],
    [
      'Remove work',
      async () => {
        await fireEvent.click(screen.getByRole('button', { name: 'Details of work' }));
        await fireEvent.click(screen.getByRole('button', { name: 'Remove work' }));
      },
    ],
  ])('closes %s with Escape also where the focus fell to the page', async (name, open) => {
    await start(fixtures['one'] ?? null);
    await open();
    expect(screen.getByRole('group', { name })).toBeTruthy();
    (document.activeElement as HTMLElement).blur();
    await press('Escape');
    expect(screen.queryByRole('group', { name })).toBeNull();
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('reads every page from its top', async () => {
    const container = await start(fixtures['few'] ?? null);
    const main = container.querySelector('main') as HTMLElement;
    Object.assign(main, { scrollTo: ({ top }: { top: number }) => (main.scrollTop = top) });
    main.scrollTop = 500;
    await fireEvent.click(screen.getByRole('button', { name: 'Settings' }));
    await settle();
    expect(main.scrollTop).toBe(0);
    main.scrollTop = 500;
    await fireEvent.click(screen.getByRole('button', { name: 'Back to the list' }));
    await settle();
    expect(main.scrollTop).toBe(0);
  });

  it.each(['Activity', 'Settings'])('goes back from %s with Escape', async (name) => {
    await start(fixtures['one'] ?? null);
    await fireEvent.click(screen.getByRole('button', { name }));
    await press('Escape');
    expect(document.activeElement).toBe(field());
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('locks from the settings, and shows that', async () => {
    await start(fixtures['one'] ?? null);
    await fireEvent.click(screen.getByRole('button', { name: 'Settings' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Lock now' }));
    await settle();
    expect(acted()).toContain('lock');
    expect(field()).toBeTruthy();
  });

  it('has no menu of the webview but where text is', async () => {
    await start(fixtures['one'] ?? null);
    expect(await fireEvent.contextMenu(screen.getByRole('heading', { name: 'Daypass' }))).toBe(false);
    expect(await fireEvent.contextMenu(field())).toBe(true);
  });

  it('marks what a script focuses only after a key', async () => {
    await start(fixtures['one'] ?? null);
    const by = () => document.documentElement.dataset['by'];
    await press('Tab');
    expect(by()).toBe('keys');
    await fireEvent.pointerDown(document.body);
    expect(by()).toBeUndefined();
  });

  it('ends the first run where its console was opened, once the window comes back', async () => {
    const first = { ...state({ identities: [identity('work')] }) };
    await start(first);
    await type('Role ARN', 'arn:aws:iam::111122223333:role/Admin');
    await fireEvent.submit(screen.getByRole('form', { name: 'Add a role' }));
    await settle();
    const added = { ...first, roles: [role('admin')] };
    await emit('state', added);
    expect(screen.getByTestId('ready')).toBeTruthy();
    await emit('show', 'roles');
    expect(screen.getByTestId('ready')).toBeTruthy();
    await emit('state', { ...first, roles: [role('admin', { last_used: added.now })] });
    await emit('show', 'roles');
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('hides with Escape, but closes a menu first', async () => {
    await start(fixtures['one'] ?? null);
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    const item = await screen.findByRole('menuitem', { name: 'Add a role' });
    await fireEvent.keyDown(item, { key: 'Escape' });
    expect(screen.queryByRole('menu')).toBeNull();
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(tauri.invoke).toHaveBeenCalledWith('hide');
  });

  it('shows names as text, whatever is in them', async () => {
    const container = await start(fixtures['hostile'] ?? null);
    expect(container.querySelector('img, script, iframe, [onerror]')).toBeNull();
    const name = '<img src=x onerror="document.title=1">';
    const shown = screen.getAllByText(name).filter((element) => element.tagName === 'BDI');
    expect(shown.length).toBeGreaterThan(0);
    for (const element of container.querySelectorAll('.name')) {
      expect(element.tagName).toBe('BDI');
    }
  });

  it('repeats a name in a tooltip only where it is clipped', async () => {
    await start(fixtures['one'] ?? null);
    const name = screen.getByText('prod-admin');
    await fireEvent.pointerEnter(name);
    expect(name.title).toBe('');
    const width = vi.spyOn(name, 'scrollWidth', 'get').mockReturnValue(300);
    await fireEvent.pointerEnter(name);
    expect(name.title).toBe('prod-admin');
    width.mockReturnValue(0);
    await fireEvent.pointerEnter(name);
    expect(name.hasAttribute('title')).toBe(false);
    expect(screen.getByTitle('arn:aws:iam::111122223333:role/Admin')).toBeTruthy();
  });

  it('shows the names in a code’s question as text', async () => {
    const container = await start(fixtures['code-hostile'] ?? null);
    expect(container.querySelector('img')).toBeNull();
    expect(screen.getByTestId('code-panel').textContent).toContain('<img src=x onerror=');
  });

  it('has no component that writes markup from a value', () => {
    const sources = import.meta.glob<string>('../src/**/*.{svelte,ts}', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    expect(Object.keys(sources).length).toBeGreaterThan(15);
    for (const [path, source] of Object.entries(sources)) {
      expect(source, path).not.toMatch(/@html|innerHTML|insertAdjacentHTML/);
    }
  });

  it('writes no style attribute that the content security policy would drop', async () => {
    for (const fixture of Object.values(fixtures)) {
      const container = await start(fixture);
      // What a script sets is not held back; it sets how high the rows are that are not drawn.
      expect(container.querySelectorAll('[style]:not(.space)').length).toBe(0);
      cleanup();
    }
    const sources = import.meta.glob<string>('../src/**/*.svelte', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    for (const [path, source] of Object.entries(sources)) {
      expect(source, path).not.toMatch(/\sstyle[:=]/);
    }
  });
});

describe('what comes from the agent', () => {
  it('puts the code field over the list and the focus into it', async () => {
    const few = fixtures['few'] as StateView;
    await start(few);
    await emit('state', { ...few, prompt: prompt() });
    expect(document.activeElement?.id).toBe('code');
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('puts the code field above a form and keeps what was typed there', async () => {
    const few = fixtures['few'] as StateView;
    const container = await start(few);
    const later = vi.spyOn(performance, 'now');
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Add an access key' }));
    await type('Access key ID', 'AKIAIOSF');
    await type('Secret access key', SECRET.slice(0, 9));
    const half = screen.getByLabelText<HTMLInputElement>('Secret access key');
    half.focus();

    await emit('state', { ...few, prompt: prompt() });
    await emit('show', 'code');
    const form = screen.getByTestId('add-key-page');
    const panel = screen.getByTestId('code-panel');
    expect(panel.compareDocumentPosition(form)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    // Who is in the middle of a secret does not go on in the code field.
    expect(document.activeElement).toBe(half);
    later.mockReturnValue(performance.now() + 60_000);
    await emit('show', 'code');
    expect(document.activeElement?.id).toBe('code');

    await emit('state', few);
    await emit('show', 'roles');
    expect(screen.queryByTestId('code-panel')).toBeNull();
    expect(screen.getByTestId('add-key-page')).toBe(form);
    expect(screen.getByLabelText('Secret access key')).toBe(half);
    expect(half.value).toBe(SECRET.slice(0, 9));
    expect(container.querySelector<HTMLInputElement>('#access-key-id')?.value).toBe('AKIAIOSF');
  });

  it('leaves the focus to lines that are being typed', async () => {
    const few = fixtures['few'] as StateView;
    await start(few);
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Add a role' }));
    const tags = screen.getByLabelText<HTMLTextAreaElement>('Session tags');
    tags.focus();
    await type('Session tags', 'team=');
    await emit('state', { ...few, prompt: prompt() });
    expect(document.activeElement).toBe(tags);
    await emit('show', 'code');
    expect(document.activeElement).toBe(tags);
  });

  it('gives the focus back to the field of a form that a code took it from', async () => {
    const few = fixtures['few'] as StateView;
    await start(few);
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Add a role' }));
    const arn = screen.getByLabelText<HTMLInputElement>('Role ARN');
    arn.focus();
    await emit('state', { ...few, prompt: prompt() });
    expect(document.activeElement?.id).toBe('code');
    await emit('state', few);
    expect(document.activeElement).toBe(arn);
  });

  it('does not give the focus back to the list, for an Enter that comes late', async () => {
    const few = fixtures['few'] as StateView;
    await start(few);
    expect(document.activeElement).toBe(field());
    await emit('state', { ...few, prompt: prompt() });
    await emit('state', few);
    expect(document.activeElement).toBe(document.body);
  });

  it('keeps a half-filled role as well', async () => {
    const few = fixtures['few'] as StateView;
    await start(few);
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Add a role' }));
    await type('Role ARN', 'arn:aws:iam::1111');
    await emit('state', { ...few, prompt: prompt() });
    await emit('show', 'code');
    await emit('state', few);
    expect(screen.getByLabelText<HTMLInputElement>('Role ARN').value).toBe('arn:aws:iam::1111');
  });

  it('empties the code field for another code', async () => {
    const few = fixtures['few'] as StateView;
    await start({ ...few, prompt: prompt() });
    await type('Six-digit code', '123');
    const session = { role: 'billing', read_only: false };
    await emit('state', { ...few, prompt: prompt({ session }) });
    expect(screen.getByLabelText<HTMLInputElement>('Six-digit code').value).toBe('');
    await type('Six-digit code', '123');
    await emit('state', { ...few, prompt: prompt({ session: { ...session, read_only: true } }) });
    expect(screen.getByLabelText<HTMLInputElement>('Six-digit code').value).toBe('');
  });

  it('keeps the digits while the same code is asked for in other words', async () => {
    const few = fixtures['few'] as StateView;
    await start({ ...few, prompt: prompt() });
    await type('Six-digit code', '123');
    await emit('state', { ...few, prompt: prompt({ purpose: 'a session of 12h and 2 roles' }) });
    expect(screen.getByLabelText<HTMLInputElement>('Six-digit code').value).toBe('123');
  });

  it('shows notices with their todo until they are dismissed', async () => {
    await start(fixtures['notices'] ?? null);
    const cards = within(screen.getByRole('list', { name: 'Notices' })).getAllByRole('alert');
    expect(cards.map((card) => card.dataset['blame'])).toEqual(['yours', 'passing', 'ours']);
    const [first] = notices;
    expect(cards[0]?.textContent).toContain(first?.problem.todo);
    await fireEvent.click(screen.getByRole('button', { name: `Dismiss: ${first?.problem.what}` }));
    expect(acted()).toEqual([{ dismiss_notice: { id: 3 } }]);
  });

  it('hands the focus on when a card is dismissed, at last to the list', async () => {
    const shown = fixtures['notices'] as StateView;
    await start(shown);
    const buttons = screen.getAllByRole('button', { name: /^Dismiss/ });
    for (const [index, button] of buttons.entries()) {
      button.focus();
      await fireEvent.click(button);
      await emit('state', { ...shown, notices: notices.slice(index + 1) });
      expect(document.activeElement).toBe(buttons[index + 1] ?? field());
    }
  });

  it.each([
    ['the list', 'locked-daypass', {}, 'find-role'],
    ['the list, from the keychain', 'locked', {}, 'find-role'],
    ['the first field where there is no list', 'missing', {}, 'name'],
    ['a code that is asked for', 'locked', { prompt: prompt() }, 'code'],
  ])('puts the focus into %s once it is unlocked', async (_, fixture, over, id) => {
    const locked = { ...(fixtures[fixture] as StateView), ...over };
    await start(locked);
    const button = screen.getByRole('button', { name: /^(Unlock|Look again)$/ });
    button.focus();
    await fireEvent.click(button);
    await emit('state', { ...locked, locked: false, vault: { state: 'ready' } });
    expect(document.activeElement?.id).toBe(id);
  });

  it('offers a fresh code where one may help', async () => {
    const one = fixtures['one'] as StateView;
    const problem = { ...rejected, what: 'AWS refused.', fresh_code: 'work' };
    await start({ ...one, notices: [{ id: 1, about: null, problem }] });
    await fireEvent.click(screen.getByRole('button', { name: 'Enter a fresh code' }));
    expect(acted()).toEqual([{ ask_for_code: { identity: 'work' } }]);
  });

  it('says that the clock is wrong, and which way', async () => {
    const one = fixtures['one'] as StateView;
    await start({ ...one, clock_behind: 600 });
    expect(screen.getByTestId('clock').textContent).toContain('10 min behind AWS');
    await emit('state', { ...one, clock_behind: -7_200 });
    expect(screen.getByTestId('clock').textContent).toContain('120 min ahead of AWS');
    await emit('state', { ...one, clock_behind: null });
    expect(screen.queryByTestId('clock')).toBeNull();
  });

  it('shows the answer to a failed click, and not twice', async () => {
    const one = fixtures['one'] as StateView;
    const told = { ...one, notices: [{ id: 1, about: null, problem: rejected }] };
    const click = async () => {
      await fireEvent.click(screen.getByRole('button', { name: /^Open console as/ }));
      await settle();
    };
    await start(one);
    answer(() => Promise.reject(rejected));
    await click();
    expect(screen.getAllByText(rejected.what).length).toBe(1);
    // The notice comes after the answer, or before it; and what is mended does not come back.
    await emit('state', told);
    expect(screen.getAllByText(rejected.what).length).toBe(1);
    await click();
    expect(screen.getAllByText(rejected.what).length).toBe(1);
    await emit('state', one);
    expect(screen.queryByText(rejected.what)).toBeNull();
  });

  it('shows a console that failed as its notice alone', async () => {
    const one = fixtures['one'] as StateView;
    await start(one);
    await fireEvent.click(screen.getByRole('button', { name: /^Open console as/ }));
    await emit('state', { ...one, notices: notices.slice(0, 1) });
    expect(screen.getAllByRole('alert').length).toBe(1);
  });

  it('tells a screen reader what became of a role', async () => {
    const one = fixtures['one'] as StateView;
    await start(one);
    await emit('state', { ...one, roles: one.roles.map((known) => ({ ...known, opening: true })) });
    expect(screen.getByTestId('news').textContent).toBe('prod-admin: opening the console…');
  });

  it('offers to unlock a locked keychain', async () => {
    await start(fixtures['locked'] ?? null);
    await fireEvent.click(screen.getByRole('button', { name: 'Unlock' }));
    expect(acted()).toEqual(['unlock_vault']);
  });

  it('t20_offers_to_unlock_a_locked_daypass', async () => {
    const locked = fixtures['locked-daypass'] as StateView;
    await start(locked);
    expect(screen.getByTestId('locked').textContent).toContain('The next one needs a code.');
    await fireEvent.click(screen.getByRole('button', { name: 'Unlock' }));
    expect(acted()).toEqual(['unlock']);
    await emit('state', { ...locked, locked: false });
    expect(screen.queryByTestId('locked')).toBeNull();
  });

  it('t20_leads to the lock from what needs a session, and asks the agent nothing', async () => {
    await start(fixtures['locked-daypass'] ?? null);
    field().focus();
    await press('Enter');
    expect(acted()).toEqual([]);
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Unlock' }));
    expect(screen.getByTestId('told').textContent).toContain('Unlock Daypass first.');
  });

  it('shows what failed in the list in the list alone', async () => {
    const one = fixtures['one'] as StateView;
    const alone = { ...notices[1], id: 9, about: null } as (typeof notices)[number];
    await start({ ...one, notices: [...notices, alone] });
    expect(screen.getAllByRole('alert').length).toBe(notices.length + 1);
    await fireEvent.click(screen.getByRole('button', { name: 'Activity' }));
    const left = [...notices, alone].filter(({ about }) => about === null).length;
    expect(screen.getAllByRole('alert').length).toBe(left);
    await fireEvent.click(document.getElementById('back') as HTMLElement);
    expect(screen.getAllByRole('alert').length).toBe(notices.length + 1);
  });

  it('shows on a page over the list what a hidden notice says too', async () => {
    const one = fixtures['one'] as StateView;
    await start({ ...one, vault: { state: 'locked' }, notices: [{ id: 1, about: 'prod-admin', problem: rejected }] });
    await fireEvent.click(screen.getByRole('button', { name: 'Activity' }));
    answer(() => Promise.reject(rejected));
    await fireEvent.click(screen.getByRole('button', { name: 'Unlock' }));
    await settle();
    expect(screen.getAllByText(rejected.what).length).toBeGreaterThan(0);
  });

  it('takes the answer to a failed click along to no other page', async () => {
    await start(fixtures['one'] ?? null);
    answer(() => Promise.reject(rejected));
    await fireEvent.click(screen.getByRole('button', { name: /^Open console as/ }));
    await settle();
    expect(screen.getByText(rejected.what)).toBeTruthy();
    answer(() => Promise.resolve(null));
    await fireEvent.click(screen.getByRole('button', { name: 'Settings' }));
    expect(screen.queryByText(rejected.what)).toBeNull();
  });

  it('reminds of replaced endpoints and of a missing tray', async () => {
    await start(fixtures['footer'] ?? null);
    expect(screen.getByTestId('endpoints').textContent).toMatch(
      /AWS endpoints replaced:\s+sts, iam, signin\s+http:\/\/127\.0\.0\.1:4567\s*console\s+http:\/\/127\.0\.0\.1:4568/,
    );
    expect(screen.getByTestId('tray-missing').textContent).toContain('applications menu');
  });
});
