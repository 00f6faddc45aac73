// What people set, for all roles, an account or a role, and what they look up.

import { flow, fromMenu, told } from '../person';
import { expect } from '../popup';

const SHORTCUT = 'Shortcut that shows it';

flow('changing settings', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.write('textbox', 'Minutes of warning before its end', '15');
  await person.toggle('Start at login');
  await told(page, 'Saved');
  await expect(page.getByRole('switch', { name: 'Start at login' })).toBeChecked();
  expect(popup.asked).toEqual([
    { change_settings: { warn_minutes: 15 } },
    { change_settings: { start_at_login: true } },
  ]);
});

flow('changing a setting to what is refused', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.write('textbox', 'One code is good for', '13m');
  await person.toggle('Start at login');
  await told(page, /A session lasts between 15 minutes and 36 hours.*Still set: 12h/);
  const field = page.getByRole('textbox', { name: 'One code is good for' });
  await expect(field).toHaveAccessibleDescription(/A session lasts between 15 minutes and 36 hours/);
  await expect(field).toHaveValue('13m');
  expect(popup.asked[0]).toEqual({ change_settings: { mfa_duration: '13m' } });
});

flow('changing the language', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.choose('Language', 'Deutsch');
  await expect(page.getByRole('heading', { name: 'Einstellungen' })).toBeAttached();
  expect(popup.asked).toEqual([{ change_settings: { language: 'de' } }]);
});

flow('recording a shortcut, and turning it off', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.press('button', `${SHORTCUT} Record`);
  await page.keyboard.press('Control+Alt+d');
  await told(page, 'Saved');
  await expect(page.getByRole('button', { name: `${SHORTCUT} Ctrl+Alt+D` })).toBeFocused();
  await person.press('button', 'Off');
  await expect(page.getByRole('button', { name: `${SHORTCUT} Record` })).toBeFocused();
  await expect.poll(() => popup.asked).toEqual([
    { change_settings: { shortcut: 'Ctrl+Alt+D' } },
    { change_settings: { shortcut: null } },
  ]);
});

flow('changing an endpoint, refused at first', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.unfold('Addresses');
  await person.write('textbox', 'STS', 'http://sts.example.com');
  await page.keyboard.press('Enter');
  await told(page, /must be an https address.*The default is still set\./);
  await person.write('textbox', 'STS', 'https://sts.example.com');
  await page.keyboard.press('Enter');
  await told(page, 'Changed, and used from the next start of Daypass on: endpoints.sts.');
  expect(popup.asked).toEqual([
    { change_endpoints: { sts: 'http://sts.example.com' } },
    { change_endpoints: { sts: 'https://sts.example.com' } },
  ]);
});

flow('choosing a browser for all consoles', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.choose('Browser', 'Firefox');
  await person.choose('Container', 'Shop');
  await told(page, 'Saved');
  await expect.poll(() => popup.asked).toEqual([
    { change_settings: { browser: { program: 'firefox' } } },
    { change_settings: { browser: { program: 'firefox', container: 'Shop' } } },
  ]);
});

flow('opening a role in a browser profile', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Which browser…');
  await person.press('radio', 'Chromium, profile Ada at work');
  await person.press('button', 'Save');
  await told(page, 'logs opens in Chromium, profile Ada at work.');
  expect(popup.asked).toEqual([
    { open_role_in: { role: 'logs', browser: { program: 'chromium', profile: 'Profile 1' } } },
  ]);
});

flow('opening an account in a container', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Which browser…');
  await person.press('radio', 'its whole account');
  await person.press('radio', 'Firefox, container Bank');
  await person.press('button', 'Save');
  await told(page, '777788889999 opens in Firefox, container Bank.');
  expect(popup.asked).toEqual([
    { set_account: { id: '777788889999', browser: { program: 'firefox', container: 'Bank' } } },
  ]);
});

flow('naming an account and marking it as production', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Account name and colour…');
  await person.write('textbox', 'Name', 'Shop');
  await person.press('radio', 'Teal');
  await person.tick('Production Marked with a word everywhere in the list.');
  await person.press('button', 'Save');
  await told(page, 'Saved.');
  await expect(
    page.getByRole('button', { name: /^Open console as logs, account 777788889999, Shop, Production,/ }),
  ).toBeVisible();
  expect(popup.acted).toEqual([
    { set_account: { id: '777788889999', name: 'Shop', colour: 'teal', production: true } },
  ]);
});

flow('changing a role', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Edit…');
  await person.unfold('More settings');
  await person.write('textbox', 'Session length', '30m');
  await person.press('button', 'Save');
  await told(page, 'logs was changed.');
  expect(popup.acted).toEqual([
    // Before it is sent, too: nobody else has changed it meanwhile.
    { describe_role: { name: 'logs' } },
    { describe_role: { name: 'logs' } },
    {
      add_role: {
        name: 'logs',
        identity: 'work',
        arn: 'arn:aws:iam::111122223333:role/Admin',
        session: 'daily',
        region: 'eu-west-1',
        duration: '30m',
      },
    },
  ]);
});

flow('looking up what AWS must allow for a role', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Details');
  await person.unfold('What AWS needs for it');
  await expect(page.getByRole('group', { name: 'Trust policy of the role' }).first()).toBeVisible();
  expect(popup.asked).toEqual([{ describe_role: { name: 'logs' } }]);
});

flow('looking through the activity, and taking it along', { fixture: 'few', entries: 60 }, async (person, popup, page) => {
  await person.press('button', 'Activity');
  await person.press('button', 'Show older');
  await person.choose('Show', 'Access keys');
  await told(page, '1 entry shown');
  await person.press('button', 'Export');
  await told(page, 'Written to');
  expect(popup.asked).toEqual([{ export_journal: { kinds: ['key'] } }]);
});

flow('checking everything', 'few', async (person, popup, page) => {
  await person.press('button', 'Settings');
  await person.press('button', 'About Daypass');
  await person.press('button', 'Check everything');
  await told(page, '2 things need a look.');
  expect(popup.asked).toEqual(['examine']);
});
