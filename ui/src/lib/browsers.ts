// Browsers as choices: each alone, with each of its profiles, and with each of its containers.

import { strings } from '../strings';
import type { Browser, BrowserView } from './agent';

export interface Choice {
  /** Tells it from the others. */
  key: string;
  label: string;
  browser: Browser;
}

export function keyOf(browser: Browser | null): string {
  return browser === null
    ? ''
    : JSON.stringify([browser.program, browser.profile ?? null, browser.container ?? null]);
}

const choice = (label: string, browser: Browser): Choice => ({
  key: keyOf(browser),
  label,
  browser,
});

/** The system's own, whatever else the settings say. */
const SYSTEM = { program: 'system' };

/** All that can be chosen; what is chosen now is among them, although it may be gone. */
export function choices(browsers: readonly BrowserView[], chosen: Browser | null): Choice[] {
  const found = browsers.flatMap(({ program, name, profiles, containers }) => [
    choice(name, { program }),
    ...profiles.map((profile) =>
      choice(strings.browser.profile(name, profile.name), { program, profile: profile.id }),
    ),
    ...containers.map((container) =>
      choice(strings.browser.container(name, container), { program, container }),
    ),
  ]);
  const all = [choice(strings.settings.browser.system, SYSTEM), ...found];
  if (chosen === null || all.some(({ key }) => key === keyOf(chosen))) return all;
  const said = chosen.container ?? chosen.profile;
  const program = said === undefined ? chosen.program : `${chosen.program} (${said})`;
  return [...all, choice(strings.browser.gone(program), chosen)];
}
