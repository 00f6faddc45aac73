import { describe, expect, it } from 'vitest';

import { at, fixtures, role } from '../dev/fixtures';
import type { RoleView, StateView } from '../src/lib/agent';
import { edges, scrollBy, windowOf } from '../src/lib/rows';
import { indexed } from '../src/lib/search';
import { type Line, results, sections } from '../src/lib/sections';

const told = (line: Line): string =>
  line.kind === 'role' ? line.entry.role.name : line.kind === 'account' ? `# ${line.account.id}` : `# ${line.kind}`;
const listed = (roles: RoleView[]): string[] => sections(indexed(roles, [])).map(told);

describe('sections', () => {
  it('are favourites, then each account with the rest', () => {
    const roles = [
      role('a', { account: '2' }),
      role('b', { account: '1' }),
      role('c', { account: '2', favourite: true }),
      role('d', { account: '2' }),
    ];
    expect(listed(roles)).toEqual(['# favourites', 'c', '# 2', 'a', 'd', '# 1', 'b']);
  });

  it('have those used last and the most used of many above the accounts', () => {
    const roles = Array.from({ length: 20 }, (_, index) =>
      role(`r${index}`, {
        account: '1',
        uses: index < 7 ? index : 0,
        last_used: index < 7 && index > 0 ? at(-index) : null,
        favourite: index === 6,
      }),
    );
    expect(listed(roles).slice(0, 9)).toEqual(
      ['# favourites', 'r6', '# recent', 'r1', 'r2', 'r3', '# most', 'r5', 'r4'],
    );
    expect(listed(roles.slice(0, 8)).filter((line) => line.startsWith('#'))).toEqual(['# favourites', '# 1']);
  });

  it('have every role once, and no account without one', () => {
    for (const name of ['twelve', 'more', 'many', 'hostile', 'thousand']) {
      const { roles, accounts } = fixtures[name] as StateView;
      const lines = sections(indexed(roles, accounts));
      const names = lines.flatMap((line) => (line.kind === 'role' ? [line.entry.role.name] : []));
      expect([...names].sort()).toEqual(roles.map((known) => known.name).sort());
      expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
      lines.forEach((line, at) => {
        if (line.kind !== 'role') expect(lines[at + 1]?.kind).toBe('role');
      });
    }
  });

  it('are none for what was found', () => {
    const lines = results(indexed([role('b'), role('a')], []));
    expect(lines.map(told)).toEqual(['b', 'a']);
    expect(lines.every((line) => line.kind === 'role' && line.apart)).toBe(true);
  });
});

describe('the window', () => {
  const places = edges([30, 46, 46, 30, 46]);

  it('knows where each line begins', () => {
    expect(places).toEqual([0, 30, 76, 122, 152, 198]);
    expect(edges([])).toEqual([0]);
  });

  it('has the lines that are in view, and a few more', () => {
    expect(windowOf(places, 0, 50, 0)).toEqual({ first: 0, last: 2 });
    expect(windowOf(places, 76, 121, 0)).toEqual({ first: 2, last: 3 });
    expect(windowOf(places, 76, 121, 1)).toEqual({ first: 1, last: 4 });
    expect(windowOf(places, -500, -400, 0)).toEqual({ first: 0, last: 1 });
    expect(windowOf(places, 900, 1000, 0)).toEqual({ first: 4, last: 5 });
    expect(windowOf([0], 0, 100, 8)).toEqual({ first: 0, last: 0 });
  });

  it('is as long for ten thousand lines, wherever it stands', () => {
    const many = edges(Array.from({ length: 10_000 }, () => 46));
    for (const from of [0, 1, 45, 46, 100_000, 459_000]) {
      const { first, last } = windowOf(many, from, from + 500, 8);
      expect(last - first).toBeLessThanOrEqual(28);
      expect(many[Math.min(first + 8, last)]).toBeLessThanOrEqual(from + 46 * 8);
      expect(many[last]).toBeGreaterThanOrEqual(Math.min(from + 500, 460_000));
    }
  });

  it('moves no more than it must', () => {
    const view = { top: 100, bottom: 200 };
    expect(scrollBy({ top: 120, bottom: 160 }, view)).toBe(0);
    expect(scrollBy({ top: 80, bottom: 120 }, view)).toBe(-20);
    expect(scrollBy({ top: 180, bottom: 226 }, view)).toBe(26);
    expect(scrollBy({ top: 150, bottom: 400 }, view)).toBe(50);
  });
});
