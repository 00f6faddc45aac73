import { describe, expect, it } from 'vitest';

import lock from '../../Cargo.lock?raw';
import licences from '../src/lib/licences.json';
import npm from '../package-lock.json';
import own from '../package.json';

const names = (all: Record<string, string>): string[] => Object.values(all).flatMap((names) => names.split(' '));

describe('the list of what is bundled', () => {
  it('names only crates that are in the lock file, and each once', () => {
    const crates = names(licences.rust);
    expect(crates.length).toBeGreaterThan(200);
    expect(new Set(crates).size).toBe(crates.length);
    for (const crate of crates) expect(lock).toContain(`\nname = "${crate}"\n`);
  });

  it('has every package that the popup depends on, with the licence of the lock file', () => {
    const packages = npm.packages as Record<string, { license?: string }>;
    for (const name of [...Object.keys(own.dependencies), 'svelte']) {
      const licence = packages[`node_modules/${name}`]?.license?.split(' OR ').sort().join(' OR ');
      expect((licences.npm as Record<string, string>)[licence ?? '']?.split(' '), name).toContain(name);
    }
  });

  it('has a licence for each', () => {
    for (const licence of [...Object.keys(licences.npm), ...Object.keys(licences.rust)]) {
      expect(licence).toMatch(/^[(A-Za-z0-9][\w.() -]+$/);
    }
  });
});
