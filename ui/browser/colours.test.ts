// Every mark can be seen in the system's own colours, as Windows' contrast themes have them. One size
// shows it, so this stands apart from `looks.test.ts`, which is done in two.

import { expect, test } from './popup';
import { marked } from './screens';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const { name, query, open } of marked) {
  test(`${name} fits in the system’s own colours`, async ({ popup, page }) => {
    await page.emulateMedia({ forcedColors: 'active' });
    await popup.openAt(query);
    await open?.(page);
    await page.mouse.move(0, 0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.soft(page).toHaveScreenshot(`${name}-forced-${colorScheme}.png`);
    }
  });
}
