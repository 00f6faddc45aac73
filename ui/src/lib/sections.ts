// The lines of the list, top to bottom: favourites, what was used last and is used most, then every
// account with its roles.

import type { Account } from './agent';
import type { Entry } from './search';
import { millis } from './time';

/** What the roles above the accounts have in common. */
export type Common = 'favourites' | 'recent' | 'most';

/** Keys tell lines apart: a role's is its name, which holds no line break. */
export type Line =
  | { kind: Common; key: string }
  | { kind: 'account'; key: string; account: Account; count: number }
  | { kind: 'role'; key: string; entry: Entry; apart: boolean };

/** With fewer roles, all of them are seen at once anyway. */
const MANY = 8;
/** How many of those used last, and of the most used, stand above the accounts. */
const RECENT = 3;
const MOST = 5;

const row = (entry: Entry, apart: boolean): Line => ({
  kind: 'role',
  key: entry.role.name,
  entry,
  apart,
});

/** Every role once: as a favourite, as one that was used last, of the most used, or beneath its account. */
export function sections(entries: readonly Entry[]): Line[] {
  const favourites = entries.filter(({ role }) => role.favourite);
  const used = entries.length > MANY ? entries.filter(({ role }) => !role.favourite && role.uses > 0) : [];
  const recent = used.sort((a, b) => last(b) - last(a)).slice(0, RECENT);
  const most = used.slice(RECENT).sort((a, b) => b.role.uses - a.role.uses).slice(0, MOST);
  const above = new Set([...favourites, ...recent, ...most]);
  const rest = entries.filter((entry) => !above.has(entry));
  return [
    ...headed('favourites', favourites),
    ...headed('recent', recent),
    ...headed('most', most),
    ...byAccount(rest).flatMap((group): Line[] => [
      {
        kind: 'account',
        key: `\n${group.account.id}`,
        account: group.account,
        count: group.entries.length,
      },
      ...group.entries.map((entry) => row(entry, false)),
    ]),
  ];
}

/** What was found, which stands in no account's section. */
export function results(entries: readonly Entry[]): Line[] {
  return entries.map((entry) => row(entry, true));
}

function headed(kind: Common, entries: readonly Entry[]): Line[] {
  if (entries.length === 0) return [];
  return [{ kind, key: `\n${kind}` }, ...entries.map((entry) => row(entry, true))];
}

/** When it was used last, in milliseconds. */
const last = ({ role }: Entry): number => (role.last_used === null ? 0 : millis(role.last_used));

function byAccount(entries: readonly Entry[]): { account: Account; entries: Entry[] }[] {
  const groups = new Map<string, { account: Account; entries: Entry[] }>();
  for (const entry of entries) {
    const group = groups.get(entry.account.id);
    if (group === undefined) groups.set(entry.account.id, { account: entry.account, entries: [entry] });
    else group.entries.push(entry);
  }
  return [...groups.values()];
}
