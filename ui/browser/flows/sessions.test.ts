// How a session gets to where it is used: clipboard, terminal, files, Secrets Manager.

import { flow, fromMenu, told } from '../person';
import { expect } from '../popup';

const CLEARED = 'It is cleared from the clipboard again soon.';

flow('copying a link', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Copy sign-in link');
  await told(page, `Copied: who has the link can sign in as logs, for 15 minutes. ${CLEARED}`);
  expect(popup.acted).toEqual([{ copy_link: { role: 'logs', destination: null, region: null } }]);
});

flow('copying a link that only reads', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Copy something else', 'Sign-in link with options…');
  await person.tick('Read-only');
  await person.press('button', 'Copy link');
  await told(page, `Copied. ${CLEARED}`);
  expect(popup.acted).toEqual([
    { copy_link: { role: 'logs', read_only: true, destination: null, region: null } },
  ]);
});

flow('copying for the shell of the settings', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Copy for Bash');
  await told(page, `Copied: the session of logs. ${CLEARED}`);
  expect(popup.acted).toEqual([
    { copy_environment: { session: { role: 'logs', read_only: false }, shell: 'bash' } },
  ]);
});

flow('copying for another shell', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Copy something else', 'For another shell…');
  await person.press('radio', 'fish');
  await person.press('button', 'Copy');
  await told(page, `Copied. ${CLEARED}`);
  expect(popup.acted).toEqual([
    { copy_environment: { session: { role: 'logs', read_only: false }, shell: 'fish' } },
  ]);
});

flow('copying the lines of a profile', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Copy something else', 'Profile for ~/.aws/config');
  await told(page, `Copied: a profile of logs. ${CLEARED}`);
  expect(popup.acted).toEqual([{ copy_profile: { role: 'logs' } }]);
});

flow('opening a terminal', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'Open a terminal');
  await told(page, 'A terminal has the session of logs.');
  expect(popup.acted).toEqual([{ open_terminal: { role: 'logs' } }]);
});

flow('writing a session to a file', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Write to ~/.aws/credentials…');
  await person.write('textbox', 'Profile', 'logs-now');
  await person.press('button', 'Write in plain text');
  await told(page, 'Written to /home/ada/.aws/credentials.');
  await told(page, 'The file can be read by other users.');
  await person.press('button', 'Close');
  await expect(page.getByRole('combobox', { name: 'Find a role' })).toBeFocused();
  expect(popup.acted).toEqual([{ write_profile: { role: 'logs', profile: 'logs-now' } }]);
});

flow('publishing a session at each renewal, and no longer', 'few', async (person, popup, page) => {
  await fromMenu(person, 'logs', 'More', 'Publish to Secrets Manager…');
  await person.write('textbox', 'Secret', 'partners/missing');
  await person.tick('Publish again at each renewal');
  await person.press('button', 'Publish');
  await told(page, 'There is no secret partners/missing.');
  await person.write('textbox', 'Secret', 'partners/logs');
  await person.press('button', 'Publish');
  await told(page, 'Published to partners/logs.');
  await fromMenu(person, 'logs', 'More', 'Publish to Secrets Manager…');
  await person.press('button', 'Stop publishing to partners/logs');
  await told(page, 'No longer published to partners/logs.');
  await expect(page.getByRole('textbox', { name: 'Secret' })).toBeFocused();
  const publish = { role: 'logs', create: false, keep: true };
  expect(popup.acted).toEqual([
    { publish: { publish: { ...publish, secret_id: 'partners/missing' } } },
    { publish: { publish: { ...publish, secret_id: 'partners/logs' } } },
    { stop_publishing: { role: 'logs', secret_id: 'partners/logs' } },
  ]);
});
