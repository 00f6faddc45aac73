// Numbers and plurals as a language writes them.

interface Counting {
  number: (count: number) => string;
  /** A number and the noun that goes with it. */
  plural: (count: number, one: string, several: string) => string;
}

/** For languages with two forms: one, and several. */
export function counting(locale: string): Counting {
  const numbers = new Intl.NumberFormat(locale);
  const rules = new Intl.PluralRules(locale);
  const number = (count: number): string => numbers.format(count);
  return {
    number,
    plural: (count, one, several) => `${number(count)} ${rules.select(count) === 'one' ? one : several}`,
  };
}
