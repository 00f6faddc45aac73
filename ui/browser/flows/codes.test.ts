// What people do for a code, and where Daypass or the keychain is locked.

import { fixtures, session } from '../../dev/fixtures';
import { flow, told } from '../person';
import { expect } from '../popup';

const CODE = '123456';

flow('entering a code, wrong at first', 'code', async (person, popup, page) => {
  await person.write('textbox', 'Six-digit code', '000000');
  await told(page, 'AWS did not accept that code.');
  await person.write('textbox', 'Six-digit code', CODE);
  await told(page, 'Checking with AWS…');
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  const serial = 'arn:aws:iam::111122223333:mfa/ada';
  expect(popup.acted).toEqual(
    ['000000', CODE].map((code) => ({ submit_code: { identity: 'work', serial, code } })),
  );
});

flow('asking for a code from the list', 'twelve', async (person, popup, page) => {
  await person.press('button', 'Enter code for customer');
  await person.write('textbox', 'Six-digit code', CODE);
  await told(page, 'Checking with AWS…');
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  expect(popup.acted[0]).toEqual({ ask_for_code: { identity: 'customer' } });
  expect(popup.acted[1]).toMatchObject({ submit_code: { identity: 'customer', code: CODE } });
});

flow('closing the code field', 'code', async (person, popup, page) => {
  await person.press('button', 'Cancel');
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  expect(popup.acted).toEqual(['dismiss_prompt']);
});

flow('typing a code before its time', 'code-wait', async (person, _, page) => {
  await person.write('textbox', 'Six-digit code', CODE);
  await expect(page.getByTestId('code-wait')).toContainText('Yours will be sent');
  await expect(page.getByText('The code that the device shows now was already used.')).toBeVisible();
  // Every digit stays in its cell, with the caret behind the last one.
  expect(await page.locator('#code').evaluate((field) => field.scrollLeft)).toBe(0);
});

flow('choosing a device for a code', 'code-devices', async (person, popup, page) => {
  await person.press('radio', 'token-in-the-drawer');
  await person.write('textbox', 'Six-digit code', CODE);
  await told(page, 'Checking with AWS…');
  await expect(page.getByRole('form', { name: 'Enter the code' })).toHaveCount(0);
  const serial = 'arn:aws:iam::111122223333:mfa/token-in-the-drawer';
  expect(popup.acted).toEqual([{ submit_code: { identity: 'work', serial, code: CODE } }]);
});

flow('going on after Daypass was locked', 'few', async (person, popup, page) => {
  const roles = fixtures['few']?.roles ?? [];
  await popup.change({
    locked: true,
    roles: roles.map((role) => ({ ...role, session: session('none'), needs_code: true })),
  });
  await told(page, 'Daypass is locked');
  await person.press('button', 'Open console as logs, account 777788889999, needs a code');
  await told(page, 'Unlock Daypass first.');
  await expect(page.getByRole('button', { name: 'Unlock' })).toBeFocused();
  await person.press('button', 'Unlock');
  await told(page, 'Daypass is unlocked');
  await expect(page.getByRole('combobox', { name: 'Find a role' })).toBeFocused();
  expect(popup.acted).toEqual(['unlock']);
});

flow('unlocking the keychain', 'locked', async (person, popup, page) => {
  await person.press('button', 'Unlock');
  await told(page, 'Waiting for your keychain…');
  await expect(page.getByRole('heading', { name: 'Your keychain is locked' })).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Find a role' })).toBeFocused();
  expect(popup.acted).toEqual(['unlock_vault']);
});
