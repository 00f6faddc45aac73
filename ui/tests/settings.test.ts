import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { browsers, fixtures, rejected, settings } from '../dev/fixtures';
import type { Settings, StateView } from '../src/lib/agent';
import { acted, answer, emit, settle, start } from './popup';
import { tauri } from './tauri';

const few = fixtures['few'] as StateView;
const having = (over: Partial<Settings>, state = few): StateView => ({
  ...state,
  settings: { ...settings, ...over },
});

async function open(state = few): Promise<HTMLElement> {
  const container = await start(state);
  answer((action) => Promise.resolve(action === 'browsers' ? { browsers } : null));
  container.querySelector<HTMLElement>('#settings')?.click();
  await settle();
  return container;
}

/** What was asked for to be changed. */
const changed = (): unknown[] => acted().filter((action) => action !== 'browsers');

const field = (label: string): HTMLInputElement => screen.getByLabelText<HTMLInputElement>(label);

async function put(label: string, value: string): Promise<void> {
  await fireEvent.input(field(label), { target: { value } });
  await fireEvent.change(field(label));
  await settle();
}

/** What stands beside a control. */
const row = (label: string): HTMLElement => field(label).closest('.row') as HTMLElement;

const refusing = (what: string) => (action: unknown) =>
  action === 'browsers' ? Promise.resolve({ browsers }) : Promise.reject({ ...rejected, what, todo: '' });

