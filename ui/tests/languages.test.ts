import { fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { fixtures, NOW } from '../dev/fixtures';
import { days } from '../src/lib/activity';
import type { StateView } from '../src/lib/agent';
import { checkName } from '../src/lib/check';
import { lookOfRole } from '../src/lib/look';
import { languages, speak, strings, type Strings } from '../src/strings';
import { emit, start } from './popup';

const few = fixtures['few'] as StateView;
const inLanguage = (language: string | null): StateView => ({
  ...few,
  settings: { ...few.settings, language },
});

/** Every key of an object and of those in it, with what it is. */
function shape(words: object, under = ''): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'object' ? shape(value as object, `${under}${key}.`) : [`${under}${key}: ${typeof value}`],
  );
}

/** Every text of a language, by its key. */
function texts(words: object, under = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'object') return texts(value as object, `${under}${key}.`);
    return typeof value === 'string' ? [[`${under}${key}`, value]] : [];
  });
}

const places = (text: string): string[] => text.match(/\{\w+\}/g)?.sort() ?? [];

afterEach(() => {
  speak(null);
  vi.unstubAllGlobals();
});

describe.each(Object.keys(languages))('the language %s', (code) => {
  const en = languages['en'] as object;
  const words = languages[code] as object;

  it('says all that English says', () => {
    expect(shape(words).sort()).toEqual(shape(en).sort());
  });

  it('has the same names in each sentence', () => {
    const named = (of: object) => texts(of).map(([key, text]) => [key, places(text)]);
    expect(named(words)).toEqual(named(en));
  });

  it('calls the way out of “You must first log out” everywhere what its button says', () => {
    const { about, elsewhere, menu } = words as Strings;
    expect(about.logOut).toContain(elsewhere.signOut);
    expect(about.logOut).toContain(elsewhere.title);
    expect(menu.elsewhere.replace(/\s?…$/, '')).toBe(elsewhere.title);
  });

  it('has what a button shows in what a screen reader says of it', () => {
    const { ready, list } = words as Strings;
    expect(list.openConsole('prod', 'shop', '')).toContain(ready.open);
  });

  it('is calm', () => {
    expect(texts(words).filter(([, text]) => text.includes('!'))).toEqual([]);
  });
});

describe('which language', () => {
  it.each([
    ['de', ['en-GB'], 'de'],
    [null, ['de-AT', 'en'], 'de'],
    [null, ['fr-FR', 'de'], 'de'],
    [null, ['fr-FR'], 'en'],
    ['tlh', ['de'], 'en'],
    ['constructor', ['de'], 'en'],
  ])('chosen %s on a system of %j is %s', (chosen, system, spoken) => {
    vi.stubGlobal('navigator', { languages: system });
    expect(speak(chosen)).toBe(spoken);
    expect(document.documentElement.lang).toBe(spoken);
    expect(document.documentElement.dir).toBe('ltr');
  });
});

describe('the popup', () => {
  it('follows the settings, and stays where it was', async () => {
    await start(inLanguage('en'));
    await fireEvent.click(screen.getByRole('button', { name: 'Activity' }));
    await emit('state', inLanguage('de'));

    screen.getByRole('heading', { name: 'Verlauf' });
    await emit('state', inLanguage('en'));
    screen.getByRole('heading', { name: 'Activity' });
  });

  it('says what libraries say in that language, too', () => {
    speak('de');
    expect(checkName('')).toBe(strings.wrong.nameMissing);
    expect(checkName('')).toBe('Es fehlt ein Name.');
    const ready = few.roles.at(-1);
    expect(ready && lookOfRole(ready, NOW).words).toBe('bereit');
  });

  it('writes dates and numbers as the language does', () => {
    const entry = { number: 1, at: '2026-03-02T08:00:00Z', event: 'started' };
    const title = (): string | undefined => days([entry], NOW + 10 * 86_400_000)[0]?.title;
    speak('de');
    expect(title()).toBe('Montag, 2. März 2026');
    expect(strings.list.more(10_000)).toBe('Mehr von 10.000 zeigen');
    speak('en');
    expect(title()).toMatch(/^Monday,? 2 March 2026$/);
    expect(strings.list.more(10_000)).toBe('Show more of 10,000');
  });
});
