// Every screen there is: a fixture, and what is opened on it. Each is checked by axe, for its width,
// and by a picture. Another screen is another line.

import type { Page } from '@playwright/test';

import type { Query } from './popup';

export interface Screen {
  name: string;
  query: Query;
  open?: (page: Page) => Promise<void>;
}

/** Clicks buttons and menu items one after the other, each by its name. */
const through =
  (...names: string[]) =>
  async (page: Page): Promise<void> => {
    for (const name of names) {
      const named = { name, exact: true };
      const item = page.getByRole('menuitem', named);
      await page.getByRole('button', named).or(item).or(page.getByText(name, { exact: true })).first().click();
    }
  };

const screen = (name: string, query: Query, open?: Screen['open']): Screen =>
  open === undefined ? { name, query } : { name, query, open };

/** The list with 0, 1, 12 and 1,000 roles. */
export const lists: Screen[] = [
  screen('list-0', { fixture: 'first-role' }),
  screen('list-1', { fixture: 'one' }),
  screen('list-12', { fixture: 'twelve' }),
  screen('list-1000', { fixture: 'thousand' }),
];

/** What a fixture shows by itself. */
const shown: Screen[] = [
  'connecting',
  'first-key',
  'few',
  'more',
  'code',
  'code-asked',
  'code-devices',
  'code-rejected',
  'code-wait',
  'code-checking',
  'notices',
  'locked',
  'locked-daypass',
  'missing',
  'footer',
].map((fixture) => screen(fixture, { fixture }));

/** A line of the first role's menu in the fixture `more`. */
const ofRole = (name: string, line: string): Screen =>
  screen(name, { fixture: 'more' }, through('More for prod-admin', line));

/** The import's plan, once it has come. */
async function planned(page: Page): Promise<void> {
  await through('Add', 'Bring over from this computer')(page);
  await page.clock.runFor(2000);
}

const opened: Screen[] = [
  screen('add-menu', { fixture: 'few' }, through('Add')),
  screen('add-role', { fixture: 'few' }, through('Add', 'Add a role')),
  screen('add-role-more', { fixture: 'few' }, through('Add', 'Add a role', 'More settings')),
  screen('add-key', { fixture: 'few' }, through('Add', 'Add an access key')),
  screen('import', { fixture: 'few', found: 40 }, planned),
  screen('import-done', { fixture: 'few', found: 3 }, async (page) => {
    await planned(page);
    await page.locator('#import').click();
    await page.clock.runFor(3000);
  }),
  screen('activity', { fixture: 'few', entries: 30 }, async (page) => {
    await through('Activity')(page);
    await page.clock.runFor(2000);
  }),
  screen('role-menu', { fixture: 'more' }, through('More for prod-admin')),
  ofRole('role-link', 'Copy a sign-in link…'),
  ofRole('role-shell', 'Copy for a shell…'),
  ofRole('role-write', 'Write to ~/.aws/credentials…'),
  ofRole('role-publish', 'Publish to Secrets Manager…'),
  ofRole('role-details', 'Details'),
  ofRole('role-remove', 'Remove…'),
  screen('key-details', { fixture: 'few' }, through('Details of work')),
  screen('key-replace', { fixture: 'few' }, through('Details of work', 'Replace key of work')),
  screen('key-remove', { fixture: 'few' }, through('Details of work', 'Remove work')),
];

/** Names that somebody else chose. */
export const hostile: Screen[] = [
  screen('hostile', { fixture: 'hostile' }),
  screen('code-hostile', { fixture: 'code-hostile' }),
  screen('hostile-activity', { fixture: 'hostile', entries: 0 }, async (page) => {
    await through('Activity')(page);
    await page.clock.runFor(2000);
  }),
];

export const pictured: Screen[] = [...lists, ...shown, ...opened];

export const screens: Screen[] = [
  ...pictured,
  ...hostile,
  screen('first-footer', { fixture: 'first-footer' }),
  screen('many', { fixture: 'many' }),
  screen('german', { fixture: 'twelve', language: 'de' }),
  screen('right-to-left', { fixture: 'more', language: 'rtl' }),
  screen('right-to-left-code', { fixture: 'code-devices', language: 'rtl' }),
];
