// Finding roles by what somebody types. What can be prepared is prepared once for a state; a
// keystroke only compares.

import type { Account, RoleView } from './agent';

/** What is looked through, and shown with its letters marked. */
export type Field = 'name' | 'alias' | 'account' | 'roleName';

/** A text as it is shown and as it is compared. Both have the same length. */
interface Text {
  shown: string;
  folded: string;
}

export interface Entry {
  role: RoleView;
  account: Account;
  texts: Record<Field, Text>;
}

/** From one character to before another, in UTF-16 units. */
export type Range = readonly [from: number, to: number];

export type Marks = Partial<Record<Field, Range[]>>;

export interface Segment {
  text: string;
  marked: boolean;
}

const FIELDS: readonly Field[] = ['name', 'alias', 'roleName', 'account'];
/** The same hit says more in a name than in a number. */
const LESS: Record<Field, number> = { name: 0, alias: 15, roleName: 45, account: 46 };
const WHOLE = 200;
const PREFIX = 180;
const START = 140;
const INSIDE = 100;
const INITIALS = 80;
const SCATTERED = 75;
/** Longer than any name; what is pasted beyond finds nothing more. */
const LONGEST = 200;

const PLAIN = /^[\0-\x7f]*$/;
const LETTER = /[\p{L}\p{N}]/u;
const UPPER = /\p{Lu}/u;
/** The two for the characters that nearly all names are made of: asking those is slow. */
const PLAIN_LETTER = Array.from({ length: 128 }, (_, code) => LETTER.test(String.fromCharCode(code)));
const PLAIN_UPPER = Array.from({ length: 128 }, (_, code) => UPPER.test(String.fromCharCode(code)));

/** Without case and accents, where that keeps every character in its place. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  return Array.from(text, (one) => {
    const bare = one.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    if (bare.length === one.length) return bare;
    const lower = one.toLowerCase();
    return lower.length === one.length ? lower : one;
  }).join('');
}

/** What is looked for: words that must all be found. */
export function wordsOf(query: string): string[] {
  // Characters that cannot be seen come along with what is pasted.
  const seen = query.slice(0, LONGEST).replace(/\p{Cf}/gu, '');
  return fold(seen).split(/\s+/).filter(Boolean);
}

/** Every role with what is known of its account, ready to be looked through. */
export function indexed(roles: readonly RoleView[], accounts: readonly Account[]): Entry[] {
  const known = new Map(accounts.map((account) => [account.id, account]));
  const folded = new Map<string, Text>();
  const text = (shown: string): Text => {
    const before = folded.get(shown);
    if (before !== undefined) return before;
    const made = { shown, folded: fold(shown) };
    folded.set(shown, made);
    return made;
  };
  return roles.map((role) => {
    const account = known.get(role.account) ?? { id: role.account };
    return {
      role,
      account,
      texts: {
        name: text(role.name),
        alias: text(account.name ?? ''),
        account: text(role.account),
        roleName: text(role.role_name),
      },
    };
  });
}

/** The entries that have every word, the best first; among equals the more used, then as before. */
export function search(entries: readonly Entry[], query: string): Entry[] {
  const words = wordsOf(query);
  if (words.length === 0) return [...entries];
  // Few points are different from each other: sorting those is quicker than sorting all.
  const hits = new Map<number, Entry[]>();
  for (const entry of entries) {
    const points = pointsOf(entry, words);
    if (points === 0) continue;
    const equals = hits.get(points);
    if (equals === undefined) hits.set(points, [entry]);
    else equals.push(entry);
  }
  return [...hits]
    .sort(([a], [b]) => b - a)
    .flatMap(([, equals]) => equals.sort((a, b) => b.role.uses - a.role.uses));
}

/** Which letters of an entry a query meant. */
export function marksOf(entry: Entry, query: string): Marks {
  const marks: Marks = {};
  for (const word of wordsOf(query)) {
    const field = bestField(entry, word);
    if (field === null) continue;
    const found = rangesOf(entry.texts[field], word);
    marks[field] = joined([...(marks[field] ?? []), ...found]);
  }
  return marks;
}

