// Builds the page twice: as Tauri embeds it, and with the mock in place of its process.

import { fileURLToPath } from 'node:url';

import { build } from 'vite';

const folder = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** What the program embeds. */
export const SHIPPED = folder('node_modules/.browser/shipped');
/** What the tests look at: `dev/index.html`. */
export const MOCKED = folder('node_modules/.browser/mocked');

export default async function buildBoth(): Promise<void> {
  const root = folder('');
  const one = (outDir: string, page: string): Promise<unknown> =>
    build({
      root,
      logLevel: 'warn',
      build: { outDir, emptyOutDir: true, rolldownOptions: { input: folder(page) } },
    });
  await one(SHIPPED, 'index.html');
  await one(MOCKED, 'dev/index.html');
}
