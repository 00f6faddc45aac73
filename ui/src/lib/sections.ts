// The lines of the list, top to bottom: what is used most, then every account with its roles.

import type { Account } from './agent';
import type { Entry } from './search';

/** Keys tell lines apart: a role's is its name, which holds no line break. */
export type Line =
  | { kind: 'favourites' | 'recent'; key: string }
  | { kind: 'account'; key: string; account: Account; count: number }
  | { kind: 'role'; key: string; entry: Entry; apart: boolean };

/** With fewer roles, all of them are seen at once anyway. */
const MANY = 8;
/** How many of the most used stand above the accounts. */
const RECENT = 5;

const row = (entry: Entry, apart: boolean): Line => ({
  kind: 'role',
  key: entry.role.name,
  entry,
  apart,
});

/** Every role once: as a favourite, as one of the most used, or beneath its account. */
export function sections(entries: readonly Entry[]): Line[] {
  const favourites = entries.filter(({ role }) => role.favourite);
  const others = entries.filter(({ role }) => !role.favourite);
  const recent = entries.length > MANY ? mostUsed(others) : [];
  const taken = new Set(recent);
  const rest = others.filter((entry) => !taken.has(entry));
  return [
    ...headed('favourites', favourites),
    ...headed('recent', recent),
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

function headed(kind: 'favourites' | 'recent', entries: readonly Entry[]): Line[] {
  if (entries.length === 0) return [];
  return [{ kind, key: `\n${kind}` }, ...entries.map((entry) => row(entry, true))];
}

function mostUsed(entries: readonly Entry[]): Entry[] {
  return entries
    .filter(({ role }) => role.uses > 0)
    .sort((a, b) => b.role.uses - a.role.uses)
    .slice(0, RECENT);
}

function byAccount(entries: readonly Entry[]): { account: Account; entries: Entry[] }[] {
  const groups = new Map<string, { account: Account; entries: Entry[] }>();
  for (const entry of entries) {
    const group = groups.get(entry.account.id);
    if (group === undefined) groups.set(entry.account.id, { account: entry.account, entries: [entry] });
    else group.entries.push(entry);
  }
  return [...groups.values()];
}
