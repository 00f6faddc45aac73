// How keys and roles come into Daypass, are replaced, and go.

import { flow, fromMenu, told } from '../person';
import { expect } from '../popup';

const FILES = { config: null, credentials: null, leapp: null, keychain: false };
const USUAL = { ...FILES, keychain: true };
const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const TEAM = 'Open console as team-1, account 111122223333, needs a code';

flow('adding the first key and the first role', 'first-key', async (person, popup, page) => {
  await person.write('textbox', 'Name', 'home');
  await person.write('textbox', 'Access key ID', 'AKIAIOSFODNN7EXAMPLE');
  await person.write('textbox', 'Secret access key', SECRET);
  await person.press('button', 'Add access key');
  await person.write('textbox', 'Role ARN', 'arn:aws:iam::111122223333:role/Admin');
  await person.press('radio', 'Long session');
  await person.write('textbox', 'Name', 'admin');
  await person.press('button', 'Add role');
  await expect(page.getByRole('heading', { name: 'All set' })).toBeVisible();
  await person.press('button', 'Open console as admin, account 111122223333, needs a code');
  await told(page, 'admin: opening the console…');
  const key = { access_key_id: 'AKIAIOSFODNN7EXAMPLE', secret_access_key: SECRET, mfa_serials: [] };
  expect(popup.asked).toEqual([
    { add_identity: { identity: { name: 'home' }, key } },
    { add_role: { name: 'admin', identity: 'home', arn: 'arn:aws:iam::111122223333:role/Admin', session: 'long' } },
    { open_console: { role: 'admin', destination: null, region: null } },
  ]);
});

flow('bringing over what the first run finds, up to a console', { fixture: 'first-key', found: 5 }, async (person, popup, page) => {
  await person.press('button', 'Bring over 3 keys and 5 roles');
  await told(page, 'New in Daypass: 3 keys and 5 roles.');
  await expect(page.getByRole('button', { name: TEAM })).toBeFocused();
  await person.press('button', TEAM);
  await told(page, 'team-1: opening the console…');
  await person.press('button', 'Go to the roles');
  await expect(page.getByRole('button', { name: /^Open console as team-5,/ })).toBeVisible();
  expect(popup.asked).toEqual([
    { import: { from: FILES, only: [], agreed: false } },
    { open_console: { role: 'team-1', destination: null, region: null } },
  ]);
});

flow('bringing over several roles, but not all', { fixture: 'few', found: 5 }, async (person, popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Bring over from this computer');
  await person.tick('I know these settings. Take this role too.');
  await person.tick('team-2 111122223339 Developer [profile team-2] in /home/ada/.aws/config');
  await person.press('button', 'Bring over 3 keys and 5 roles');
  await told(page, 'New in Daypass: 3 keys and 5 roles.');
  await expect(page.getByRole('button', { name: TEAM })).toBeFocused();
  await expect(page.getByRole('button', { name: /^Open console as team-2,/ })).toHaveCount(0);
  const only = ['ada', 'old-laptop', 'vaulted', 'team-1', 'team-3', 'team-4', 'team-5', 'own-endpoint'];
  expect(popup.asked).toEqual([{ import: { from: USUAL, only, agreed: true } }]);
});

flow('taking a key out of its file, and putting it back', { fixture: 'few', found: 1 }, async (person, popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Bring over from this computer');
  await person.press('button', 'Bring over 3 keys and 1 role');
  await person.tick('ada');
  await person.press('button', 'Remove 1 key from the file');
  await told(page, '1 key removed from /home/ada/.aws/credentials.');
  await person.press('button', 'Put back');
  await told(page, 'Put back into /home/ada/.aws/credentials.');
  await expect(page.getByRole('checkbox', { name: 'ada' })).not.toBeChecked();
  expect(popup.asked.slice(1)).toEqual([
    { remove_plain_keys: { from: USUAL, identities: ['ada'] } },
    'restore_plain_keys',
  ]);
});

