import { describe, expect, it } from 'vitest';

import { fixtures, role } from '../dev/fixtures';
import type { RoleView, StateView } from '../src/lib/agent';
import { fold, indexed, marksOf, search, segments, wordsOf } from '../src/lib/search';

const shop = { id: '111122223333', name: 'Shop', production: true };
const named = (...names: string[]): RoleView[] => names.map((name) => role(name, { role_name: '' }));
const found = (roles: RoleView[], query: string) =>
  search(indexed(roles, [shop]), query).map((entry) => entry.role.name);
/** A text with its marks in brackets. */
const marked = (name: string, query: string, over: Partial<RoleView> = {}): string => {
  const [entry] = indexed([role(name, { role_name: '', ...over })], [shop]);
  if (entry === undefined) throw new Error('no entry');
  return segments(name, marksOf(entry, query).name)
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join('');
};

describe('what is found', () => {
  it('has every word, in its name, account, alias or AWS name', () => {
    const roles = [
      role('one', { account: '444455556666', role_name: 'Auditor' }),
      role('two', { account: '111122223333', role_name: 'Admin' }),
    ];
    expect(found(roles, 'one')).toEqual(['one']);
    expect(found(roles, '5555')).toEqual(['one']);
    expect(found(roles, 'shop')).toEqual(['two']);
    expect(found(roles, 'audit')).toEqual(['one']);
    expect(found(roles, 'shop adm')).toEqual(['two']);
    expect(found(roles, 'shop audit')).toEqual([]);
  });

  it('is all of them where nothing is looked for', () => {
    expect(found(named('b', 'a'), '  ')).toEqual(['b', 'a']);
  });

  it('does not depend on case or accents', () => {
    expect(found(named('Büro-Admin'), 'buro')).toEqual(['Büro-Admin']);
    expect(found(named('buro'), 'BÜRO')).toEqual(['buro']);
  });

  it('comes best first: whole, begin, begin of a word, inside, initials, scattered', () => {
    const names = ['xparts', 'pxaxr', 'my-par', 'par', 'parts', 'pre-all-read', 'other'];
    expect(found(named(...names), 'par')).toEqual([
      'par',
      'parts',
      'my-par',
      'xparts',
      'pre-all-read',
      'pxaxr',
    ]);
  });

  it('prefers a name to an AWS name', () => {
    const roles = [role('sandbox', { role_name: 'Admin' }), role('prod-admin', { role_name: 'X' })];
    expect(found(roles, 'adm')).toEqual(['prod-admin', 'sandbox']);
  });

  it('among equals is the more used one first, then the earlier', () => {
    const roles = [role('team-a'), role('team-b', { uses: 3 }), role('team-c')];
    expect(found(roles, 'team')).toEqual(['team-b', 'team-a', 'team-c']);
  });

  it('does not find a number by scattered digits', () => {
    expect(found([role('a', { account: '102030405060' })], '1234')).toEqual([]);
    expect(found([role('a', { account: '102030405060' })], '3040')).toEqual(['a']);
  });
});

describe('marks', () => {
  it('stand on the letters that were meant', () => {
    expect(marked('prod-admin', 'adm')).toBe('prod-[adm]in');
    expect(marked('prod-admin', 'pa')).toBe('[p]rod-[a]dmin');
    expect(marked('prodAdmin', 'pad')).toBe('[p]rod[Ad]min');
    expect(marked('aa-read-read', 'read')).toBe('aa-[read]-read');
    expect(marked('bread-read', 'read')).toBe('bread-[read]');
    expect(marked('prod-admin', 'pro adm')).toBe('[pro]d-[adm]in');
    expect(marked('prod-admin', '1111')).toBe('prod-admin');
  });

  it('do not tear a character apart', () => {
    expect(marked('a😀b😀c', '😀c')).toBe('a😀b[😀c]');
    expect(marked('İstanbul', 'stan')).toBe('İ[stan]bul');
    expect(marked('Straße', 'straße')).toBe('[Straße]');
  });
});

describe('hostile text', () => {
  const long = 'x'.repeat(10_000);
  const bidi = 'abc \u202edcba\u202c \u05e9\u05dc\u05d5\u05dd';

  it('keeps every character in its place', () => {
    for (const text of ['İ', 'ß', 'Ǆ', '😀', '\u0301', bidi, '', '\0', 'ﷺ', '\ud800']) {
      expect(fold(text).length).toBe(text.length);
    }
  });

  it('is found like any other', () => {
    expect(found(named(bidi), 'שלום')).toEqual([bidi]);
    expect(found(named(bidi), '\u202eabc\u202c')).toEqual([bidi]);
    expect(found(named('<img src=x onerror=1>'), '<img')).toHaveLength(1);
    expect(found(named(''), 'a')).toEqual([]);
    expect(found(named(long), 'x'.repeat(200))).toHaveLength(1);
    expect(found(named('a', 'b'), '\u200b')).toEqual(['a', 'b']);
  });

  it('does not take long, however much is typed', () => {
    expect(wordsOf(long)).toEqual(['x'.repeat(200)]);
    expect(found(named(long, 'y'), long)).toEqual([long]);
    expect(segments(long, [[9_999, 10_000]])).toHaveLength(2);
  });

  it('keeps every role of a hostile state', () => {
    const hostile = fixtures['hostile'] as StateView;
    for (const { name } of hostile.roles) {
      const entries = search(indexed(hostile.roles, hostile.accounts), name);
      expect(entries.map((entry) => entry.role.name)).toContain(name);
      for (const entry of entries) {
        const shown = segments(entry.role.name, marksOf(entry, name).name);
        expect(shown.map(({ text }) => text).join('')).toBe(entry.role.name);
      }
    }
  });
});

describe('ten thousand roles', () => {
  const many = fixtures['many'] as StateView;
  const entries = indexed(many.roles, many.accounts);

  it('are each found by their name, as the first', () => {
    for (const at of [0, 1, 4_999, 9_999]) {
      const wanted = many.roles[at]?.name ?? '';
      expect(search(entries, wanted)[0]?.role.name).toBe(wanted);
    }
  });

  it('share what is alike in them', () => {
    expect(new Set(entries.map(({ texts }) => texts.roleName)).size).toBe(5);
  });
});
