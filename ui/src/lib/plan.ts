// What a person makes of an import's plan: which keys and roles, in what order, in how many
// requests. Plans may have ten thousand roles.

import type {
  FoundIdentity,
  FoundRole,
  ImportChoice,
  ImportFrom,
  ImportPlan,
  ImportReport,
} from './agent';

/** Where AWS's own tools look, and the keychain. */
export const USUAL: ImportFrom = { config: null, credentials: null, leapp: null, keychain: true };

/** Only where AWS's own tools look: a keychain may ask for its password. */
export const FILES: ImportFrom = { ...USUAL, keychain: false };

/** A plan by what there is to decide. */
export interface Found {
  keys: FoundIdentity[];
  roles: FoundRole[];
  /** Roles that a person has to agree to. */
  doubtful: FoundRole[];
  /** How many of each Daypass has already. */
  known: { keys: number; roles: number };
}

export interface Picked {
  /** Names of keys and of roles that are not wanted. */
  keysLeft: ReadonlySet<string>;
  rolesLeft: ReadonlySet<string>;
  agreed: boolean;
}

/** All that needs nobody's agreement. */
export const EVERYTHING: Picked = { keysLeft: new Set(), rolesLeft: new Set(), agreed: false };

/** Names, each after the one that it starts from. */
export interface Taken {
  keys: string[];
  roles: string[];
}

export function sort(plan: ImportPlan): Found {
  const keys = plan.identities.filter((key) => !key.known);
  const fresh = plan.roles.filter((role) => !role.known);
  return {
    keys,
    roles: fresh.filter((role) => role.beware.length === 0),
    doubtful: fresh.filter((role) => role.beware.length > 0),
    known: { keys: plan.identities.length - keys.length, roles: plan.roles.length - fresh.length },
  };
}

/** What is taken: not what was left out, and not what starts from something left out. */
export function take(found: Found, picked: Picked): Taken {
  const offered = [...found.roles, ...found.doubtful];
  const names = new Set(offered.map(({ role }) => role.name));
  const wanted = [...found.roles, ...(picked.agreed ? found.doubtful : [])].filter(
    ({ role }) => !picked.rolesLeft.has(role.name) && !picked.keysLeft.has(role.identity ?? ''),
  );
  const chained = new Map<string, string[]>();
  const roles: string[] = [];
  for (const { role } of wanted) {
    if (role.source === undefined || !names.has(role.source)) {
      roles.push(role.name);
    } else {
      chained.set(role.source, [...(chained.get(role.source) ?? []), role.name]);
    }
  }
  // The list grows while it is gone through; roles in a circle are never reached.
  for (const name of roles) roles.push(...(chained.get(name) ?? []));
  const keys = found.keys
    .map(({ identity }) => identity.name)
    .filter((name) => !picked.keysLeft.has(name));
  return { keys, roles };
}

/** Well below the 64 KiB that a request may have. */
const PORTION = 32 * 1024;

/** The requests that take it over. A whole plan is one without names. */
export function requests(from: ImportFrom, found: Found, picked: Picked): ImportChoice[] {
  const { agreed } = picked;
  const { keys, roles } = take(found, picked);
  if (keys.length + roles.length === 0) return [];
  if (picked.keysLeft.size + picked.rolesLeft.size === 0) return [{ from, only: [], agreed }];
  return portions([...keys, ...roles], PORTION).map((only) => ({ from, only, agreed }));
}

/** Names in lists that are each at most so many bytes of JSON, as long as no name is longer. */
export function portions(names: string[], most: number): string[][] {
  const lists: string[][] = [];
  let room = 0;
  const encoder = new TextEncoder();
  for (const name of names) {
    const size = encoder.encode(JSON.stringify(name)).length + 1;
    if (size > room) {
      lists.push([]);
      room = most;
    }
    lists.at(-1)?.push(name);
    room -= size;
  }
  return lists;
}

/** The reports of several requests as one. */
export function merge(reports: ImportReport[]): ImportReport {
  return {
    identities: reports.flatMap((report) => report.identities),
    roles: reports.reduce((sum, report) => sum + report.roles, 0),
    failed: reports.flatMap((report) => report.failed),
    still_plain: [...new Set(reports.flatMap((report) => report.still_plain))],
  };
}
