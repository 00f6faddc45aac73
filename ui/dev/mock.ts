// Stands in for the popup's process in an ordinary browser: `?fixture=<name>` chooses the state,
// `&page=settings` or `about` the page, as does `&page=<id>,<id>` by what is pressed or unfolded,
// `&found=<number>` how many roles an import finds, `&entries=<number>` how long the journal is,
// `&language=<code>` the language, `rtl` one from right to left. What the popup asks for is written
// to the console, and the simplest of it is done.

import type { Action, StateView } from '../src/lib/agent';
import { act, type World } from './agent';
import { at, fixtures } from './fixtures';
import { learn, RTL } from './rtl';

const query = new URLSearchParams(location.search);
const listeners = new Map<string, number[]>();
const callbacks = new Map<number, (event: unknown) => void>();
const began = performance.now();
let next = 1;
let current = spoken(fixtures[query.get('fixture') ?? 'few'] ?? null);

function spoken(state: StateView | null): StateView | null {
  const language = query.get('language');
  if (state === null || language === null) return state;
  if (language === 'rtl') learn();
  return { ...state, settings: { ...state.settings, language: language === 'rtl' ? RTL : language } };
}

function emit(event: string, payload: unknown): void {
  for (const id of listeners.get(event) ?? []) callbacks.get(id)?.({ event, id, payload });
}

const seconds = (): number => (performance.now() - began) / 1000;

function change(over: Partial<StateView>): void {
  if (current === null) return;
  current = { ...current, ...over, now: at(seconds()) };
  emit('state', current);
}

function world(state: StateView): World {
  return {
    get state() {
      return current ?? state;
    },
    change,
    seconds,
    found: Number(query.get('found') ?? 40),
    entries: Number(query.get('entries') ?? 120),
  };
}

/** Which buttons lead to a page. */
const WAYS: Record<string, string[]> = { about: ['settings', 'about'] };

/** Presses buttons and unfolds what is folded, each as soon as it is there. */
function press(ids: string[]): void {
  const [id, ...rest] = ids;
  const button = id === undefined ? null : document.getElementById(id);
  if (id === undefined) return;
  if (button === null) {
    requestAnimationFrame(() => press(ids));
    return;
  }
  if (button instanceof HTMLDetailsElement) button.open = true;
  else button.click();
  press(rest);
}

const wanted = query.get('page');
if (wanted !== null) press(WAYS[wanted] ?? wanted.split(','));

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
      return current === null ? null : { ...current, now: at(seconds()) };
    case 'act':
      console.info('act', JSON.stringify(given['action']));
      return current === null ? null : act(world(current), given['action'] as Action);
    case 'saw_secret':
      console.info('saw_secret');
      return null;
    case 'keep_open':
      console.info('keep_open', given['on']);
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
