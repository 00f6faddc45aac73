// Time as the agent sees it. The browser's own clock is never asked what time it is: it may be
// another one than the agent's, and it may be wrong. It only measures how long ago a state came.

import type { Instant } from './agent';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds of an RFC 3339 instant; fractions finer than a millisecond are cut off. */
export function millis(instant: Instant): number {
  return Date.parse(instant.replace(/(\.\d{3})\d+/, '$1'));
}

/** Where the agent's clock stood when a state came. */
export interface Anchor {
  /** `StateView.now` as it was sent. */
  instant: Instant;
  /** The same in milliseconds. */
  agent: number;
  /** `performance.now()` then. */
  local: number;
}

/**
 * The anchor after a state came. A state that was kept and is handed out once more has the same
 * `now` and must not turn the clock back.
 */
export function anchor(before: Anchor | null, instant: Instant, local: number): Anchor {
  if (before?.instant === instant) {
    return before;
  }
  return { instant, agent: millis(instant), local };
}

/** What the agent's clock shows now. */
export function agentNow(from: Anchor, local: number): number {
  return from.agent + Math.max(0, local - from.local);
}

/** A length of time cut into what people say. */
export interface Span {
  hours: number;
  minutes: number;
  seconds: number;
}

/**
 * Rounded up, so that what is left never reads as nothing; seconds only within the last minute,
 * minutes only within the last day.
 */
export function span(left: number): Span {
  if (left <= MINUTE) {
    return { hours: 0, minutes: 0, seconds: Math.max(0, Math.ceil(left / SECOND)) };
  }
  const minutes = Math.ceil(left / MINUTE);
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60, seconds: 0 };
}

export type Unit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** How long ago something was, in the unit that people use for that. */
export interface Age {
  count: number;
  unit: Unit;
}

const DAY = 24 * HOUR;
/** Each unit and up to where it is used. */
const UNITS: readonly (readonly [Unit, length: number, below: number])[] = [
  ['minute', MINUTE, HOUR],
  ['hour', HOUR, DAY],
  ['day', DAY, 14 * DAY],
  ['week', 7 * DAY, 63 * DAY],
  ['month', 30.4375 * DAY, 730 * DAY],
  ['year', 365.25 * DAY, Infinity],
];

/** Rounded down, as people count ages. */
export function age(past: number): Age {
  const [unit, length] = UNITS.find(([, , below]) => past < below) ?? ['year', 365.25 * DAY];
  return { count: Math.max(0, Math.floor(past / length)), unit };
}

/** Access keys older than this should be replaced (AWS Config's access-keys-rotated). */
export const OLD_KEY = 90 * DAY;

/** Which part of a session is still ahead: 1 at its begin, 0 at its end. */
export function fractionLeft(start: Instant | null, end: Instant | null, now: number): number {
  if (end === null) {
    return 0;
  }
  const left = millis(end) - now;
  const whole = start === null ? HOUR : millis(end) - millis(start);
  if (left <= 0 || whole <= 0) {
    return 0;
  }
  return Math.min(1, left / whole);
}
