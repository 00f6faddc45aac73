import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { expect, test } from './popup';
import { screens } from './screens';

// axe takes a while for a thousand roles.
test.setTimeout(180_000);
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** What axe finds, by all of its rules or by one. */
async function found(page: Page, rule?: string): Promise<unknown[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rule === undefined ? axe : axe.withRules(rule)).analyze();
  return violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 300)} ${failureSummary ?? ''}`),
  }));
}

for (const { name, query, open } of screens) {
  test(`axe finds nothing in ${name}`, async ({ popup, page }) => {
    await popup.openAt(query);
    await open?.(page);
    // axe waits by timers.
    await page.clock.resume();
    await page.emulateMedia({ colorScheme: 'light' });
    expect.soft(await found(page), 'light').toEqual([]);
    // Roles and names are the same in the dark.
    await page.emulateMedia({ colorScheme: 'dark' });
    expect.soft(await found(page, 'color-contrast'), 'dark').toEqual([]);
    await page.emulateMedia({ forcedColors: 'active' });
    expect.soft(await found(page, 'color-contrast'), 'forced colours').toEqual([]);
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`there is more contrast in ${colorScheme} for who wants it`, async ({ popup, page }) => {
    await page.emulateMedia({ colorScheme, contrast: 'more' });
    for (const fixture of ['twelve', 'more', 'code-rejected', 'notices', 'first-key', 'footer']) {
      await popup.open(fixture);
      // Seven to one instead of four and a half (WCAG 1.4.6).
      expect.soft(await found(page, 'color-contrast-enhanced'), fixture).toEqual([]);
    }
  });
}

const turning = (page: Page): Promise<number> =>
  page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);

for (const fixture of ['twelve', 'code-checking', 'connecting']) {
  test(`nothing moves in ${fixture} for who does not want it`, async ({ popup, page }) => {
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await popup.open(fixture);
    await expect.poll(() => turning(page)).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expect.poll(() => turning(page)).toBe(0);
  });
}
