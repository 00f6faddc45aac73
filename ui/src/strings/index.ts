// The words in the language of whoever looks at them. A further language is a further file here.

import { strings as en } from './en';

/** What every language must say. */
export type Strings = typeof en;

export const strings: Strings = en;
