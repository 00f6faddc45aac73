// How every screen looks: it fits whatever the names are, and is as in `docs/pictures/popup`.

import { expect, test } from './popup';
import { hostile, otherwise, pictured, screens } from './screens';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** What can be seen of an element and lies outside of the window's width. */
function sticksOut(): string[] {
  const clips = (element: Element): boolean => getComputedStyle(element).overflowX !== 'visible';
  const wide = document.documentElement.clientWidth;
  const out: string[] = [];
  for (const element of document.querySelectorAll('.app *')) {
    if (element.closest('.unseen, svg') !== null) continue;
    let { left, right } = element.getBoundingClientRect();
    if (right === left) continue;
    for (let around = element.parentElement; around !== null; around = around.parentElement) {
      if (around.matches('main, .app, body, html') || !clips(around)) continue;
      const box = around.getBoundingClientRect();
      left = Math.max(left, box.left);
      right = Math.min(right, box.right);
    }
    if (left < right && (left < -0.5 || right > wide + 0.5)) {
      out.push(`${element.tagName}.${String(element.className)} from ${left} to ${right} of ${wide}`);
    }
  }
  return out;
}

const BOTH = ['light', 'dark'] as const;

for (const screen of screens) {
  const { name, query, open } = screen;
  test(`${name} fits`, async ({ popup, page }, { project }) => {
    await popup.openAt(query);
    await open?.(page);
    // What happens to be beneath the pointer is not to stand out.
    await page.mouse.move(0, 0);
    expect(await page.evaluate(sticksOut)).toEqual([]);
    // Only what is below the header scrolls.
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
    const taken = pictured.includes(screen) ? BOTH : otherwise.includes(screen) ? (['light'] as const) : [];
    for (const colorScheme of taken) {
      await page.emulateMedia({ colorScheme });
      await expect.soft(page).toHaveScreenshot(`${name}-${colorScheme}-${project.name}.png`);
    }
  });
}

for (const { name, query, open } of hostile) {
  test(`names in ${name} are text`, async ({ popup, page }) => {
    await popup.openAt(query);
    await open?.(page);
    await expect(page).toHaveTitle('Daypass (mock)');
    await expect(page.locator('img, [onerror], .app script')).toHaveCount(0);
    await expect(page.getByText('<img src=x onerror=').first()).toBeAttached();
  });
}

test('a button that moves by two pixels is noticed', async ({ popup, page }, { project }) => {
  await popup.openAt('code');
  await page.emulateMedia({ colorScheme: 'light' });
  const picture = `code-light-${project.name}.png`;
  await expect(page).toHaveScreenshot(picture);
  await page.locator('#cancel-code').evaluate((element: HTMLElement) => element.style.setProperty('translate', '0 2px'));
  await expect(page).not.toHaveScreenshot(picture);
});
