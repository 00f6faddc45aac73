// The popup's end of the agent: types as they are serialised by `crates/core`, and the four
// commands and two events that the popup's process offers. Nothing else here talks to Tauri.

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

/** A moment as RFC 3339 text. */
export type Instant = string;

export type Blame = 'yours' | 'passing' | 'ours';

export type ProblemCode =
  | 'failed'
  | 'usage'
  | 'no_agent'
  | 'code_needed'
  | 'aws_refused'
  | 'wrong_code'
  | 'keychain';

export interface Problem {
  blame: Blame;
  code: ProblemCode;
  /** What happened, as one sentence. */
  what: string;
  /** What to do now; empty where `what` already says it. */
  todo: string;
}

export type SessionState =
  | 'none'
  | 'waiting_for_code'
  | 'getting'
  | 'active'
  | 'ending'
  | 'ended'
  | 'failed';

export interface SessionView {
  state: SessionState;
  started_at: Instant | null;
  expires_at: Instant | null;
}

export type SessionKind = 'daily' | 'long';

export interface RoleView {
  name: string;
  identity: string;
  arn: string;
  account: string;
  role_name: string;
  session_kind: SessionKind;
  region: string | null;
  session: SessionView;
  needs_code: boolean;
  opening: boolean;
}

export interface IdentityView {
  name: string;
  ambient: boolean;
  access_key_id: string | null;
  mfa_serials: string[];
  mfa: SessionView | null;
}

export interface PromptView {
  identity: string;
  serial: string;
  device: string;
  purpose: string;
  rejected: Problem | null;
  wait_until: Instant | null;
  checking: boolean;
}

export interface Notice {
  id: number;
  about: string | null;
  problem: Problem;
}

export interface EndpointView {
  name: string;
  url: string;
}

export type VaultView =
  | { state: 'ready' }
  | { state: 'locked' }
  | { state: 'missing'; todo: string };

export interface StateView {
  now: Instant;
  version: string;
  vault: VaultView;
  identities: IdentityView[];
  roles: RoleView[];
  prompt: PromptView | null;
  notices: Notice[];
  endpoints: EndpointView[];
  tray_missing: string | null;
}

export interface NewKey {
  access_key_id: string;
  secret_access_key: string;
  mfa_serials: string[];
}

export interface NewIdentity {
  identity: { name: string; ambient?: boolean; profile?: string };
  key: NewKey | null;
}

export interface NewRole {
  name: string;
  identity: string;
  arn: string;
  session: SessionKind;
  duration?: string;
  session_name?: string;
  external_id?: string;
  region?: string;
  destination?: string;
  console_duration?: string;
}

/** The part of `protocol::Request` that the popup may send. */
export type Action =
  | { open_console: { role: string; destination: string | null; region: string | null } }
  | { submit_code: { identity: string; code: string } }
  | 'dismiss_prompt'
  | { ask_for_code: { identity: string } }
  | { add_identity: NewIdentity }
  | { remove_identity: { name: string } }
  | { add_role: NewRole }
  | { remove_role: { name: string } }
  | { dismiss_notice: { id: number } }
  | 'unlock_vault';

/** What the popup comes to the front with. */
export type Show = 'roles' | 'code';

/** The state now, or null while there is no connection to the agent. */
export function fetchState(): Promise<StateView | null> {
  return invoke<StateView | null>('state');
}

/** Asks the agent for something; rejects with a {@link Problem}. */
export async function act(action: Action): Promise<void> {
  try {
    await invoke('act', { action });
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

/** Hides the window. */
export function hide(): Promise<void> {
  return invoke<void>('hide');
}

/** Says that a secret is being typed, so that this process ends when its window is put away. */
export function sawSecret(): Promise<void> {
  return invoke<void>('saw_secret');
}

export interface Listeners {
  state: (state: StateView) => void;
  show: (what: Show) => void;
}

/** Starts listening; yields how to stop. */
export async function subscribe(to: Listeners): Promise<() => void> {
  const stops = await Promise.all([
    listen<StateView>('state', (event) => to.state(event.payload)),
    listen<Show>('show', (event) => to.show(event.payload)),
  ]);
  return () => stops.forEach((stop) => stop());
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(thrown: unknown): Problem {
  if (isProblem(thrown)) {
    return thrown;
  }
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return { blame: 'ours', code: 'failed', what, todo: '' };
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Problem).what === 'string' &&
    typeof (value as Problem).todo === 'string' &&
    ['yours', 'passing', 'ours'].includes((value as Problem).blame)
  );
}
