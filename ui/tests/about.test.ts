import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { examined, fixtures, rejected } from '../dev/fixtures';
import licences from '../src/lib/licences.json';
import { acted, answer, settle, start } from './popup';

async function open(): Promise<HTMLElement> {
  const container = await start(fixtures['few'] ?? null);
  for (const id of ['#settings', '#about']) {
    container.querySelector<HTMLElement>(id)?.click();
    await settle();
  }
  answer((action) => Promise.resolve(action === 'examine' ? { examined } : null));
  return container;
}

const examine = async (container: HTMLElement): Promise<void> => {
  await fireEvent.click(container.querySelector('#examine') as HTMLElement);
  await settle();
};

describe('the page about Daypass', () => {
  it('tells the version and helps with AWS’s console, and has no link that leaves', async () => {
    const container = await open();
    const page = screen.getByTestId('about');
    expect(page.textContent).toContain('Version 0.1.0');
    expect(page.textContent).toContain('“You must first log out”');
    expect(page.textContent).toContain('up to five sessions');
    expect(container.querySelector('a, img, iframe')).toBeNull();
    await fireEvent.click(screen.getByLabelText('Back to the list'));
    expect(screen.getByTestId('settings')).toBeTruthy();
  });

  it('shows whose work is in it once somebody looks', async () => {
    const container = await open();
    expect(screen.queryByText('MPL-2.0')).toBeNull();
    const details = container.querySelector<HTMLDetailsElement>('#licences');
    if (details !== null) details.open = true;
    expect((await screen.findByText('MPL-2.0')).nextElementSibling?.textContent).toBe(
      licences.rust['MPL-2.0'].replaceAll(' ', ', '),
    );
  });

  it('checks everything when asked, and tells what needs a look', async () => {
    const container = await open();
    expect(acted()).not.toContain('examine');
    await examine(container);
    expect(acted()).toContain('examine');
    expect(screen.getByTestId('examined').textContent).toContain('2 things need a look.');
    const shown = [...container.querySelectorAll<HTMLElement>('[data-state]')];
    expect(shown.map((line) => line.dataset['state'])).toEqual(examined.map(({ state }) => state));
    expect(shown[3]?.textContent).toContain('Needs a look: notifications');
    expect(shown[3]?.textContent).toContain('Start your desktop’s notification daemon.');
  });

  it('copies the report as text, a line for each finding', async () => {
    const copied: string[] = [];
    Object.assign(navigator, {
      clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
    });
    const container = await open();
    await examine(container);
    await fireEvent.click(screen.getByLabelText('Copy the report'));
    await settle();
    expect(copied[0]?.split('\n')).toEqual([
      'Daypass 0.1.0',
      'As it should be: keychain: It answers.',
      'As it should be: clock: It is right to the second.',
      'As it should be: sts eu-west-1: It answers in 40 ms.',
      'Needs a look: notifications: No program shows notifications. Start your desktop’s notification daemon.',
      'Does not work: profiles: ~/.aws/config cannot be read. Run `chmod 600` on it.',
    ]);
  });

  it('says why it could not look, there', async () => {
    const container = await open();
    answer(() => Promise.reject(rejected));
    await examine(container);
    expect(screen.getByTestId('about').textContent).toContain(rejected.what);
  });
});
