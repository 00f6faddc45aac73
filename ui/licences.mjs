// Writes src/lib/licences.json: what is bundled, by its licence. `npm run licences`, after a
// dependency came or went, of the popup or of the programs.
//
// Of npm's packages those whose modules are in the bundle; of Rust's crates those that cargo links
// into the programs. Crates that only build others are left out, as are proc-macros.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));

/** `Apache-2.0/MIT` and `MIT OR Apache-2.0` are the same. */
const spdx = (licence) =>
  licence.includes(' AND ')
    ? licence
    : licence
        .split(/ OR | ?\/ ?/)
        .sort()
        .join(' OR ');

function byLicence(pairs) {
  const all = {};
  for (const [name, licence] of pairs) (all[spdx(licence)] ??= new Set()).add(name);
  return Object.fromEntries(
    Object.keys(all)
      .sort((one, other) => all[other].size - all[one].size || one.localeCompare(other))
      .map((licence) => [licence, [...all[licence]].sort().join(' ')]),
  );
}

async function npm() {
  const { output } = await build({ root: here, logLevel: 'error', build: { write: false } });
  const names = output
    .flatMap((chunk) => chunk.moduleIds ?? [])
    .map((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1])
    .filter(Boolean);
  return [...new Set(names)].map((name) => {
    const file = join(here, 'node_modules', name, 'package.json');
    return [name, JSON.parse(readFileSync(file, 'utf8')).license];
  });
}

function rust() {
  const tree = execFileSync(
    'cargo',
    [
      'tree',
      '--locked',
      ...['--package', 'daypass', '--edges', 'normal,no-proc-macro'],
      ...['--target', 'x86_64-unknown-linux-gnu', '--prefix', 'none', '--format', '{p}|{l}'],
    ],
    { cwd: dirname(here), encoding: 'utf8' },
  );
  return (
    tree
      .split('\n')
      // Our own have their folder behind them.
      .filter((line) => line !== '' && !line.includes(' (/'))
      .map((line) => line.replace(' (*)', '').split('|'))
      .map(([crate, licence]) => [crate.split(' ')[0], licence])
  );
}

const licences = { npm: byLicence(await npm()), rust: byLicence(rust()) };
writeFileSync(join(here, 'src/lib/licences.json'), `${JSON.stringify(licences, null, 1)}\n`);
