// What is done to a role at once, by a key or a line of its menu.

import { strings } from '../strings';
import type { Account, Action, Browser, Console, RoleView, Shell } from './agent';
import { millis } from './time';

export type Command =
  | 'open'
  | 'read-only'
  | 'link'
  | 'environment'
  | 'profile'
  | 'terminal'
  | 'renew'
  | 'end'
  | 'favourite'
  | 'pin';

/** Those that need no session, and so go on while Daypass is locked. */
const SESSIONLESS: readonly Command[] = ['profile', 'end', 'favourite', 'pin'];

export function needsSession(command: Command): boolean {
  return !SESSIONLESS.includes(command);
}

/** What is asked of the agent; null where the role cannot do that now. */
export function actionOf(command: Command, role: RoleView, shell: Shell): Action | null {
  switch (command) {
    case 'open':
      return role.opening ? null : { open_console: consoleOf(role) };
    case 'read-only':
      return role.opening || !role.can_read_only
        ? null
        : { open_console: { ...consoleOf(role), read_only: true } };
    case 'link':
      return { copy_link: consoleOf(role) };
    case 'environment':
      return { copy_environment: { session: { role: role.name, read_only: false }, shell } };
    case 'profile':
      return { copy_profile: { role: role.name } };
    case 'terminal':
      return { open_terminal: { role: role.name } };
    case 'renew':
      return { renew_session: { role: role.name } };
    case 'end':
      return works(role) ? { end_session: { role: role.name } } : null;
    case 'favourite':
      return { favourite: { role: role.name, on: !role.favourite } };
    case 'pin':
      return { pin: { role: role.name, on: !role.pinned } };
  }
}

/** What is said once it is done; null where the list shows it. */
export function saidOf(command: Command, role: RoleView): string | null {
  const words = strings.done;
  switch (command) {
    case 'link':
      return words.link(role.name);
    case 'environment':
      return words.environment(role.name);
    case 'profile':
      return words.profile(role.name);
    case 'terminal':
      return words.terminal(role.name);
    case 'renew':
      return words.renewed(role.name);
    case 'end':
      return words.ended(role.name);
    case 'favourite':
      return (role.favourite ? words.notFavourite : words.favourite)(role.name);
    case 'pin':
      return (role.pinned ? words.unpinned : words.pinned)(role.name);
    default:
      return null;
  }
}

/** The console that a role says itself. */
export function consoleOf(role: RoleView): Console {
  return { role: role.name, destination: null, region: null };
}

/** Whether there is a session that can be ended. */
export function works(role: RoleView): boolean {
  return role.session.state === 'active' || role.session.state === 'ending';
}

/** Whether something may be using the session, so that its end is asked about first. */
export function inUse(role: RoleView): boolean {
  if (!works(role)) return false;
  if (role.pinned || role.published.length > 0) return true;
  const { started_at } = role.session;
  return (
    role.last_used !== null && started_at !== null && millis(role.last_used) >= millis(started_at)
  );
}

/** An account with another browser, or with none of its own. */
export function accountIn(account: Account, browser: Browser | null): Account {
  const { browser: _, ...rest } = account;
  return browser === null ? rest : { ...rest, browser };
}

/** An account as it is called and marked from now on; where it opens stays. */
export function accountAs(
  account: Account,
  look: { name: string; colour: Account['colour'] | undefined; production: boolean },
): Account {
  const looks: Account = { id: account.id };
  if (look.name.trim() !== '') looks.name = look.name.trim();
  if (look.colour !== undefined) looks.colour = look.colour;
  if (look.production) looks.production = true;
  if (account.browser !== undefined) looks.browser = account.browser;
  return looks;
}
