// The whole popup, with the tests in place of its process.

import { fireEvent, render, screen, within } from '@testing-library/svelte';
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

/** Opens a role's menu. */
export async function openMenu(role: string): Promise<void> {
  await fireEvent.click(screen.getByLabelText(`More for ${role}`, { selector: 'button' }));
  await settle();
}

/** Chooses a line of a role's menu, or one behind another line. */
export async function choose(role: string, ...lines: string[]): Promise<void> {
  await openMenu(role);
  for (const name of lines) {
    await fireEvent.click(within(screen.getByRole('menu')).getByText(name));
    await settle();
  }
}

/** A key pressed where the focus is. */
export async function press(key: string, over: KeyboardEventInit = {}): Promise<void> {
  await fireEvent.keyDown(document.activeElement ?? document.body, { key, ...over });
  await settle();
}

/** The search field, which has the focus of the list. */
export const field = (): HTMLInputElement => screen.getByLabelText<HTMLInputElement>('Find a role');

/** The role that the keys act on. */
export function current(): string | undefined {
  const id = field().getAttribute('aria-activedescendant') ?? '';
  return document.getElementById(id)?.closest<HTMLElement>('[data-role]')?.dataset['role'];
}
