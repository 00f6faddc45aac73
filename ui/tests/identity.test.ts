import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { at, devices, fixtures, identity, rejected, role, state } from '../dev/fixtures';
import type { Answer, IdentityView, StateView } from '../src/lib/agent';
import { acted, answer, emit, settle, start } from './popup';
import { tauri } from './tauri';

const DAY = 86_400;
const withIdentity = (over: Partial<IdentityView>): StateView =>
  state({ identities: [identity('work', over)], roles: [role('a')] });
const button = (name: string) => screen.getByRole('button', { name });
const told = () => screen.getByTestId('told').textContent?.trim();

describe('the age of a key', () => {
  it('is told quietly, and marked with what to do when it is old', async () => {
    await start(withIdentity({ key_created_at: at(-89 * DAY) }));
    expect(screen.queryByTestId('key-age')).toBeNull();
    await fireEvent.click(button('Details of work'));
    expect(screen.getByTestId('key-age').textContent).toContain('Key 2 months old');
    await fireEvent.click(button('Details of work'));
    await emit('state', withIdentity({ key_created_at: at(-127 * DAY) }));
    expect(screen.getByTestId('key-age').textContent).toContain('Key 4 months old');
    expect(button('Replace key of work')).toBeTruthy();
  });

  it('is not told where it is not known', async () => {
    await start(withIdentity({ key_created_at: null }));
    expect(screen.queryByTestId('key-age')).toBeNull();
  });
});

it('closes the details of a key with Escape, and not the window', async () => {
  await start(withIdentity({}));
  button('Details of work').focus();
  await fireEvent.click(button('Details of work'));
  await fireEvent.keyDown(button('Details of work'), { key: 'Escape' });
  expect(button('Details of work').getAttribute('aria-expanded')).toBe('false');
  expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
});

describe('t24_a_key_is_replaced', () => {
  it('after a word on what happens, with progress, and says how it went', async () => {
    await start(withIdentity({}));
    await fireEvent.click(button('Details of work'));
    await fireEvent.click(button('Replace key of work'));
    const group = screen.getByRole('group', { name: 'Replace the access key' });
    expect(group.textContent).toContain('only then deletes the old one');
    expect(acted()).toEqual([]);
    expect(document.activeElement?.textContent?.trim()).toBe('Cancel');

    let done: (given: Answer) => void = () => {};
    answer(() => new Promise((resolve) => (done = resolve)));
    await fireEvent.submit(within(group).getByRole('form'));
    await settle();
    expect(acted()).toEqual([{ rotate_key: { identity: 'work' } }]);
    await emit('state', withIdentity({ rotating: true }));
    expect(screen.getByTestId('identity-state').textContent).toContain('replacing the key…');
    expect(button('Replacing the key…').getAttribute('aria-disabled')).toBe('true');
    await fireEvent.submit(within(group).getByRole('form'));
    expect(acted().length).toBe(1);

    await emit('state', withIdentity({ access_key_id: 'AKIAI44QH8DHBEXAMPLE' }));
    done({ key_rotated: { access_key_id: 'AKIAI44QH8DHBEXAMPLE' } });
    await settle();
    expect(told()).toBe('The key of work was replaced by AKIAI44QH8DHBEXAMPLE.');
    expect(screen.queryByRole('group', { name: 'Replace the access key' })).toBeNull();
    expect(document.activeElement).toBe(button('Replace key of work'));
  });

  it('or says why not, where it was asked for', async () => {
    await start(withIdentity({ key_created_at: at(-127 * DAY) }));
    await fireEvent.click(button('Replace key of work'));
    answer(() => Promise.reject(rejected));
    const group = screen.getByRole('group', { name: 'Replace the access key' });
    await fireEvent.submit(within(group).getByRole('form'));
    await settle();
    expect(within(group).getByRole('alert').textContent).toContain(rejected.what);
    await fireEvent.keyDown(document.activeElement as HTMLElement, { key: 'Escape' });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is not offered for credentials of this machine', async () => {
    await start(fixtures['more'] ?? null);
    await fireEvent.click(button('Details of this-machine'));
    expect(screen.queryByRole('button', { name: 'Replace key of this-machine' })).toBeNull();
  });
});

it('keeps the focus where a removal was refused', async () => {
  await start(withIdentity({}));
  await fireEvent.click(button('Details of work'));
  await fireEvent.click(button('Remove work'));
  answer(() => Promise.reject(rejected));
  await fireEvent.click(button('Remove work'));
  await settle();
  expect(screen.getByRole('alert').textContent).toContain(rejected.what);
  expect(document.activeElement).toBe(button('Remove work'));
});

it('is given other MFA devices, or none, and says what was wrong', async () => {
  await start(withIdentity({ mfa_serials: ['GAHT12345678'] }));
  await fireEvent.click(button('Details of work'));
  await fireEvent.click(button('MFA devices of work'));
  const field = screen.getByLabelText<HTMLTextAreaElement>(/^Serials/);
  expect(field.value).toBe('GAHT12345678');
  await fireEvent.input(field, { target: { value: 'short' } });
  await fireEvent.submit(screen.getByRole('form'));
  expect(acted()).toEqual([]);
  expect(document.activeElement).toBe(field);
  await fireEvent.input(field, { target: { value: '' } });
  await fireEvent.submit(screen.getByRole('form'));
  await settle();
  expect(acted()).toEqual([{ set_devices: { identity: 'work', serials: [] } }]);
  expect(told()).toBe('The MFA devices of work were saved.');
  expect(document.activeElement).toBe(button('MFA devices of work'));
});

it('lists every MFA device of an identity', async () => {
  await start(withIdentity({ mfa_serials: devices.map(({ serial }) => serial) }));
  await fireEvent.click(button('Details of work'));
  for (const { serial } of devices) expect(screen.getByText(serial)).toBeTruthy();
});