describe('the settings', () => {
  it('stay where they are when another language is chosen', async () => {
    await open();
    screen.getByLabelText('Language').focus();
    await emit('state', having({ language: 'de' }));
    expect(document.activeElement).toBe(screen.getByLabelText('Sprache'));
  });

  it('have a heading that takes the focus, and name their file', async () => {
    await open();
    expect(document.activeElement?.tagName).toBe('H1');
    expect(document.activeElement?.textContent).toBe('Settings');
    expect(screen.getByTestId('settings').textContent).toContain(few.config_file);
    await fireEvent.click(screen.getByLabelText('Back to the list'));
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('say what is taken up only by the next start', async () => {
    await open();
    const status = screen.getByTestId('restart');
    expect(status.getAttribute('role')).toBe('status');
    expect(status.textContent?.trim()).toBe('');
    emit('state', { ...few, restart_for: ['proxy', 'endpoints.sts'] });
    await settle();
    expect(status.textContent).toContain('proxy, endpoints.sts');
  });

  it('can be reached in the first run as well', async () => {
    await start(fixtures['first-key'] ?? null);
    await fireEvent.click(screen.getByLabelText('Settings'));
    expect(screen.getByTestId('settings')).toBeTruthy();
  });

  it.each<[string, string, unknown]>([
    ['One code is good for', '8h', { mfa_duration: '8h' }],
    ['Minutes of warning before its end', '15', { warn_minutes: 15 }],
    ['After a time without use', '30m', { lock_after: '30m' }],
    ['When a console session has ended', 'https://example.com', { issuer: 'https://example.com' }],
    ['Terminal program', ' foot ', { terminal: 'foot' }],
    ['Seconds on the clipboard', '20', { clipboard_seconds: 20 }],
    ['Proxy', 'http://proxy:8080', { proxy: 'http://proxy:8080' }],
    ['Certificates to trust', '/etc/ssl/a.pem', { ca_bundle: '/etc/ssl/a.pem' }],
  ])('send %s alone, as it was typed', async (label, typed, sent) => {
    await open();
    await put(label, typed);
    expect(changed()).toEqual([{ change_settings: sent }]);
    expect(within(row(label)).getByRole('status').textContent).toContain('Saved');
  });

  it.each<[string, unknown]>([
    ['With the screen', { lock_on_screen_lock: true }],
    ['Before the computer sleeps', { lock_on_sleep: true }],
    ['Start at login', { start_at_login: true }],
    ['Hide when another window is chosen', { hide_on_focus_loss: false }],
  ])('send the switch %s at once', async (label, sent) => {
    await open();
    expect(field(label).getAttribute('role')).toBe('switch');
    await fireEvent.click(field(label));
    await settle();
    expect(changed()).toEqual([{ change_settings: sent }]);
  });

  it.each<[string, string, unknown]>([
    ['Language', 'de', { language: 'de' }],
    ['Shell for copied sessions', 'fish', { shell: 'fish' }],
  ])('send the choice %s at once', async (label, value, sent) => {
    await open();
    await fireEvent.change(field(label), { target: { value } });
    await settle();
    expect(changed()).toEqual([{ change_settings: sent }]);
  });

  it('go back to the default where a field is emptied', async () => {
    await open(having({ issuer: 'https://example.com', warn_minutes: 25 }));
    await put('When a console session has ended', '');
    await put('Minutes of warning before its end', ' ');
    expect(changed()).toEqual([
      { change_settings: { issuer: null } },
      { change_settings: { warn_minutes: null } },
    ]);
  });

  it('send nothing where nothing was changed', async () => {
    await open();
    await put('One code is good for', '12h');
    expect(changed()).toEqual([]);
  });

  it('ask nobody about what is plainly wrong', async () => {
    await open();
    await put('Minutes of warning before its end', 'many');
    await put('Seconds on the clipboard', '70000');
    await put('One code is good for', 'long');
    expect(changed()).toEqual([]);
    expect(row('Seconds on the clipboard').textContent).toContain('whole number');
    expect(row('One code is good for').textContent).toContain('Write it like 1h');
  });

  it('keep what was typed where it is refused, and say what stays set', async () => {
    await open();
    answer(refusing('A session lasts at most 36 hours.'));
    await put('One code is good for', '40h');
    const input = field('One code is good for');
    expect(input.value).toBe('40h');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    expect(within(row('One code is good for')).getByRole('alert').textContent).toMatch(
      /A session lasts at most 36 hours\.\s+Still set: 12h/,
    );
    // Another state takes nothing away; Escape does, and does not hide the window.
    await emit('state', having({ warn_minutes: 7 }));
    expect(input.value).toBe('40h');
    await fireEvent.keyDown(input, { key: 'Escape' });
    expect(input.value).toBe('12h');
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('are sent once with Enter, of which a browser tells twice', async () => {
    await open();
    answer(refusing('A session lasts at most 36 hours.'));
    const input = field('One code is good for');
    await fireEvent.input(input, { target: { value: '40h' } });
    await fireEvent.keyDown(input, { key: 'Enter' });
    await fireEvent.change(input);
    await settle();
    expect(changed()).toEqual([{ change_settings: { mfa_duration: '40h' } }]);
  });

  it('send what was typed while the last was on its way', async () => {
    await open();
    let take = (): void => {};
    answer((action) =>
      action === 'browsers' ? Promise.resolve({ browsers }) : new Promise((resolve) => (take = () => resolve(null))),
    );
    await put('One code is good for', '8h');
    await put('One code is good for', '9h');
    expect(changed()).toEqual([{ change_settings: { mfa_duration: '8h' } }]);
    take();
    await settle();
    expect(changed()).toEqual([
      { change_settings: { mfa_duration: '8h' } },
      { change_settings: { mfa_duration: '9h' } },
    ]);
    expect(field('One code is good for').value).toBe('9h');
  });

  it('show a refused switch as it is set', async () => {
    await open();
    answer(refusing('The file cannot be written.'));
    const start = field('Start at login');
    await fireEvent.click(start);
    await settle();
    expect(start.checked).toBe(false);
    expect(row('Start at login').textContent).toContain('cannot be written');
  });

  it('show a change from outside at once, but not in the field that is typed in', async () => {
    await open();
    await fireEvent.input(field('Proxy'), { target: { value: 'http://pro' } });
    await emit('state', having({ proxy: 'http://other:1', mfa_duration: '4h', start_at_login: true }));
    expect(field('Proxy').value).toBe('http://pro');
    expect(field('One code is good for').value).toBe('4h');
    expect(field('Start at login').checked).toBe(true);
  });

  it('show what was taken until the state tells of it, and then the state', async () => {
    await open();
    await put('One code is good for', '480m');
    expect(field('One code is good for').value).toBe('480m');
    await emit('state', having({ mfa_duration: '8h' }));
    expect(field('One code is good for').value).toBe('8h');
    await emit('state', having({ mfa_duration: '12h' }));
    expect(field('One code is good for').value).toBe('12h');
  });

  it('take a choice back before the state tells of it', async () => {
    await open();
    const shell = async (value: string) => {
      await fireEvent.change(field('Shell for copied sessions'), { target: { value } });
      await settle();
    };
    await fireEvent.click(field('With the screen'));
    await settle();
    await fireEvent.click(field('With the screen'));
    await settle();
    await shell('fish');
    await shell('bash');
    expect(changed()).toEqual([
      { change_settings: { lock_on_screen_lock: true } },
      { change_settings: { lock_on_screen_lock: false } },
      { change_settings: { shell: 'fish' } },
      { change_settings: { shell: 'bash' } },
    ]);
    expect(field('Shell for copied sessions').value).toBe('bash');
  });

  it('write a shortcut as it is on the keys', async () => {
    await open(having({ shortcut: 'Ctrl+Alt+D', language: 'de' }));
    expect(document.querySelector('#shortcut')?.textContent?.trim()).toBe('Strg+Alt+D');
  });

  it('choose a browser, then a profile or container of it', async () => {
    await open();
    await fireEvent.change(field('Browser'), { target: { value: 'firefox' } });
    await settle();
    await emit('state', having({ browser: { program: 'firefox' } }));
    expect(screen.getByTestId('settings').textContent).toContain('Open external links in a container');
    await fireEvent.change(field('Container'), { target: { value: 'Bank' } });
    await settle();
    await emit('state', having({ browser: { program: 'firefox', container: 'Bank' } }));
    await fireEvent.change(field('Container'), { target: { value: '' } });
    await settle();
    await emit('state', having({ browser: { program: 'firefox' } }));
    await fireEvent.change(field('Profile'), { target: { value: 'abcd1234.default-release' } });
    await fireEvent.change(field('Browser'), { target: { value: '' } });
    await settle();
    expect(changed()).toEqual([
      { change_settings: { browser: { program: 'firefox' } } },
      { change_settings: { browser: { program: 'firefox', container: 'Bank' } } },
      { change_settings: { browser: { program: 'firefox' } } },
      { change_settings: { browser: { program: 'firefox', profile: 'abcd1234.default-release' } } },
      { change_settings: { browser: null } },
    ]);
  });

  it('show a browser that is chosen and gone', async () => {
    await open(having({ browser: { program: 'netscape', profile: 'old' } }));
    expect(field('Browser').value).toBe('netscape');
    expect(field('Profile').value).toBe('old');
  });
});

describe('the shortcut', () => {
  const record = () => screen.getByLabelText(/^Shortcut that shows it/);
  const press = (code: string, more: KeyboardEventInit = {}) =>
    fireEvent.keyDown(record(), { code, key: code, ...more });

  it('is what is pressed, once it is whole', async () => {
    await open();
    await fireEvent.click(record());
    await press('ControlLeft', { ctrlKey: true });
    expect(record().textContent).toContain('Ctrl+');
    await press('KeyD', { ctrlKey: true, altKey: true });
    await settle();
    expect(changed()).toEqual([{ change_settings: { shortcut: 'Ctrl+Alt+D' } }]);
  });

  it('has the letter that is on the key, and only keys that the agent knows', async () => {
    await open();
    await fireEvent.click(record());
    for (const code of ['Enter', 'Minus', 'F13', 'ArrowUp']) await press(code, { ctrlKey: true });
    expect(changed()).toEqual([]);
    // A German keyboard's Z is where the American one has its Y.
    await press('KeyY', { key: 'z', ctrlKey: true, altKey: true });
    await settle();
    expect(changed()).toEqual([{ change_settings: { shortcut: 'Ctrl+Alt+Z' } }]);
  });

  it('takes no key that others type with, and is given up with Escape', async () => {
    await open();
    await fireEvent.click(record());
    await press('KeyD');
    await press('KeyD', { shiftKey: true });
    await press('Escape');
    expect(record().getAttribute('aria-pressed')).toBe('false');
    expect(changed()).toEqual([]);
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('is turned off with a button, which leaves the focus beside it', async () => {
    await open(having({ shortcut: 'Super+Space' }));
    expect(record().textContent).toContain('Super+Space');
    await fireEvent.click(screen.getByText('Off'));
    await settle();
    expect(changed()).toEqual([{ change_settings: { shortcut: null } }]);
    expect(document.activeElement).toBe(record());
  });
});

describe('the endpoints', () => {
  it('are folded away and harmless while there is none', async () => {
    await open();
    expect(screen.getByTestId('endpoints-warning').classList.contains('set')).toBe(false);
    expect(document.querySelector<HTMLDetailsElement>('#endpoint-fields')?.open).toBe(false);
  });

  it('are shown with a warning while they are set, and taken out one by one', async () => {
    await open(fixtures['footer'] as StateView);
    expect(screen.getByTestId('endpoints-warning').textContent).toContain('in place of AWS');
    expect(screen.getByTestId('endpoints-warning').classList.contains('set')).toBe(true);
    expect(document.querySelector<HTMLDetailsElement>('#endpoint-fields')?.open).toBe(true);
    await put('STS', '');
    await put('Secrets Manager', 'https://localhost:1');
    expect(changed()).toEqual([
      { change_endpoints: { sts: null } },
      { change_endpoints: { secretsmanager: 'https://localhost:1' } },
    ]);
  });

  it('show what waits for the next start, with the warning, and let it be undone', async () => {
    await open({ ...few, configured_endpoints: [{ name: 'sts', url: 'https://localhost:1' }] });
    expect(screen.getByTestId('endpoints-warning').classList.contains('set')).toBe(true);
    expect(screen.queryByTestId('endpoints')).toBeNull();
    expect(field('STS').value).toBe('https://localhost:1');
    await put('STS', '');
    expect(changed()).toEqual([{ change_endpoints: { sts: null } }]);
  });

  it('warn until the next start of those that were taken out', async () => {
    await open({ ...(fixtures['footer'] as StateView), configured_endpoints: [] });
    expect(screen.getByTestId('endpoints-warning').classList.contains('set')).toBe(true);
    expect(field('STS').value).toBe('');
  });
});