/** A text cut where its marks begin and end. */
export function segments(text: string, marks: readonly Range[] = []): Segment[] {
  const parts: Segment[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from > at) parts.push({ text: text.slice(at, from), marked: false });
    parts.push({ text: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), marked: false });
  return parts;
}

function pointsOf(entry: Entry, words: readonly string[]): number {
  let all = 0;
  for (const word of words) {
    let best = 0;
    for (const field of FIELDS) {
      const points = score(entry.texts[field], word, field) - LESS[field];
      if (points > best) best = points;
    }
    if (best === 0) return 0;
    all += best;
  }
  return all;
}

function bestField(entry: Entry, word: string): Field | null {
  let best: Field | null = null;
  let most = 0;
  for (const field of FIELDS) {
    const points = score(entry.texts[field], word, field) - LESS[field];
    if (points <= most) continue;
    most = points;
    best = field;
  }
  return best;
}

function score(text: Text, word: string, field: Field): number {
  const at = text.folded.indexOf(word);
  if (at === 0) return word.length === text.folded.length ? WHOLE : PREFIX;
  if (at > 0) return startOf(text, word, at) === null ? INSIDE : START;
  // Scattered digits would find every number.
  if (field === 'account' || word.length < 2) return 0;
  if (initials(text, word) !== null) return INITIALS;
  const found = scattered(text.folded, word);
  if (found === null) return 0;
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined) return 0;
  return Math.max(LESS.account + 1, SCATTERED - (last[1] - first[0] - word.length));
}

/** Where a word of the text begins with it, looked for from an occurrence on. */
function startOf(text: Text, word: string, from: number): number | null {
  for (let at = from; at !== -1; at = text.folded.indexOf(word, at + 1)) {
    if (begins(text.shown, at)) return at;
  }
  return null;
}

/** Whether a word begins there: after a sign, or with a capital after a small letter. */
function begins(shown: string, at: number): boolean {
  if (at === 0) return true;
  if (!isLetter(shown, at - 1)) return isLetter(shown, at);
  return isUpper(shown, at) && !isUpper(shown, at - 1);
}

function isLetter(text: string, at: number): boolean {
  return PLAIN_LETTER[text.charCodeAt(at)] ?? LETTER.test(text.charAt(at));
}

function isUpper(text: string, at: number): boolean {
  return PLAIN_UPPER[text.charCodeAt(at)] ?? UPPER.test(text.charAt(at));
}

/** Its letters, each at the begin of a word or next to the one before. */
function initials(text: Text, word: string): Range[] | null {
  const found: Range[] = [];
  let at = 0;
  for (const letter of word) {
    const near = found.length > 0 && text.folded.startsWith(letter, at);
    const next = near ? at : startOf(text, letter, text.folded.indexOf(letter, at));
    if (next === null) return null;
    at = next + letter.length;
    found.push([next, at]);
  }
  return joined(found);
}

/** Its letters in their order, as close together as the first end allows. */
function scattered(folded: string, word: string): Range[] | null {
  const letters = Array.from(word);
  let end = 0;
  for (const letter of letters) {
    const at = folded.indexOf(letter, end);
    if (at === -1) return null;
    end = at + letter.length;
  }
  const found: Range[] = [];
  for (const letter of letters.reverse()) {
    const at = folded.lastIndexOf(letter, end - letter.length);
    found.unshift([at, at + letter.length]);
    end = at;
  }
  return joined(found);
}

function rangesOf(text: Text, word: string): Range[] {
  const at = text.folded.indexOf(word);
  if (at === -1) return initials(text, word) ?? scattered(text.folded, word) ?? [];
  const from = at === 0 ? 0 : (startOf(text, word, at) ?? at);
  return [[from, from + word.length]];
}

/** In order, with those that touch made one. */
function joined(ranges: Range[]): Range[] {
  const all: Range[] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
}
