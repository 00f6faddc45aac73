import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import { at, device, devices, NOW, prompt, rejected, terraform, used } from '../dev/fixtures';
import type { Act, PromptView } from '../src/lib/agent';
import CodePanel from '../src/views/CodePanel.svelte';

function setUp(over: Partial<PromptView> = {}) {
  const act = vi.fn<Act>(() => Promise.resolve(null));
  const shown = render(CodePanel, { prompt: prompt(over), now: NOW, act, oncancelled: () => {} });
  const field = screen.getByLabelText<HTMLInputElement>('Six-digit code');
  return { act, field, ...shown };
}

const typing = (field: HTMLInputElement, value: string, inputType = 'insertText') => {
  field.value = value;
  return fireEvent(field, new InputEvent('input', { bubbles: true, inputType }));
};

const sent = (code: string, serial = device('ada').serial) => ({
  submit_code: { identity: 'work', serial, code },
});

const chosen = () =>
  screen.getAllByRole<HTMLInputElement>('radio').find(({ checked }) => checked)?.value;

describe('the code field', () => {
  it('has the focus and says for whom and what', () => {
    const { field } = setUp();
    expect(document.activeElement).toBe(field);
    expect(screen.getByTestId('code-panel').textContent).toContain(
      'With the key work, for a session of 12h.',
    );
  });

  it('sends itself at the sixth digit and not before', async () => {
    const { act, field } = setUp();
    await typing(field, '12345');
    expect(act).not.toHaveBeenCalled();
    await typing(field, '123456');
    expect(act).toHaveBeenCalledExactlyOnceWith(sent('123456'));
  });

  it('takes a paste with blanks', async () => {
    const { act, field } = setUp();
    await typing(field, ' 123 456\n', 'insertFromPaste');
    expect(act).toHaveBeenCalledExactlyOnceWith(sent('123456'));
  });

  it('does not send a part of a paste that is too long', async () => {
    const { act, field } = setUp();
    await typing(field, '1234567', 'insertFromPaste');
    expect(act).not.toHaveBeenCalled();
    expect(screen.getByRole('alert').textContent).toContain('six digits');
  });

  it('drops what is no digit', async () => {
    const { field } = setUp();
    await typing(field, '12a<b>3');
    expect(field.value).toBe('123');
  });

  it('says why a code was refused, empties itself and takes the next one', async () => {
    const { act, field, rerender } = setUp();
    await typing(field, '111111');
    await rerender({ prompt: prompt({ checking: true }) });
    expect(screen.getByTestId('code-checking').textContent).toContain('Checking with AWS');
    expect(field.readOnly).toBe(true);
    await rerender({ prompt: prompt({ rejected }) });
    await tick();
    expect(screen.getByRole('alert').textContent).toContain(rejected.what);
    expect(field.value).toBe('');
    expect(document.activeElement).toBe(field);
    await typing(field, '222222');
    expect(act).toHaveBeenLastCalledWith(sent('222222'));
  });

  it('shows a refusal that only the answer tells of', async () => {
    const { act, field } = setUp();
    act.mockRejectedValueOnce(rejected);
    await typing(field, '111111');
    await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain(rejected.what));
    expect(field.value).toBe('');
    expect(act).toHaveBeenCalledTimes(1);
  });

  it('holds a code back until the device shows a new one, then sends it', async () => {
    const wait = { devices: [device('ada', { wait_until: at(12) })] };
    const { act, field, rerender } = setUp(wait);
    expect(screen.getByTestId('code-wait').textContent).toContain('The next code comes in 12 s.');
    await typing(field, '654321');
    expect(act).not.toHaveBeenCalled();
    await fireEvent.submit(screen.getByTestId('code-panel'));
    expect(act).not.toHaveBeenCalled();
    await rerender({ prompt: prompt(wait), now: NOW + 5_000 });
    expect(screen.getByTestId('code-wait').textContent).toContain('sent in 7 s.');
    await rerender({ prompt: prompt(wait), now: NOW + 12_000 });
    expect(act).toHaveBeenCalledExactlyOnceWith(sent('654321'));
  });

  it('shows how long the code is still good, by the agent’s clock, and lets a person go on', async () => {
    const { act, field, rerender } = setUp();
    const clock = () => screen.getByTestId('code-clock').textContent;
    expect(clock()).toContain('good for 30 s');
    await rerender({ prompt: prompt(), now: NOW + 8_500 });
    expect(clock()).toContain('good for 22 s');
    await rerender({ prompt: prompt(), now: NOW + 27_500 });
    expect(clock()).toContain('wait for the next code: 3 s');
    await typing(field, '123456');
    expect(act).toHaveBeenCalledExactlyOnceWith(sent('123456'));
  });

  it('tells a screen reader only that a code ends soon, and that there is a new one', async () => {
    const { rerender } = setUp();
    const spoken = new Set<string>();
    for (let second = 0; second <= 75; second++) {
      await rerender({ prompt: prompt(), now: NOW + second * 1000 });
      spoken.add(screen.getByTestId('code-spoken').textContent ?? '');
    }
    expect([...spoken]).toEqual([
      '',
      'This code is good for less than 10 seconds.',
      'The device shows a new code.',
    ]);
    expect(screen.getByTestId('code-clock').getAttribute('aria-hidden')).toBe('true');
  });

  it('names the device large, with its serial as a tooltip', () => {
    setUp();
    expect(screen.getByRole('form', { name: 'Enter the code ada' })).toBeTruthy();
    expect(screen.getByTitle(device('ada').serial).textContent?.trim()).toBe('ada');
  });

  it('tells a used code from a wrong one, and counts its wait only once', async () => {
    const wait = { devices: [device('ada', { wait_until: at(9) })] };
    const { rerender } = setUp({ rejected: used, ...wait });
    const why = () => screen.getByRole('alert').querySelector<HTMLElement>('[data-why]');
    expect(why()?.dataset['why']).toBe('code_needed');
    expect(why()?.textContent).not.toContain('12 s');
    expect(screen.getByTestId('code-wait').textContent).toContain('in 9 s');
    await rerender({ prompt: prompt({ rejected }) });
    expect(why()?.dataset['why']).toBe('wrong_code');
  });

  it('says that a wrong code may have been late only where it was typed across a change', async () => {
    const { act, field, rerender } = setUp();
    const refuse = async (begin: number, end: number) => {
      act.mockRejectedValueOnce(rejected);
      await rerender({ prompt: prompt(), now: NOW + begin });
      await typing(field, '111');
      await rerender({ prompt: prompt(), now: NOW + end });
      await typing(field, '111111');
      await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain(rejected.what));
      return screen.getByRole('alert').textContent;
    };
    expect(await refuse(5_000, 9_000)).not.toContain('went on to its next code');
    expect(await refuse(28_000, 31_000)).toContain('went on to its next code');
  });

  it('names the program that waits, as what the system reports and no proof', () => {
    const { field } = setUp({ asked_by: terraform });
    const told = screen.getByTestId('code-caller');
    expect(told.textContent).toContain('terraform waits for a session of prod-admin.');
    expect(told.textContent).toMatch(/The system reports: \/opt\/hashicorp\/.*no proof/);
    expect(field.getAttribute('aria-describedby')?.split(' ')).toContain(told.id);
  });

  it('names nobody where nobody waits, and offers no choice of one device', () => {
    setUp();
    expect(screen.queryByTestId('code-caller')).toBeNull();
    expect(screen.queryByRole('radio')).toBeNull();
  });

  it('waits for the chosen device and sends its serial', async () => {
    const { act, field } = setUp({ devices, identity: 'choosing' });
    expect(chosen()).toBe(devices[0]?.serial);
    expect(screen.getByTestId('code-wait')).toBeTruthy();
    const group = screen.getByRole('group', { name: 'MFA device' });
    expect(group.contains(screen.getByRole('radio', { name: 'token-in-the-drawer' }))).toBe(true);
    await fireEvent.click(screen.getByRole('radio', { name: 'token-in-the-drawer' }));
    expect(screen.queryByTestId('code-wait')).toBeNull();
    await typing(field, '123456');
    expect(act).toHaveBeenCalledExactlyOnceWith({
      submit_code: { identity: 'choosing', serial: devices[1]?.serial, code: '123456' },
    });
  });

  it('remembers the device that was chosen, for this identity', async () => {
    const first = setUp({ devices, identity: 'remembering' });
    await fireEvent.click(screen.getByRole('radio', { name: 'GAHT12345678' }));
    first.unmount();
    const again = setUp({ devices, identity: 'remembering' });
    expect(chosen()).toBe('GAHT12345678');
    again.unmount();
    setUp({ devices, identity: 'another' });
    expect(chosen()).toBe(devices[0]?.serial);
  });

  it('goes on in the field after a click on a device, and with a digit typed there', async () => {
    const { field } = setUp({ devices, identity: 'pointing' });
    const radio = screen.getByRole('radio', { name: 'GAHT12345678' });
    radio.focus();
    await fireEvent.keyDown(radio, { key: 'ArrowDown' });
    await fireEvent.click(radio);
    expect(document.activeElement).toBe(radio);
    await fireEvent.keyDown(radio, { key: '1' });
    expect(document.activeElement).toBe(field);
    await fireEvent.pointerDown(screen.getByRole('radio', { name: 'phone' }));
    await fireEvent.click(screen.getByRole('radio', { name: 'phone' }));
    expect(document.activeElement).toBe(field);
  });

  it('tells devices of one name apart by their serials', () => {
    const twins = [device('ada'), device('ada', { serial: 'GAHT12345678' })];
    setUp({ devices: twins, identity: 'twins' });
    expect(screen.getByRole('radio', { name: 'GAHT12345678' })).toBeTruthy();
    expect(screen.getByRole('radio', { name: device('ada').serial })).toBeTruthy();
  });

  it('is given up with Cancel', async () => {
    const { act } = setUp();
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(act).toHaveBeenCalledExactlyOnceWith('dismiss_prompt');
  });

  it('leaves the focus to a field in which somebody is typing', () => {
    const other = document.createElement('input');
    other.value = 'half a secret';
    document.body.append(other);
    other.focus();
    setUp();
    expect(document.activeElement).toBe(other);
    other.remove();
  });
});
