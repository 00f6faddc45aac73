// What people do, each once by keyboard alone and once by roles and names alone.

import type { Action } from '../src/lib/agent';
import { flow } from './person';
import { expect, type Popup } from './popup';

const CODE = '123456';
const OF_MANY = 'Open console as data-3-dev-billing, account 100712740330, data-3 dev, ready to open';
const STAGING = 'Open console as staging, account 444455556666, ends in 4 minutes';

flow('opening a console', 'few', async (person, popup) => {
  await person.press('button', STAGING);
  await expect.poll(() => popup.acted).toEqual([
    { open_console: { role: 'staging', destination: null, region: null } },
  ]);
});

flow('entering a code, wrong at first', 'code', async (person, popup, page) => {
  await person.write('textbox', 'Six-digit code', '000000');
  await expect(page.getByRole('alert').filter({ hasText: 'AWS did not accept that code.' })).toBeVisible();
  await person.write('textbox', 'Six-digit code', CODE);
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  expect(popup.acted).toHaveLength(2);
});

flow('closing the code field', 'code', async (person, popup, page) => {
  await person.press('button', 'Cancel');
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  expect(popup.acted).toEqual(['dismiss_prompt']);
});

flow('choosing a device for a code', 'code-devices', async (person, popup, page) => {
  await person.press('radio', 'token-in-the-drawer');
  await person.write('textbox', 'Six-digit code', CODE);
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  expect(popup.acted).toHaveLength(1);
});

flow('adding the first key and the first role', 'first-key', async (person, popup, page) => {
  await person.write('textbox', 'Name', 'home');
  await person.write('textbox', 'Access key ID', 'AKIAIOSFODNN7EXAMPLE');
  await person.write('textbox', 'Secret access key', 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY');
  await person.press('button', 'Add access key');
  await person.write('textbox', 'Role ARN', 'arn:aws:iam::111122223333:role/Admin');
  await person.press('radio', 'Long session');
  await person.write('textbox', 'Name', 'admin');
  await person.press('button', 'Add role');
  await expect(page.getByRole('heading', { name: 'All set' })).toBeVisible();
  await person.press('button', 'Open console as admin, account 111122223333, needs a code');
  await expect.poll(() => popup.acted.at(-1)).toEqual({
    open_console: { role: 'admin', destination: null, region: null },
  });
});

flow('bringing over what the first run finds', { fixture: 'first-key', found: 5 }, async (person, popup, page) => {
  await person.press('button', 'Bring over 3 keys and 5 roles');
  await expect(page.getByRole('status').filter({ hasText: 'New in Daypass: 3 keys and 5 roles.' })).toBeVisible();
  await person.press('button', 'Go to the roles');
  await expect(page.getByRole('button', { name: /^Open console as team-1,/ })).toBeVisible();
  expect(popup.acted.some((action) => typeof action === 'object' && 'import' in action)).toBe(true);
});

flow('adding a key that is refused', 'few', async (person, _popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Add an access key');
  await person.write('textbox', 'Name', 'home');
  await person.write('textbox', 'Access key ID', 'AKIAIOSFODNNREFUSED');
  await person.write('textbox', 'Secret access key', 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY');
  await person.press('button', 'Add access key');
  await expect(page.getByRole('alert').filter({ hasText: 'AWS does not know this key' })).toBeVisible();
});

flow('bringing over what is there', { fixture: 'few', found: 5 }, async (person, _popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Bring over from this computer');
  await person.tick('I know these settings. Take this role too.');
  await person.press('button', 'Bring over 3 keys and 6 roles');
  await expect(page.getByRole('status').filter({ hasText: 'New in Daypass: 3 keys and 6 roles.' })).toBeVisible();
  await person.tick('ada');
  await person.press('button', 'Remove 1 key from the file');
  await expect(page.getByRole('status').filter({ hasText: '1 key removed' })).toBeVisible();
  await person.press('button', 'Go to the roles');
  await expect(page.getByRole('button', { name: /^Open console as team-1,/ })).toBeVisible();
});

flow('copying a link that only reads', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'Copy something else');
  await person.press('menuitem', 'Sign-in link with options…');
  await person.tick('Read-only');
  await person.press('button', 'Copy link');
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  expect(popup.acted).toEqual([
    { copy_link: { role: 'logs', read_only: true, destination: null, region: null } },
  ]);
});

flow('copying for a shell', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'Copy something else');
  await person.press('menuitem', 'For another shell…');
  await person.press('radio', 'fish');
  await person.press('button', 'Copy');
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  expect(popup.acted).toEqual([
    { copy_environment: { session: { role: 'logs', read_only: false }, shell: 'fish' } },
  ]);
});

flow('removing a role, after a question', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'More');
  await person.press('menuitem', 'Remove…');
  await person.press('button', 'Remove logs');
  await expect(page.getByRole('button', { name: /^Open console as logs,/ })).toHaveCount(0);
  expect(popup.acted).toEqual([{ remove_role: { name: 'logs' } }]);
});

flow('unlocking Daypass', 'locked-daypass', async (person, popup, page) => {
  await person.press('button', 'Unlock');
  await expect(page.getByRole('heading', { name: 'Daypass is locked' })).toHaveCount(0);
  expect(popup.acted).toEqual(['unlock']);
});

flow('unlocking the keychain', 'locked', async (person, popup, page) => {
  await person.press('button', 'Unlock');
  await expect(page.getByRole('heading', { name: 'Your keychain is locked' })).toHaveCount(0);
  expect(popup.acted).toEqual(['unlock_vault']);
});

