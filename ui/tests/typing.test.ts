import { fireEvent, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';

import { fixtures, prompt } from '../dev/fixtures';
import type { StateView } from '../src/lib/agent';
import { emit, settle, start, type } from './popup';
import { tauri } from './tauri';

const few = fixtures['few'] as StateView;
const told = (): unknown[] =>
  tauri.invoke.mock.calls
    .filter(([command]) => command === 'keep_open')
    .map(([, given]) => (given as { on: boolean }).on);

/** Takes the focus off everything, as a click on nothing does. */
async function leave(): Promise<void> {
  (document.activeElement as HTMLElement).blur();
  await settle();
}

describe('the window', () => {
  beforeEach(() => tauri.invoke.mockReset());

  it('is kept while a code field has the focus, or digits, and not after', async () => {
    await start(few);
    expect(told()).toEqual([]);
    await emit('state', { ...few, prompt: prompt() });
    expect(told()).toEqual([true]);
    await leave();
    expect(told()).toEqual([true, false]);
    await type('Six-digit code', '12');
    await leave();
    expect(told()).toEqual([true, false, true]);
    await emit('state', few);
    expect(told()).toEqual([true, false, true, false]);
  });

  it('is kept while a key is being typed, also where the focus is elsewhere', async () => {
    await start(fixtures['first-key'] ?? null);
    expect(told()).toEqual([true]);
    await type('Secret access key', 'w');
    await leave();
    expect(told()).toEqual([true]);
    await type('Secret access key', '');
    await settle();
    expect(told()).toEqual([true, false]);
  });

  it('hears nothing of a focus that only goes from one field to the next', async () => {
    await start(fixtures['first-key'] ?? null);
    screen.getByLabelText('Access key ID').focus();
    screen.getByLabelText('MFA device').focus();
    await settle();
    expect(told()).toEqual([true]);
  });

  it('is not told where the process does not know of it, and all goes on', async () => {
    await start(few);
    const asked = tauri.invoke.getMockImplementation();
    tauri.invoke.mockImplementation((command, given) =>
      command === 'keep_open'
        ? Promise.reject(new Error('unknown command'))
        : (asked?.(command, given) ?? Promise.resolve(null)),
    );
    await emit('state', { ...few, prompt: prompt() });
    await fireEvent.input(screen.getByLabelText('Six-digit code'), { target: { value: '123456' } });
    await settle();
    expect(tauri.invoke).toHaveBeenCalledWith('act', expect.anything());
    expect(screen.queryByText(/unknown command/)).toBeNull();
    await emit('state', few);
    expect(told()).toEqual([true, false]);
  });
});
