// The whole popup, with the tests in place of its process.

import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';

import App from '../src/App.svelte';
import type { Action, Answer, Show, StateView } from '../src/lib/agent';
import { FILES } from '../src/lib/plan';
import { tauri } from './tauri';

type Answering = (action: Action) => Promise<Answer>;
let answering: Answering;

/** Answers every action from now on. */
export function answer(how: Answering): void {
  answering = how;
}

/** Opens the popup in a state. */
export async function start(first: StateView | null): Promise<HTMLElement> {
  tauri.invoke.mockReset();
  answer(() => Promise.resolve(null));
  tauri.invoke.mockImplementation((command, given) => {
    if (command === 'state') return Promise.resolve(first);
    if (command === 'keep_open') return Promise.resolve(null);
    return answering((given as { action: Action } | undefined)?.action ?? 'dismiss_prompt');
  });
  const { container } = render(App);
  await settle();
  return container;
}

export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  await tick();
}

export async function emit(name: 'state' | 'show', payload: StateView | Show): Promise<void> {
  tauri.listeners.get(name)?.({ payload });
  await settle();
}

/** Every action that was sent. */
export const sent = (): unknown[] =>
  tauri.invoke.mock.calls
    .filter(([command]) => command === 'act')
    .map(([, given]) => (given as { action: unknown }).action);

/** Every action that a person caused: in the first run, AWS's files are looked at without one. */
export const acted = (): unknown[] =>
  sent().filter((action) => JSON.stringify(action) !== JSON.stringify({ plan_import: FILES }));

export const type = (label: string, value: string): Promise<boolean> =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });

/** Chooses a line of a role's menu. */
export async function choose(role: string, line: string): Promise<void> {
  await fireEvent.click(screen.getByRole('button', { name: `More for ${role}` }));
  await fireEvent.click(await screen.findByRole('menuitem', { name: line }));
  await settle();
}
