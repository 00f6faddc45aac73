// The journal as people read it: a sentence with names, what is worth knowing besides, and the day.

import { strings } from '../strings';
import type { By, Entry, Filter, Happening, JournalPage, Kind } from './agent';
import { millis } from './time';

/** How many entries are asked for at a time. */
export const PAGE = 50;

const kinds: Record<Happening, Kind> = {
  started: 'other',
  session_started: 'session',
  mfa_session_started: 'session',
  session_failed: 'session',
  credentials_given: 'use',
  code_asked: 'code',
  code_accepted: 'code',
  code_failed: 'code',
  code_dismissed: 'code',
  link_made: 'link',
  link_reused: 'link',
  copied: 'copy',
  profile_copied: 'copy',
  terminal_opened: 'copy',
  session_ended: 'session',
  profile_written: 'copy',
  published: 'publish',
  publish_failed: 'publish',
  publishing_stopped: 'publish',
  key_replaced: 'key',
  key_not_replaced: 'key',
  identity_added: 'setup',
  identity_removed: 'setup',
  role_added: 'setup',
  role_changed: 'setup',
  role_removed: 'setup',
  identity_changed: 'setup',
  settings_changed: 'setup',
  imported: 'setup',
  plain_keys_removed: 'key',
  plain_keys_restored: 'key',
  locked: 'lock',
  unlocked: 'lock',
  lost: 'other',
};

const failures = new Set<string>([
  'session_failed',
  'code_failed',
  'publish_failed',
  'key_not_replaced',
  'link_reused',
  'lost',
]);

function isKnown(event: string): event is Happening {
  return Object.hasOwn(kinds, event);
}

export function kindOf(event: string): Kind {
  return isKnown(event) ? kinds[event] : 'other';
}

/** An entry, ready to be shown. */
export interface Line {
  kind: Kind;
  failed: boolean;
  /** A sentence for `Phrase`, and the names in it. */
  text: string;
  values: Record<string, string>;
  /** What is worth knowing besides, in few words each. */
  besides: string[];
  /** The file of the program that did it. */
  path: string | null;
}

export function lineOf(entry: Entry): Line {
  const { event, by } = entry;
  if (!isKnown(event)) {
    const values = { event };
    return { kind: 'other', failed: false, text: strings.activity.unknown, values, besides: again(entry), path: null };
  }
  return {
    kind: kinds[event],
    failed: failures.has(event),
    text: sentence(event, entry),
    values: {
      who: who(by),
      role: entry.role ?? '',
      identity: entry.identity ?? '',
      secret: entry.secret_id ?? '',
      key: entry.access_key_id ?? '',
      version: entry.version ?? '',
      settings: (entry.keys ?? []).join(', '),
      entries: (entry.entries ?? 0).toLocaleString(strings.locale),
      things: strings.activity.things(entry.identity_count ?? 0, entry.role_count ?? 0),
    },
    besides: besides(event, entry),
    path: typeof by === 'object' && by !== null ? by.program.path : null,
  };
}

function sentence(event: Happening, entry: Entry): string {
  const said = strings.activity.said[event];
  return typeof said === 'string' ? said : said[entry.to ?? 'caller'];
}

function who(by: By | null | undefined): string {
  if (by == null) return strings.activity.somebody;
  if (by === 'you' || by === 'daypass') return strings.activity[by];
  return typeof by === 'object' ? by.program.name : strings.activity.unnamed;
}

function besides(event: Happening, entry: Entry): string[] {
  const facts: (string | null | undefined)[] = [
    entry.read_only === true ? strings.activity.readOnly : null,
    kinds[event] === 'code' && entry.role != null ? strings.activity.forRole(entry.role) : null,
    entry.until === undefined ? null : strings.activity.until(moment(entry.until, entry.at)),
    entry.profile === undefined ? null : strings.activity.profile(entry.profile),
    entry.arn,
    entry.device,
    ...(entry.devices ?? []),
    event === 'identity_added' ? entry.access_key_id : null,
    names(entry.identities, entry.identity_count),
    names(entry.roles, entry.role_count),
    (entry.failed ?? 0) > 0 ? strings.activity.notImported(entry.failed ?? 0) : null,
    ...again(entry),
    event === 'locked' ? strings.activity.lockedBecause[entry.why ?? ''] : entry.why,
  ];
  return facts.filter((fact) => typeof fact === 'string' && fact !== '') as string[];
}

/** The first names of many. */
function names(all: string[] | undefined, count = all?.length ?? 0): string | null {
  if (all === undefined || all.length === 0) return null;
  return all.join(', ') + (count > all.length ? ', …' : '');
}

function again({ again: told, at }: Entry): string[] {
  return told === undefined ? [] : [strings.activity.again(told.times, moment(told.since, at))];
}

const FORMATS = {
  clock: { hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { day: 'numeric', month: 'short' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Made once for each language, as that takes a while. */
const made = new Map<string, Intl.DateTimeFormat>();

function format(name: keyof typeof FORMATS, time: number): string {
  const key = `${strings.locale} ${name}`;
  const known = made.get(key) ?? new Intl.DateTimeFormat(strings.locale, FORMATS[name]);
  made.set(key, known);
  return known.format(time);
}

/** The time of day where this computer is. */
export function clock(instant: string): string {
  return format('clock', millis(instant));
}

/** The time of day, with the day where that is not the same as another's. */
function moment(instant: string, other: string): string {
  const time = millis(instant);
  const sameDay = format('day', time) === format('day', millis(other));
  return sameDay ? format('clock', time) : `${format('shortDay', time)} ${format('clock', time)}`;
}

export interface Day {
  /** Stays the same while entries come. */
  id: string;
  title: string;
  entries: Entry[];
}

/** Entries under their days, in the order in which they come. */
export function days(entries: readonly Entry[], now: number): Day[] {
  const all: Day[] = [];
  for (const entry of entries) {
    const title = titleOf(millis(entry.at), now);
    const last = all.at(-1);
    if (last?.title === title) last.entries.push(entry);
    else {
      // A clock that was set back makes the same day come again.
      const again = all.filter((day) => day.title === title).length;
      all.push({ id: `${title} ${again}`, title, entries: [entry] });
    }
  }
  return all;
}

function titleOf(time: number, now: number): string {
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  const title = format('day', time);
  if (title === format('day', now)) return strings.activity.today;
  return title === format('day', yesterday.getTime()) ? strings.activity.yesterday : title;
}

/** What is asked of the agent for what was chosen and typed. */
export function filterOf(kind: Kind | '', text: string): Filter {
  const wanted = text.trim();
  return {
    ...(kind === '' ? {} : { kinds: [kind] }),
    ...(wanted === '' ? {} : { text: wanted }),
  };
}

/** What is shown after the newest page was read again: the old pages stay if it reaches them. */
export function refreshed(shown: JournalPage, newest: JournalPage): JournalPage {
  const known = shown.entries[0]?.number;
  const reaches = newest.entries.some(({ number }) => number === known);
  if (known === undefined || !reaches) return newest;
  const news = newest.entries.filter(({ number }) => number > known);
  return { entries: [...news, ...shown.entries], next: shown.next };
}
