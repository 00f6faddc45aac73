// The page in Debian's Chromium, its process mocked (`dev/mock.ts`).

import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: '../node_modules/.browser/results',
  snapshotPathTemplate: '../../docs/pictures/popup/{arg}{ext}',
  globalSetup: './build.ts',
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  reporter: [['list']],
  timeout: 60_000,
  expect: {
    timeout: 20_000,
    // Of 240,000 pixels, 480 may differ by more than a shade: edges of letters, but no edge of a
    // button, however pale.
    toHaveScreenshot: { animations: 'disabled', scale: 'device', threshold: 0.05, maxDiffPixelRatio: 0.002 },
  },
  projects: [
    // By how much everything is magnified.
    { name: '100', use: { viewport: { width: 400, height: 600 } } },
    {
      name: '200',
      testMatch: 'looks.test.ts',
      use: { viewport: { width: 200, height: 300 }, deviceScaleFactor: 2 },
    },
  ],
  use: {
    baseURL: 'https://popup.localhost',
    locale: 'en-GB',
    timezoneId: 'UTC',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      // Chromium's sandbox does not work for root.
      chromiumSandbox: process.getuid?.() !== 0,
      // Letters look the same on every screen.
      args: ['--font-render-hinting=none', '--disable-lcd-text'],
    },
  },
});
