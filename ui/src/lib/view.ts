// Which screen is shown, decided from the state alone, so that a popup that starts again in the
// middle of the first run goes on where it was.

import type { PromptView, RoleView, SessionState, StateView } from './agent';
import { isOpening } from './look';

/** A form that was opened over the list. */
export type Page =
  | 'list'
  | 'add-key'
  | 'add-role'
  | 'import'
  | 'activity'
  | 'ready'
  | 'settings'
  | 'about';

/** Those that stay whatever the state becomes. */
const LASTING: readonly Page[] = ['import', 'activity', 'settings', 'about'];

export type View = 'connecting' | 'first-key' | 'first-role' | Page;

export function viewOf(state: StateView | null, page: Page): View {
  if (state === null) {
    return 'connecting';
  }
  // Also in the first run, and an import to its own end when the first keys have come.
  if (LASTING.includes(page)) {
    return page;
  }
  if (state.identities.length === 0 && state.roles.length === 0) {
    return 'first-key';
  }
  if (state.roles.length === 0 && page !== 'add-key') {
    return 'first-role';
  }
  // The first run is over where there is more than its one role.
  if (page === 'ready' && state.roles.length !== 1) {
    return 'list';
  }
  return page;
}

/** What a code is asked for, to tell one question from the next. Its words change while it stays the same. */
export function questionOf(prompt: PromptView | null): string | null {
  return prompt && JSON.stringify([prompt.identity, prompt.session]);
}

/** The roles that a screen reader should hear of: those of another state. Time that passes is none. */
export function changes(before: StateView | null, after: StateView): RoleView[] {
  if (before === null) {
    return [];
  }
  const old = new Map(before.roles.map((role) => [role.name, stateOf(role)]));
  return after.roles.filter((role) => old.has(role.name) && old.get(role.name) !== stateOf(role));
}

function stateOf(role: RoleView): SessionState | 'opening' {
  return isOpening(role) ? 'opening' : role.session.state;
}
