// What people do in the list: look for a role, open its console, and change what stands there.

import { flow, fromMenu, told } from '../person';
import { expect } from '../popup';

const OF_MANY = 'Open console as data-3-dev-billing, account 100712740330, data-3 dev, ready to open';
const STAGING = 'Open console as staging, account 444455556666, ends in 4 minutes';

flow('opening a console', 'few', async (person, popup, page) => {
  await person.press('button', STAGING);
  await told(page, 'staging: opening the console…');
  expect(popup.acted).toEqual([{ open_console: { role: 'staging', destination: null, region: null } }]);
});

flow('opening a console that only reads', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Open read-only');
  await told(page, 'logs: opening the console…');
  expect(popup.acted).toEqual([
    { open_console: { role: 'logs', destination: null, region: null, read_only: true } },
  ]);
});

flow('opening another service in another region', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Other service or region…');
  await person.press('button', 'S3');
  await person.write('combobox', 'Region', 'eu-central-1');
  await person.press('button', 'Open');
  await told(page, 'logs: opening the console…');
  expect(popup.acted).toEqual([{ open_console: { role: 'logs', destination: 's3', region: 'eu-central-1' } }]);
});

flow('logging out and opening', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Other service or region…');
  await person.press('button', 'Log out and open');
  await told(page, 'logs: opening the console…');
  expect(popup.acted).toEqual([
    { open_console: { role: 'logs', destination: null, region: null, sign_out: true } },
  ]);
});

flow('finding one of a thousand roles', 'thousand', async (person, popup, page) => {
  await person.write('combobox', 'Find a role', 'data-3-dev-bil');
  await told(page, '1 role found');
  await person.press('button', OF_MANY);
  await told(page, 'data-3-dev-billing: opening the console…');
  expect(popup.acted).toEqual([
    { open_console: { role: 'data-3-dev-billing', destination: null, region: null } },
  ]);
});

flow('coming back to the role that was used last', 'twelve', async (person, popup, page) => {
  const used = page.locator('[data-section="recent"] + [data-role]');
  await expect(used).toHaveAttribute('data-role', 'ci-deploy');
  await fromMenu(person, 'prod-read', 'Copy sign-in link');
  await told(page, 'who has the link can sign in as prod-read, for 15 minutes');
  await expect(used).toHaveAttribute('data-role', 'prod-read');
  expect(popup.acted).toEqual([{ copy_link: { role: 'prod-read', destination: null, region: null } }]);
});

flow('making a role a favourite, and keeping it renewed', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitemcheckbox', 'Favourite');
  await told(page, 'logs stands at the top.');
  await person.press('button', 'More for logs');
  await person.press('menuitemcheckbox', 'Keep renewed');
  await told(page, 'logs is kept renewed.');
  await expect(page.getByRole('button', { name: /^Open console as logs,.* favourite, kept renewed,/ })).toBeVisible();
  expect(popup.acted).toEqual([{ favourite: { role: 'logs', on: true } }, { pin: { role: 'logs', on: true } }]);
});

flow('renewing a session', 'few', async (person, popup, page) => {
  await fromMenu(person, 'staging', 'Renew now');
  await told(page, 'The session of staging is new.');
  await expect(page.getByRole('button', { name: /^Open console as staging,.* left$/ })).toBeVisible();
  expect(popup.acted).toEqual([{ renew_session: { role: 'staging' } }]);
});

flow('ending a session that is in use, after a question', 'twelve', async (person, popup, page) => {
  await fromMenu(person, 'prod-admin', 'End session…');
  await person.press('button', 'End session of prod-admin');
  await told(page, 'The session of prod-admin has ended here.');
  expect(popup.acted).toEqual([{ end_session: { role: 'prod-admin' } }]);
});

flow('adding a role', 'few', async (person, popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Add a role');
  await person.write('textbox', 'Name', 'audit');
  await person.write('textbox', 'Role ARN', 'nonsense');
  await person.press('button', 'Add role');
  await told(page, 'A role’s ARN looks like');
  await person.write('textbox', 'Role ARN', 'arn:aws:iam::444455556666:role/Audit');
  await person.press('button', 'Add role');
  await told(page, 'audit was added.');
  const added = page.getByRole('button', { name: /^Open console as audit,/ });
  await expect(added).toBeVisible();
  // The keys act on it.
  const id = await added.getAttribute('id');
  await expect(page.getByRole('combobox', { name: 'Find a role' })).toHaveAttribute('aria-activedescendant', id ?? '');
  expect(popup.acted).toEqual([
    { add_role: { name: 'audit', identity: 'work', arn: 'arn:aws:iam::444455556666:role/Audit', session: 'daily' } },
  ]);
});

flow('removing a role, after a question', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Remove…');
  await person.press('button', 'Remove logs');
  await told(page, 'logs was removed.');
  await expect(page.getByRole('button', { name: /^Open console as logs,/ })).toHaveCount(0);
  expect(popup.acted).toEqual([{ remove_role: { name: 'logs' } }]);
});

flow('looking up the keys', 'twelve', async (person, popup, page) => {
  const sheet = page.getByRole('dialog', { name: 'Keys' });
  await person.press('button', 'Show the keys');
  await expect(sheet.getByRole('button')).toBeFocused();
  await expect(sheet.getByRole('term')).toContainText(['Open console', 'Copy sign-in link']);
  await person.press('button', 'Close: Keys');
  await expect(sheet).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Find a role' })).toBeFocused();
  expect(popup.acted).toEqual([]);
});

flow('dismissing a notice', 'notices', async (person, popup, page) => {
  const all = page.getByRole('list', { name: 'Notices' }).getByRole('listitem');
  const before = await all.count();
  const name = await all.first().getByRole('button', { name: /^Dismiss:/ }).getAttribute('aria-label');
  await person.press('button', name ?? '');
  await expect(all).toHaveCount(before - 1);
  await expect(all.first().getByRole('button', { name: /^Dismiss:/ })).toBeFocused();
  expect(popup.acted).toEqual([{ dismiss_notice: { id: 3 } }]);
});
