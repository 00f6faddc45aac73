// What a settings page sends for what was typed. Only hints: the agent checks all of it again.

import { strings } from '../strings';
import type { Problem } from './agent';
import { seconds } from './check';

function refuse(what: string): never {
  throw { blame: 'yours', code: 'usage', what, todo: '' } satisfies Problem;
}

/** An empty text is the default. */
export function text(typed: string): string | null {
  return typed.trim() || null;
}

export function duration(typed: string): string | null {
  const given = text(typed);
  if (given !== null && seconds(given) === null) refuse(strings.wrong.duration);
  return given;
}

/** A whole number that fits 16 bits, as `warn_minutes` and `clipboard_seconds` are. */
export function count(typed: string): number | null {
  const given = text(typed);
  if (given === null) return null;
  if (!/^\d{1,5}$/.test(given) || Number(given) > 65_535) refuse(strings.wrong.count);
  return Number(given);
}

/** What a field shows of a value. */
export const shown = (value: string | number | null): string => String(value ?? '');
