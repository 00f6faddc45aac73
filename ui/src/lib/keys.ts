// What the keys of the list do. Letters alone are typed into the search field, so that everything
// else has a modifier.

import { strings } from '../strings';
import type { Command } from './commands';

/** What a key asks for: something to do with a role, or with the list itself. */
export type KeyCommand = Command | 'menu' | 'help' | 'next' | 'previous' | 'first' | 'last' | 'page-down' | 'page-up';

export type Stroke = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'
>;

/** What the cheat sheet lists, in its order; a key's name is in `strings.keys.caps` or its own. */
export const SHEET: readonly (readonly [KeyCommand | 'find' | 'clear', readonly string[]])[] = [
  ['find', ['letters']],
  ['next', ['up-down']],
  ['page-down', ['page-up', 'page-down']],
  ['first', ['home', 'end']],
  ['open', ['enter']],
  ['read-only', ['shift', 'enter']],
  ['menu', ['ctrl', 'enter']],
  ['link', ['ctrl', 'C']],
  ['environment', ['ctrl', 'E']],
  ['terminal', ['ctrl', 'T']],
  ['renew', ['ctrl', 'R']],
  ['favourite', ['ctrl', 'D']],
  ['pin', ['ctrl', 'P']],
  ['clear', ['escape']],
  ['help', ['?']],
];

const ARIA: Record<string, string> = { ctrl: 'Control', shift: 'Shift', enter: 'Enter' };

/** The keys of a command: as they are written on them, and for `aria-keyshortcuts`. */
export function capsOf(command: Command): { caps: string[]; name: string } | null {
  const caps = SHEET.find(([does]) => does === command)?.[1];
  if (caps === undefined) return null;
  return { caps: capsWords(caps), name: caps.map((cap) => ARIA[cap] ?? cap).join('+') };
}

/** Keys as they are written on them. */
export function capsWords(caps: readonly string[]): string[] {
  return caps.map((cap) => strings.keys.caps[cap] ?? cap);
}

const LETTERS: Record<string, Command> = {
  c: 'link',
  e: 'environment',
  t: 'terminal',
  r: 'renew',
  d: 'favourite',
  p: 'pin',
};

const PLAIN: Record<string, KeyCommand> = {
  Enter: 'open',
  ArrowDown: 'next',
  ArrowUp: 'previous',
  PageDown: 'page-down',
  PageUp: 'page-up',
  ContextMenu: 'menu',
  F1: 'help',
};

/** What a key does where the search field has a text, or none. */
export function commandOf(stroke: Stroke, typed: string): KeyCommand | null {
  if (stroke.altKey) return null;
  if (stroke.ctrlKey || stroke.metaKey) return withControl(stroke);
  if (stroke.shiftKey) return withShift(stroke, typed);
  if (stroke.key === '?' && typed === '') return 'help';
  // In a text they go to its begin and end.
  if (typed === '' && stroke.key === 'Home') return 'first';
  if (typed === '' && stroke.key === 'End') return 'last';
  return PLAIN[stroke.key] ?? null;
}

function withControl(stroke: Stroke): KeyCommand | null {
  if (stroke.shiftKey) return null;
  if (stroke.key === 'Enter') return 'menu';
  if (stroke.key === 'Home') return 'first';
  if (stroke.key === 'End') return 'last';
  return LETTERS[letterOf(stroke)] ?? null;
}

function withShift(stroke: Stroke, typed: string): KeyCommand | null {
  if (stroke.key === 'Enter') return 'read-only';
  if (stroke.key === 'F10') return 'menu';
  return stroke.key === '?' && typed === '' ? 'help' : null;
}

/** The Latin letter of a key, also where the keyboard writes another script. */
function letterOf({ key, code }: Stroke): string {
  return /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace(/^Key/, '').toLowerCase();
}

/** Whether a key writes something that belongs into the search field. */
export function writes({ key, ctrlKey, metaKey, altKey }: Stroke): boolean {
  return Array.from(key).length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
}
