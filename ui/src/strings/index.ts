// The words in the language of whoever looks at them. A further language is a further file here.
// They change with the settings, so that `strings` is read when something is said, not before.

import { strings as de } from './de';
import { strings as en } from './en';

/** What every language must say. */
export type Strings = typeof en;

/** By their ISO 639 codes. */
export const languages: Record<string, Strings> = { en, de };

export let strings: Strings = en;

/** Speaks a language, or the system's own where none is chosen; yields what it has come to. */
export function speak(chosen: string | null): string {
  const wanted = chosen === null ? navigator.languages : [chosen];
  const language = wanted.map(known).find((code) => code !== undefined) ?? 'en';
  strings = languages[language] ?? en;
  document.documentElement.lang = language;
  document.documentElement.dir = strings.direction;
  return language;
}

/** `de` of `de-AT`; a tag with a region of its own comes before its language. */
function known(tag: string): string | undefined {
  return [tag, tag.split(/[-_]/)[0] ?? ''].find((code) => Object.hasOwn(languages, code));
}
