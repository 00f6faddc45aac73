// What the program embeds: small, and it names nothing that could be requested.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { expect, test } from '@playwright/test';

import { SHIPPED } from './build';

const MOST = 100_000;

/** Addresses that are names, examples or words of an error, and never requested. */
const WORDS = [
  /^http:\/\/www\.w3\.org\//,
  /^https:\/\/svelte\.dev\/e\//,
  /^https?:\/\/…/,
  /^http:\/\/proxy\.example\.com:8080$/,
  // Shown to be copied.
  /^https:\/\/docs\.aws\.amazon\.com\/awsconsolehelpdocs\/latest\/gsg\/multisession\.html$/,
  /^https:\/\/console\.aws\.amazon\.com$/,
];

async function files(): Promise<{ name: string; bytes: Buffer }[]> {
  const found = await readdir(SHIPPED, { recursive: true, withFileTypes: true });
  const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return Promise.all(paths.map(async (name) => ({ name, bytes: await readFile(name) })));
}

test('the popup stays under 100 KB compressed', async () => {
  const all = await files();
  const size = all.reduce((sum, { bytes }) => sum + gzipSync(bytes).length, 0);
  console.log(`${all.length} files, ${size} bytes compressed`);
  expect(all.length).toBeGreaterThan(2);
  expect(size).toBeLessThan(MOST);
});

test('the popup names no address to request', async () => {
  for (const { name, bytes } of await files()) {
    const text = bytes.toString('utf8');
    const addresses = text.match(/(?:https?|wss?):\/\/[^\s"'`\\)]*/g) ?? [];
    expect(addresses.filter((url) => !WORDS.some((word) => word.test(url))), name).toEqual([]);
    expect(text.match(/(?:src|href)="(?!\.\/)[^"]*"|url\((?!data:)|@import/g) ?? [], name).toEqual([]);
  }
});
