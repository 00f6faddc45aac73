// Stands in for the popup's process in an ordinary browser: `?fixture=<name>` chooses the state.
// What the popup asks for is written to the console, and the simplest of it is done.

import type { Action, StateView } from '../src/lib/agent';
import { at, fixtures, identity, NOW, role, session } from './fixtures';

const asked = new URLSearchParams(location.search);
const listeners = new Map<string, number[]>();
const callbacks = new Map<number, (event: unknown) => void>();
const began = performance.now();
let next = 1;
let current: StateView | null = fixtures[asked.get('fixture') ?? 'few'] ?? null;

function emit(event: string, payload: unknown): void {
  for (const id of listeners.get(event) ?? []) callbacks.get(id)?.({ event, id, payload });
}

function change(over: Partial<StateView>): void {
  if (current === null) return;
  const seconds = (performance.now() - began) / 1000;
  current = { ...current, ...over, now: at(seconds) };
  emit('state', current);
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function seconds(): number {
  return (performance.now() - began) / 1000;
}

async function act(action: Action): Promise<null> {
  const { ...state } = current;
  if (current === null || state.roles === undefined) return null;
  if (action === 'dismiss_prompt') change({ prompt: null });
  else if (action === 'unlock_vault') {
    await later(800);
    change({ vault: { state: 'ready' } });
  } else if ('dismiss_notice' in action) {
    change({ notices: current.notices.filter(({ id }) => id !== action.dismiss_notice.id) });
  } else if ('ask_for_code' in action) {
    const device = { serial: 'arn:aws:iam::111122223333:mfa/ada', device: 'ada' };
    change({
      prompt: {
        ...device,
        identity: action.ask_for_code.identity,
        purpose: 'a session of 12h',
        rejected: null,
        wait_until: null,
        checking: false,
      },
    });
  } else if ('submit_code' in action) {
    const { prompt } = current;
    if (prompt === null) return null;
    change({ prompt: { ...prompt, checking: true, rejected: null } });
    await later(900);
    if (action.submit_code.code === '000000') {
      const problem = {
        blame: 'yours' as const,
        code: 'aws_refused' as const,
        what: 'AWS did not accept that code.',
        todo: 'Type the one that your device shows now.',
      };
      change({ prompt: { ...prompt, rejected: problem, wait_until: null } });
      throw problem;
    }
    const mfa = session('active', seconds(), seconds() + 12 * 3600);
    change({
      prompt: null,
      identities: current.identities.map((known) =>
        known.name === prompt.identity ? { ...known, mfa } : known,
      ),
    });
  } else if ('add_identity' in action) {
    await later(600);
    const { identity: added, key } = action.add_identity;
    if (key?.access_key_id.endsWith('REFUSED') === true) {
      throw {
        blame: 'yours',
        code: 'aws_refused',
        what: 'AWS does not know this key, or the secret is not its own.',
        todo: 'Check both; a secret is shown only once, when its key is made.',
      };
    }
    const ambient = added.ambient === true;
    change({
      identities: [
        ...current.identities,
        identity(added.name, {
          ambient,
          access_key_id: key?.access_key_id ?? null,
          mfa_serials: key?.mfa_serials ?? [],
          mfa: (key?.mfa_serials.length ?? 0) > 0 ? session('none') : null,
        }),
      ],
    });
  } else if ('remove_identity' in action) {
    const { name } = action.remove_identity;
    change({
      identities: current.identities.filter((known) => known.name !== name),
      roles: current.roles.filter((known) => known.identity !== name),
    });
  } else if ('add_role' in action) {
    await later(400);
    const added = action.add_role;
    change({
      roles: [
        ...current.roles,
        role(added.name, {
          identity: added.identity,
          arn: added.arn,
          role_name: added.arn.split('/').at(-1) ?? '',
          session_kind: added.session,
          region: added.region ?? null,
          needs_code: true,
        }),
      ],
    });
  } else if ('remove_role' in action) {
    const { name } = action.remove_role;
    change({ roles: current.roles.filter((known) => known.name !== name) });
  } else if ('open_console' in action) {
    const { role: name } = action.open_console;
    const put = (over: object): void =>
      change({
        roles: (current?.roles ?? []).map((known) =>
          known.name === name ? { ...known, ...over } : known,
        ),
      });
    put({ opening: true });
    await later(1200);
    put({
      opening: false,
      needs_code: false,
      session: session('active', seconds(), seconds() + 3600),
    });
  }
  return null;
}

type Arguments = Record<string, unknown>;

async function invoke(command: string, given: Arguments = {}): Promise<unknown> {
  switch (command) {
    case 'plugin:event|listen': {
      const event = String(given['event']);
      listeners.set(event, [...(listeners.get(event) ?? []), Number(given['handler'])]);
      return given['handler'];
    }
    case 'plugin:event|unlisten':
      return null;
    case 'state':
      return current === null ? null : { ...current, now: new Date(NOW + performance.now() - began).toISOString() };
    case 'act':
      console.info('act', JSON.stringify(given['action']));
      return act(given['action'] as Action);
    case 'saw_secret':
      console.info('saw_secret');
      return null;
    case 'hide':
      console.info('hide');
      return null;
    default:
      throw new Error(`the mock does not know ${command}`);
  }
}

Object.assign(window, {
  __TAURI_INTERNALS__: {
    invoke,
    transformCallback(callback: (event: unknown) => void): number {
      const id = next++;
      callbacks.set(id, callback);
      return id;
    },
    unregisterCallback: (id: number): boolean => callbacks.delete(id),
  },
  __TAURI_EVENT_PLUGIN_INTERNALS__: { unregisterListener: (): void => {} },
  /** For a driver: `mock.emit('show', 'code')`, `mock.change({ prompt: null })`. */
  mock: { emit, change },
});