flow('looking through the activity, and taking it along', { fixture: 'few', entries: 60 }, async (person, popup, page) => {
  await person.press('button', 'Activity');
  await person.press('button', 'Show older');
  await person.choose('Show', 'Access keys');
  await expect(page.getByRole('status').filter({ hasText: '1 entry shown' })).toHaveCount(1);
  await person.press('button', 'Export');
  await expect(page.getByRole('status').filter({ hasText: 'Written to' })).toBeVisible();
  expect(popup.acted.at(-1)).toEqual({ export_journal: { kinds: ['key'] } });
});

flow('finding one of a thousand roles', 'thousand', async (person, popup) => {
  await person.write('combobox', 'Find a role', 'data-3-dev-bil');
  await person.press('button', OF_MANY);
  await expect.poll(() => popup.acted).toEqual([
    { open_console: { role: 'data-3-dev-billing', destination: null, region: null } },
  ]);
});

flow('making a role a favourite, and keeping it renewed', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitemcheckbox', 'Favourite');
  await expect(page.getByRole('status').filter({ hasText: 'logs stands at the top.' })).toBeVisible();
  await person.press('button', 'More for logs');
  await person.press('menuitemcheckbox', 'Keep renewed');
  await expect(page.getByRole('button', { name: /^Open console as logs,.* favourite, kept renewed,/ })).toBeVisible();
  expect(popup.acted).toEqual([{ favourite: { role: 'logs', on: true } }, { pin: { role: 'logs', on: true } }]);
});

flow('renewing a session', 'few', async (person, popup, page) => {
  await person.press('button', 'More for staging');
  await person.press('menuitem', 'Renew now');
  await expect(page.getByRole('status').filter({ hasText: 'The session of staging is new.' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Open console as staging,.* left$/ })).toBeVisible();
  expect(popup.acted).toEqual([{ renew_session: { role: 'staging' } }]);
});

flow('ending a session that is in use, after a question', 'twelve', async (person, popup, page) => {
  await person.press('button', 'More for prod-admin');
  await person.press('menuitem', 'End session…');
  await person.press('button', 'End session of prod-admin');
  await expect(page.getByRole('status').filter({ hasText: 'The session of prod-admin has ended here.' })).toBeVisible();
  expect(popup.acted).toEqual([{ end_session: { role: 'prod-admin' } }]);
});

flow('opening a role in a browser profile', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'More');
  await person.press('menuitem', 'Open in…');
  await person.press('radio', 'Chromium, profile Ada at work');
  await person.press('button', 'Save');
  await expect(page.getByRole('status').filter({ hasText: 'logs opens in Chromium, profile Ada at work.' })).toBeVisible();
  expect(popup.acted.at(-1)).toEqual({
    open_role_in: { role: 'logs', browser: { program: 'chromium', profile: 'Profile 1' } },
  });
});

flow('logging out and opening', 'few', async (person, popup) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'Open elsewhere…');
  await person.press('button', 'Log out and open');
  await expect.poll(() => popup.acted).toEqual([
    { open_console: { role: 'logs', destination: null, region: null, sign_out: true } },
  ]);
});

flow('naming an account', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'More');
  await person.press('menuitem', 'Account name and colour…');
  await person.write('textbox', 'Name', 'Shop');
  await person.press('radio', 'Teal');
  await person.press('button', 'Save');
  await expect(page.getByRole('button', { name: /^Open console as logs, account 777788889999, Shop,/ })).toBeVisible();
  expect(popup.acted).toEqual([{ set_account: { id: '777788889999', name: 'Shop', colour: 'teal' } }]);
});

/** Without what the settings look up to be shown. */
const changed = ({ acted }: Popup): Action[] => acted.filter((action) => action !== 'browsers');

flow('changing settings', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.write('textbox', 'Minutes of warning before its end', '15');
  await person.toggle('Start at login');
  await expect.poll(() => changed(popup)).toEqual([
    { change_settings: { warn_minutes: 15 } },
    { change_settings: { start_at_login: true } },
  ]);
  await expect(page.getByRole('switch', { name: 'Start at login' })).toBeChecked();
});

flow('changing the language', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.choose('Language', 'Deutsch');
  await expect(page.getByRole('heading', { name: 'Einstellungen' })).toBeVisible();
  expect(changed(popup)).toEqual([{ change_settings: { language: 'de' } }]);
});

flow('changing a setting to what is refused', 'few', async (person, _popup, page) => {
  await person.press('button', 'Settings');
  await person.write('textbox', 'One code is good for', '13m');
  await person.toggle('Start at login');
  const field = page.getByRole('textbox', { name: 'One code is good for' });
  await expect(field).toHaveAccessibleDescription(/A session lasts between 15 minutes and 36 hours/);
  await expect(field).toHaveValue('13m');
});

flow('checking everything', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.press('button', 'About Daypass');
  await person.press('button', 'Check everything');
  await expect(page.getByRole('status').filter({ hasText: '2 things need a look.' })).toBeVisible();
  expect(popup.acted).toContain('examine');
});

flow('dismissing a notice', 'notices', async (person, popup, page) => {
  const all = page.getByRole('list', { name: 'Notices' }).getByRole('listitem');
  const before = await all.count();
  const name = await all.first().getByRole('button', { name: /^Dismiss:/ }).getAttribute('aria-label');
  await person.press('button', name ?? '');
  await expect(all).toHaveCount(before - 1);
  expect(popup.acted).toHaveLength(1);
});