flow('adding a key, refused at first', 'few', async (person, popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Add an access key');
  await person.write('textbox', 'Name', 'home');
  await person.write('textbox', 'Access key ID', 'AKIAIOSFODNNREFUSED');
  await person.write('textbox', 'Secret access key', SECRET);
  await person.press('button', 'Add access key');
  await told(page, 'AWS does not know this key');
  await person.write('textbox', 'Access key ID', 'AKIAIOSFODNN7EXAMPLE');
  await person.write('textbox', 'Secret access key', SECRET);
  await person.press('button', 'Add access key');
  await told(page, 'home was added.');
  await expect(page.getByRole('button', { name: 'Details of home' })).toBeVisible();
  expect(popup.acted).toHaveLength(2);
});

flow('using credentials that this machine has', 'few', async (person, popup, page) => {
  await person.press('button', 'Add');
  await person.press('menuitem', 'Add an access key');
  await person.unfold('Use credentials that this machine already has');
  await person.write('textbox', 'Profile', 'sso-dev');
  await person.press('button', 'Use these credentials');
  await told(page, 'this-machine was added.');
  await expect(page.getByRole('button', { name: 'Details of this-machine' })).toBeVisible();
  expect(popup.acted).toEqual([
    { add_identity: { identity: { name: 'this-machine', ambient: true, profile: 'sso-dev' }, key: null } },
  ]);
});

flow('replacing a key', 'few', async (person, popup, page) => {
  await person.press('button', 'Details of work');
  await person.press('button', 'Replace key of work');
  await person.press('button', 'Replace key');
  await told(page, 'The key of work was replaced by AKIAI44QH8DHBEXAMPLE.');
  await expect(page.getByRole('definition').filter({ hasText: 'AKIAI44QH8DHBEXAMPLE' })).toBeVisible();
  expect(popup.acted).toEqual([{ rotate_key: { identity: 'work' } }]);
});

flow('naming the device of a new phone', 'few', async (person, popup, page) => {
  await person.press('button', 'Details of work');
  await person.press('button', 'MFA devices of work');
  await person.write('textbox', 'Serials, one on each line', 'arn:aws:iam::111122223333:user/ada');
  await person.press('button', 'Save');
  await expect(page.getByRole('textbox', { name: 'Serials, one on each line' })).toBeFocused();
  await expect(page.getByText('Did you mean arn:aws:iam::111122223333:mfa/ada?')).toBeVisible();
  const phone = 'arn:aws:iam::111122223333:mfa/new-phone';
  await person.write('textbox', 'Serials, one on each line', phone);
  await person.press('button', 'Save');
  await told(page, 'The MFA devices of work were saved.');
  await expect(page.getByRole('definition').filter({ hasText: phone })).toBeVisible();
  expect(popup.acted).toEqual([{ set_devices: { identity: 'work', serials: [phone] } }]);
});

flow('removing an identity, once no role uses it', 'more', async (person, popup, page) => {
  const remove = async (): Promise<void> => {
    await person.press('button', 'Remove this-machine');
    await person.press('button', 'Remove this-machine');
  };
  await person.press('button', 'Details of this-machine');
  await remove();
  await told(page, 'The role sandbox uses the identity this-machine. Remove the role first.');
  await fromMenu(person, 'sandbox', 'More', 'Remove…');
  await person.press('button', 'Remove sandbox');
  await told(page, 'sandbox was removed.');
  await person.press('button', 'Details of this-machine');
  await remove();
  await told(page, 'this-machine was removed.');
  await expect(page.getByRole('button', { name: 'Details of this-machine' })).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Find a role' })).toBeFocused();
  expect(popup.acted).toEqual([
    { remove_identity: { name: 'this-machine' } },
    { remove_role: { name: 'sandbox' } },
    { remove_identity: { name: 'this-machine' } },
  ]);
});
