// What people do, each once by keyboard alone and once by roles and names alone.

import { flow } from './person';
import { expect } from './popup';

const CODE = '123456';
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

flow('adding the first key and the first role', 'first-key', async (person, _popup, page) => {
  await person.write('textbox', 'Name', 'home');
  await person.write('textbox', 'Access key ID', 'AKIAIOSFODNN7EXAMPLE');
  await person.write('textbox', 'Secret access key', 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY');
  await person.press('button', 'Add access key');
  await person.write('textbox', 'Role ARN', 'arn:aws:iam::111122223333:role/Admin');
  await person.press('radio', 'Long session');
  await person.write('textbox', 'Name', 'admin');
  await person.press('button', 'Add role');
  await expect(page.getByRole('button', { name: /^Open console as admin,/ })).toBeVisible();
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
  await person.press('menuitem', 'Copy a sign-in link…');
  await person.tick('Read-only');
  await person.press('button', 'Copy link');
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  expect(popup.acted).toEqual([
    { copy_link: { role: 'logs', read_only: true, destination: null, region: null } },
  ]);
});

flow('copying for a shell', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
  await person.press('menuitem', 'Copy for a shell…');
  await person.press('radio', 'fish');
  await person.press('button', 'Copy');
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  expect(popup.acted).toEqual([
    { copy_environment: { session: { role: 'logs', read_only: false }, shell: 'fish' } },
  ]);
});

flow('removing a role, after a question', 'few', async (person, popup, page) => {
  await person.press('button', 'More for logs');
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
  await person.write('searchbox', 'Find a role', 'mobile-dev-5-dns');
  await person.press('button', 'Open console as mobile-dev-5-dns, account 898959996900, ready to open');
  await expect.poll(() => popup.acted).toHaveLength(1);
});

flow('dismissing a notice', 'notices', async (person, popup, page) => {
  const all = page.getByRole('list', { name: 'Notices' }).getByRole('listitem');
  const before = await all.count();
  const name = await all.first().getByRole('button', { name: /^Dismiss:/ }).getAttribute('aria-label');
  await person.press('button', name ?? '');
  await expect(all).toHaveCount(before - 1);
  expect(popup.acted).toHaveLength(1);
});
