// English from right to left, to see what a page that is mirrored looks like. Each text is marked
// at its begin, so that what was written outside of `strings` shows.

import { languages, type Strings } from '../src/strings';
import { strings as en } from '../src/strings/en';

/** Arabic's pseudo language, as Android and Chromium name theirs. */
export const RTL = 'ar-XB';

const RIGHT_TO_LEFT_MARK = '\u200f';

function marked(value: unknown): unknown {
  if (typeof value === 'string') return `${RIGHT_TO_LEFT_MARK}${value}`;
  if (typeof value === 'function') return (...given: unknown[]) => marked(value(...given));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, marked(inner)]));
}

/** Kept out of the settings where nobody asked for it. */
export function learn(): void {
  languages[RTL] = { ...(marked(en) as Strings), language: RTL, locale: RTL, direction: 'rtl' };
}
