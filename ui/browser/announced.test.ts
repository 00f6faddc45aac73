// What a screen reader is told by itself: each thing once, and not again as time passes.

import type { Page } from '@playwright/test';

import { at, fixtures, session } from '../dev/fixtures';
import type { RoleView } from '../src/lib/agent';
import { expect, test } from './popup';

interface Heard {
  heard: string[];
}

/** Notes what live regions say from now on; a region that says the same still says nothing new. */
function listen(): void {
  const REGION = '[role="status"], [role="alert"], [aria-live]';
  const heard: string[] = [];
  const said = new Map<Element, string>();
  const hear = (region: Element): void => {
    const text = (region.textContent ?? '').replace(/\s+/g, ' ').trim();
    if (said.get(region) === text) return;
    said.set(region, text);
    if (text !== '') heard.push(text);
  };
  for (const region of document.querySelectorAll(REGION)) said.set(region, (region.textContent ?? '').replace(/\s+/g, ' ').trim());
  new MutationObserver((changes) => {
    const regions = new Set<Element>();
    for (const { target, addedNodes } of changes) {
      const element = target instanceof Element ? target : target.parentElement;
      const around = element?.closest(REGION);
      if (around) regions.add(around);
      for (const node of addedNodes) {
        if (!(node instanceof Element)) continue;
        if (node.matches(REGION)) regions.add(node);
        for (const inner of node.querySelectorAll(REGION)) regions.add(inner);
      }
    }
    regions.forEach(hear);
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
  (window as unknown as Heard).heard = heard;
}

const heard = (page: Page): Promise<string[]> => page.evaluate(() => (window as unknown as Heard).heard);

const few = fixtures['few']?.roles ?? [];
const put = (name: string, over: Partial<RoleView>): RoleView[] =>
  few.map((role) => (role.name === name ? { ...role, ...over } : role));

test('the time that is left is said when a session comes and when it is about to end', async ({ popup, page }) => {
  await popup.openAt('few');
  await page.evaluate(listen);
  await popup.change({ roles: put('logs', { session: session('active', 0, 3600) }) });
  await expect.poll(() => heard(page)).toEqual(['logs: 1 hour left']);

  await page.clock.runFor('50:00');
  await popup.change({ roles: put('logs', { session: session('active', 0, 3600) }) });
  expect(await heard(page)).toEqual(['logs: 1 hour left']);

  await popup.change({ roles: put('logs', { session: session('ending', 0, 3600) }) });
  await expect.poll(() => heard(page)).toEqual(['logs: 1 hour left', 'logs: ends in 10 minutes']);
});

test('locking is said once, not for each role, and so is unlocking', async ({ popup, page }) => {
  await popup.openAt('few');
  await page.evaluate(listen);
  const roles = few.map((role) => ({ ...role, session: session('none'), needs_code: true }));
  await popup.change({ locked: true, roles });
  await popup.change({ locked: true, roles });
  await expect.poll(() => heard(page)).toEqual(['Daypass is locked']);
  await popup.change({ locked: false });
  await expect.poll(() => heard(page)).toEqual(['Daypass is locked', 'Daypass is unlocked']);
});

test('a refused code is said once, after that it is being checked, and then one end of a code', async ({ popup, page }) => {
  await popup.openAt('code');
  await page.evaluate(listen);
  await page.getByRole('textbox', { name: 'Six-digit code' }).fill('000000');
  await page.clock.runFor(2000);
  await expect.poll(() => heard(page)).toEqual([
    'Checking with AWS…',
    'AWS did not accept that code. Type the one that your device shows now.',
  ]);
  await page.clock.runFor('02:00');
  expect((await heard(page)).slice(2)).toEqual([
    'This code is good for less than 10 seconds.',
    'The device shows a new code.',
  ]);
});

test('the wait for the next code is said once, not each second', async ({ popup, page }) => {
  await popup.openAt('code');
  await page.evaluate(listen);
  const prompt = fixtures['code-wait']?.prompt;
  if (!prompt) throw new Error('the fixture asks for no code');
  await popup.change({ prompt: { ...prompt, rejected: null, devices: prompt.devices.map((one) => ({ ...one, wait_until: at(20) })) } });
  await page.clock.runFor(15_000);
  await expect.poll(() => heard(page)).toEqual([
    'Wait for the next code. It is sent by itself when the time comes.',
  ]);
});

test('a notice is said once', async ({ popup, page }) => {
  await popup.openAt('few');
  await page.evaluate(listen);
  const notice = fixtures['notices']?.notices[0];
  if (notice === undefined) throw new Error('the fixture has no notice');
  await popup.change({ notices: [notice] });
  await page.clock.runFor('05:00');
  await popup.change({ notices: [notice] });
  const told = (await heard(page)).filter((text) => text.includes(notice.problem.what));
  expect(told).toHaveLength(1);
});

test('what is wrong in a form is said once', async ({ popup, page }) => {
  await popup.openAt('first-key');
  await page.evaluate(listen);
  await page.getByRole('button', { name: 'Add access key' }).click();
  await expect.poll(() => heard(page)).toEqual([
    'An access key ID looks like AKIAIOSFODNN7EXAMPLE.',
    'The secret access key is missing.',
  ]);
});
