import { describe, expect, it } from 'vitest';

import { role, session } from '../dev/fixtures';
import { accountAs, accountIn, actionOf, type Command, inUse, saidOf } from '../src/lib/commands';
import { capsOf, commandOf, SHEET, type Stroke, writes } from '../src/lib/keys';
import { strings } from '../src/strings';

const stroke = (key: string, over: Partial<Stroke> = {}): Stroke => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...over,
});
const control = (key: string, over: Partial<Stroke> = {}) => stroke(key, { ctrlKey: true, ...over });

describe('keys', () => {
  it('open, and with Ctrl or Cmd do the rest', () => {
    expect(commandOf(stroke('Enter'), '')).toBe('open');
    expect(commandOf(stroke('Enter', { shiftKey: true }), '')).toBe('read-only');
    expect(commandOf(control('Enter'), '')).toBe('menu');
    expect(commandOf(control('c'), 'text')).toBe('link');
    expect(commandOf(stroke('c', { metaKey: true }), '')).toBe('link');
    expect(['e', 't', 'r', 'd', 'p'].map((key) => commandOf(control(key), ''))).toEqual([
      'environment',
      'terminal',
      'renew',
      'favourite',
      'pin',
    ]);
  });

  it('are the same on a keyboard of another script', () => {
    expect(commandOf(control('с', { code: 'KeyC' }), '')).toBe('link');
  });

  it('leave to a text what is a text’s', () => {
    for (const key of ['a', 'c', 'ArrowLeft', 'Backspace', ' ', 'Tab']) {
      expect(commandOf(stroke(key), 'text')).toBeNull();
    }
    for (const key of ['a', 'v', 'x', 'z']) expect(commandOf(control(key), 'text')).toBeNull();
    expect(commandOf(stroke('Home'), 'text')).toBeNull();
    expect(commandOf(stroke('?', { shiftKey: true }), 'text')).toBeNull();
    expect(commandOf(control('c', { altKey: true }), '')).toBeNull();
  });

  it('show themselves where nothing was typed', () => {
    expect(commandOf(stroke('?', { shiftKey: true }), '')).toBe('help');
    expect(commandOf(stroke('F1'), 'text')).toBe('help');
  });

  it('write only what is a character', () => {
    expect(['a', 'é', '名', '😀'].every((key) => writes(stroke(key)))).toBe(true);
    expect(['Enter', 'F1', ' ', 'Dead', 'Process'].some((key) => writes(stroke(key)))).toBe(false);
    expect(writes(control('a'))).toBe(false);
  });

  it('are all on the cheat sheet, with words', () => {
    const listed = SHEET.map(([does]) => does);
    const bound = ['open', 'read-only', 'menu', 'help'].concat(
      ['c', 'e', 't', 'r', 'd', 'p'].map((key) => commandOf(control(key), '') ?? ''),
    );
    for (const command of bound) expect(listed).toContain(command);
    for (const does of listed) expect(strings.keys.does[does]).toBeTruthy();
    expect(capsOf('link')).toEqual({ caps: ['Ctrl', 'C'], name: 'Control+C' });
    expect(capsOf('profile')).toBeNull();
  });
});

describe('what is asked of the agent', () => {
  const one = role('prod', { session: session('active', -60, 3000) });
  const asked = (command: Command, over = {}) => actionOf(command, { ...one, ...over }, 'fish');
  const console = { role: 'prod', destination: null, region: null };

  it('is one request for each command', () => {
    expect(asked('open')).toEqual({ open_console: console });
    expect(asked('read-only')).toEqual({ open_console: { ...console, read_only: true } });
    expect(asked('link')).toEqual({ copy_link: console });
    expect(asked('environment')).toEqual({
      copy_environment: { session: { role: 'prod', read_only: false }, shell: 'fish' },
    });
    expect(asked('profile')).toEqual({ copy_profile: { role: 'prod' } });
    expect(asked('terminal')).toEqual({ open_terminal: { role: 'prod' } });
    expect(asked('renew')).toEqual({ renew_session: { role: 'prod' } });
    expect(asked('end')).toEqual({ end_session: { role: 'prod' } });
    expect(asked('favourite')).toEqual({ favourite: { role: 'prod', on: true } });
    expect(asked('favourite', { favourite: true })).toEqual({ favourite: { role: 'prod', on: false } });
    expect(asked('pin')).toEqual({ pin: { role: 'prod', on: true } });
    expect(asked('pin', { pinned: true })).toEqual({ pin: { role: 'prod', on: false } });
  });

  it('is nothing where the role cannot do that', () => {
    expect(asked('open', { opening: true })).toBeNull();
    expect(asked('read-only', { can_read_only: false })).toBeNull();
    expect(asked('end', { session: session('ended') })).toBeNull();
  });

  it('t16_says_of_every_copy_that_it_goes_again', () => {
    for (const command of ['link', 'environment', 'profile'] as const) {
      expect(saidOf(command, one)).toContain('cleared from the clipboard');
    }
    expect(saidOf('link', one)).toContain('sign in as prod, for 15 minutes');
    expect(saidOf('open', one)).toBeNull();
  });
});

describe('a session in use', () => {
  const active = session('active', -600, 3000);

  it('is one that something may still need', () => {
    expect(inUse(role('a', { session: active }))).toBe(false);
    expect(inUse(role('a', { session: active, pinned: true }))).toBe(true);
    expect(inUse(role('a', { session: active, published: [{ secret_id: 's', at: null }] }))).toBe(true);
    expect(inUse(role('a', { session: active, last_used: active.started_at }))).toBe(true);
    expect(inUse(role('a', { session: active, last_used: '2026-03-02T08:00:00Z' }))).toBe(false);
    expect(inUse(role('a', { session: session('none'), pinned: true }))).toBe(false);
  });
});

describe('an account', () => {
  const browser = { program: 'firefox', container: 'Shop' };

  it('keeps what was not asked about', () => {
    const account = { id: '1', name: 'Shop', colour: 'red' as const, browser };
    expect(accountAs(account, { name: ' Bank ', colour: undefined, production: true })).toEqual({
      id: '1',
      name: 'Bank',
      production: true,
      browser,
    });
    expect(accountIn(account, null)).toEqual({ id: '1', name: 'Shop', colour: 'red' });
    expect(accountAs({ id: '1' }, { name: ' ', colour: undefined, production: false })).toEqual({ id: '1' });
  });
});
