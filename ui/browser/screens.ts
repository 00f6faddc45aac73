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
  'code-used',
  'code-wait',
  'code-checking',
  'notices',
  'locked',
  'locked-daypass',
  'missing',
  'footer',
].map((fixture) => screen(fixture, { fixture }));

/** A line of the menu of `prod-admin`, and of what that leads to. */
const ofRole = (name: string, fixture: string, ...lines: string[]): Screen =>
  screen(name, { fixture }, through('More for prod-admin', ...lines));

/** Opened, and then so many milliseconds later. */
const after =
  (milliseconds: number, open: (page: Page) => Promise<void> = async () => {}) =>
  async (page: Page): Promise<void> => {
    await open(page);
    await page.clock.runFor(milliseconds);
  };

const toTheEnd = async (page: Page): Promise<void> => {
  await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
};

/** Types into fields, each by its label. */
const typing =
  (fields: Record<string, string>) =>
  async (page: Page): Promise<void> => {
    for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
  };

const FIRST_ROLE = { 'Role ARN': 'arn:aws:iam::111122223333:role/Admin', Name: 'admin' };

/** One after the other. */
const and =
  (...steps: ((page: Page) => Promise<void>)[]) =>
  async (page: Page): Promise<void> => {
    for (const step of steps) await step(page);
  };

/** The import's plan, once it has come. */
const planned = after(2000, through('Add', 'Bring over from this computer'));

const opened: Screen[] = [
  screen('add-menu', { fixture: 'few' }, through('Add')),
  screen('add-role', { fixture: 'few' }, through('Add', 'Add a role')),
  screen('add-role-more', { fixture: 'few' }, through('Add', 'Add a role', 'More settings')),
  screen('add-key', { fixture: 'few' }, through('Add', 'Add an access key')),
  screen('import', { fixture: 'few', found: 40 }, planned),
  screen(
    'import-done',
    { fixture: 'few', found: 3 },
    after(3000, and(planned, (page) => page.locator('#import').click())),
  ),
  screen('activity', { fixture: 'few', entries: 30 }, after(2000, through('Activity'))),
  screen('search', { fixture: 'twelve' }, typing({ 'Find a role': 'prod' })),
  screen('search-none', { fixture: 'twelve' }, typing({ 'Find a role': 'nothing like it' })),
  screen('cheat-sheet', { fixture: 'twelve' }, through('Show the keys')),
  ofRole('role-menu', 'twelve'),
  ofRole('role-menu-copies', 'twelve', 'Copy something else'),
  ofRole('role-menu-more', 'twelve', 'More'),
  ofRole('role-elsewhere', 'twelve', 'Other service or region…'),
  ofRole('role-link', 'twelve', 'Copy something else', 'Sign-in link with options…'),
  ofRole('role-shell', 'more', 'Copy something else', 'For another shell…'),
  ofRole('role-end', 'twelve', 'End session…'),
  ofRole('role-browser', 'twelve', 'More', 'Which browser…'),
  ofRole('role-account', 'twelve', 'More', 'Account name and colour…'),
  ofRole('role-write', 'more', 'More', 'Write to ~/.aws/credentials…'),
  ofRole('role-publish', 'more', 'More', 'Publish to Secrets Manager…'),
  ofRole('role-edit', 'twelve', 'More', 'Edit…'),
  ofRole('role-details', 'twelve', 'More', 'Details'),
  ofRole('role-policies', 'twelve', 'More', 'Details', 'What AWS needs for it'),
  ofRole('role-remove', 'more', 'More', 'Remove…'),
  screen('key-details', { fixture: 'few' }, through('Details of work')),
  screen('key-devices', { fixture: 'few' }, through('Details of work', 'MFA devices of work')),
  screen('key-replace', { fixture: 'few' }, through('Details of work', 'Replace key of work')),
  screen('key-remove', { fixture: 'few' }, through('Details of work', 'Remove work')),
  screen('settings', { fixture: 'few' }, through('Settings')),
  screen('settings-end', { fixture: 'footer' }, and(through('Settings'), toTheEnd)),
  screen(
    'settings-refused',
    { fixture: 'few' },
    after(2000, async (page) => {
      await through('Settings')(page);
      await typing({ 'One code is good for': '13m' })(page);
      await page.keyboard.press('Enter');
    }),
  ),
  screen('about', { fixture: 'few' }, through('Settings', 'About Daypass')),
  screen(
    'checked',
    { fixture: 'few' },
    and(after(2000, through('Settings', 'About Daypass', 'Check everything')), async (page) => {
      await page.getByRole('button', { name: 'Check again' }).scrollIntoViewIfNeeded();
    }),
  ),
  screen('first-key-found', { fixture: 'first-key', found: 5 }, after(2000)),
  screen('first-key-help', { fixture: 'first-key' }, and(through('How to get an access key'), toTheEnd)),
  screen(
    'first-role-policies',
    { fixture: 'first-role' },
    and(typing(FIRST_ROLE), through('What AWS needs for it'), toTheEnd),
  ),
  screen('ready', { fixture: 'first-role' }, after(2000, and(typing(FIRST_ROLE), through('Add role')))),
];

/** Names that somebody else chose. */
export const hostile: Screen[] = [
  screen('hostile', { fixture: 'hostile' }),
  screen('code-hostile', { fixture: 'code-hostile' }),
  screen('hostile-edit', { fixture: 'hostile' }, async (page) => {
    await page.locator('[data-role] [aria-haspopup="menu"]').first().click();
    await through('More', 'Edit…')(page);
  }),
  screen('hostile-activity', { fixture: 'hostile', entries: 0 }, after(2000, through('Activity'))),
];

export const pictured: Screen[] = [...lists, ...shown, ...opened];

/** “Other service or region” of `prod-admin`, in any language. */
const elsewhere = async (page: Page): Promise<void> => {
  await page.locator('[data-role="prod-admin"] [aria-haspopup="menu"]').click();
  await page.getByRole('menuitem').nth(2).click();
};

const toSettings = (page: Page): Promise<void> => page.locator('#settings').click();

const spoken = (name: string, language: string): Screen[] => [
  screen(name, { fixture: 'twelve', language }),
  screen(`${name}-panel`, { fixture: 'twelve', language }, elsewhere),
  screen(`${name}-settings`, { fixture: 'few', language }, toSettings),
  screen(`${name}-code`, { fixture: 'code-devices', language }),
];

/** In longer words, and mirrored. A picture in light of each is enough. */
export const otherwise: Screen[] = [...spoken('german', 'de'), ...spoken('right-to-left', 'rtl')];

/** Those with every mark that must not be a colour alone, for the system's own colours. */
export const marked: Screen[] = pictured.filter(({ name }) =>
  ['list-12', 'role-account', 'role-elsewhere', 'settings', 'code-devices'].includes(name),
);

export const screens: Screen[] = [
  ...pictured,
  ...otherwise,
  ...hostile,
  screen('first-footer', { fixture: 'first-footer' }),
  screen('many', { fixture: 'many' }),
  screen('german-about', { fixture: 'few', language: 'de' }, through('Einstellungen', 'Über Daypass')),
  screen('german-menu', { fixture: 'twelve', language: 'de' }, through('Mehr zu prod-admin')),
  screen('german-first-key', { fixture: 'first-key', language: 'de', found: 5 }, after(2000)),
  screen('licences', { fixture: 'few' }, async (page) => {
    await through('Settings', 'About Daypass', 'Whose work is in it')(page);
    await page.getByText('MPL-2.0').waitFor();
  }),
  screen('right-to-left-more', { fixture: 'more', language: 'rtl' }),
];
