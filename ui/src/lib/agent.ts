// The popup's end of the agent: types as they are serialised by `crates/core`, and the five
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
  /** The identity whose fresh code may mend it. */
  fresh_code?: string;
  /** What happened, in English, where `what` may be in another language. */
  english?: string;
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
  /** The identity it is reached from, through however many roles in between. */
  identity: string;
  /** The role whose session assumes it, if it is chained. */
  source: string | null;
  /** Whether it is no role but an IAM user's federated self. */
  federated: boolean;
  arn: string;
  account: string;
  role_name: string;
  session_kind: SessionKind;
  region: string | null;
  session: SessionView;
  can_read_only: boolean;
  published: PublishedView[];
  needs_code: boolean;
  opening: boolean;
  /** Where its console opens; the home page when null. */
  destination: string | null;
  favourite: boolean;
  /** Whether its session is renewed although nobody asks for it. */
  pinned: boolean;
  /** Where its console opens, if not where its account's do. */
  browser: Browser | null;
  /** How often and how lately it was used: larger is more. */
  uses: number;
  last_used: Instant | null;
}

/** One of the colours that the popup has names and shades for. */
export type Colour = 'red' | 'orange' | 'yellow' | 'green' | 'teal' | 'blue' | 'purple' | 'pink';

/** What a person says about an AWS account. */
export interface Account {
  /** Its twelve digits. */
  id: string;
  /** What people call it. */
  name?: string;
  colour?: Colour;
  production?: boolean;
  browser?: Browser;
}

/** Where a console opens. */
export interface Browser {
  /** The program, as `Request::Browsers` names it. */
  program: string;
  /** A profile of it, by the name of its folder. */
  profile?: string;
  /** A Firefox container. */
  container?: string;
}

/** A browser of this computer. */
export interface BrowserView {
  program: string;
  name: string;
  profiles: { id: string; name: string }[];
  containers: string[];
}

/** `[settings]` of config.toml, as it is in force. */
export interface Settings {
  mfa_duration: string;
  warn_minutes: number;
  issuer: string | null;
  proxy: string | null;
  ca_bundle: string | null;
  pinned: string[];
  shell: Shell;
  clipboard_seconds: number;
  lock_on_screen_lock: boolean;
  lock_on_sleep: boolean;
  lock_after: string | null;
  browser: Browser | null;
  start_at_login: boolean;
  /** Whether the window goes when another one is chosen. */
  hide_on_focus_loss: boolean;
  /** Shows the window from anywhere; off when null. */
  shortcut: string | null;
  /** That of the system when null. */
  language: string | null;
  /** A terminal program; the desktop's own when null. */
  terminal: string | null;
}

/** Settings to change; null is the default. */
export type SettingsChange = { [Key in keyof Omit<Settings, 'pinned'>]?: Settings[Key] | null };

export type EndpointName = 'sts' | 'iam' | 'signin' | 'console' | 'secretsmanager';

/** A line of `daypass doctor`. */
export interface Finding {
  about: string;
  state: 'ok' | 'attention' | 'broken';
  /** What was seen, as one sentence. */
  what: string;
  /** What to do now; empty where nothing is to be done. */
  todo: string;
}

/** A secret that gets a role's session at each renewal. */
export interface PublishedView {
  secret_id: string;
  at: Instant | null;
}

export interface IdentityView {
  name: string;
  ambient: boolean;
  access_key_id: string | null;
  user_arn: string | null;
  key_created_at: Instant | null;
  rotating: boolean;
  mfa_serials: string[];
  mfa: SessionView | null;
}

export interface DeviceView {
  serial: string;
  name: string;
  /** Before this, it still shows a code that AWS has already taken. */
  wait_until: Instant | null;
}

/** A program as the kernel named it: a hint and no proof. */
export interface CallerView {
  name: string;
  path: string;
  role: string;
}

export interface PromptView {
  identity: string;
  /** The first is asked for unless a person chooses another. */
  devices: DeviceView[];
  asked_by: CallerView | null;
  purpose: string;
  /** The role's session that the code is for; null where it is for an MFA session. */
  session: SessionKey | null;
  rejected: Problem | null;
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
  /** Whether sessions were dropped and none is given until a person unlocks. */
  locked: boolean;
  identities: IdentityView[];
  roles: RoleView[];
  prompt: PromptView | null;
  notices: Notice[];
  /** Accounts that something is said about. */
  accounts: Account[];
  settings: Settings;
  /** Where they are written. */
  config_file: string;
  /** Settings and endpoints whose new value is taken up only by the next start. */
  restart_for: string[];
  /** Those in force now. */
  endpoints: EndpointView[];
  /** Those of config.toml, in force from the next start on. */
  configured_endpoints: EndpointView[];
  tray_missing: string | null;
  /** Seconds; negative where this computer's clock is ahead. Absent from an older agent. */
  clock_behind?: number | null;
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

/** A role as it is configured. */
export interface NewRole {
  name: string;
  /** A role has this or `source`. */
  identity?: string;
  source?: string;
  arn: string;
  session: SessionKind;
  duration?: string;
  session_name?: string;
  external_id?: string;
  source_identity?: string;
  region?: string;
  destination?: string;
  console_duration?: string;
  policy_arns?: string[];
  transitive_tags?: string[];
  tags?: Record<string, string>;
  policy?: string;
  favourite?: boolean;
  browser?: Browser;
}

/** What AWS must allow for a role, as IAM policies. */
export interface Policies {
  /** The role's own; a federated user has none. */
  TrustPolicy?: unknown;
  /** That of the user, or of the role that it is chained from. */
  PermissionPolicy: unknown;
}

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell' | 'cmd';

export interface SessionKey {
  role: string;
  read_only: boolean;
}

/** Which console, and where. */
export interface Console {
  role: string;
  read_only?: boolean;
  destination: string | null;
  region: string | null;
  issuer?: string;
  duration?: string;
  /** Signs out of the console first, which ends what is open there. */
  sign_out?: boolean;
}

export interface Publish {
  role: string;
  secret_id: string;
  region?: string;
  writer?: string;
  create?: boolean;
  keep?: boolean;
}

/** Where to look; null is where AWS's own tools look. */
export interface ImportFrom {
  config: string | null;
  credentials: string | null;
  leapp: string | null;
  keychain: boolean;
}

export interface FoundIdentity {
  identity: { name: string; ambient?: boolean; profile?: string };
  origin: string;
  access_key_id: string | null;
  mfa_serials: string[];
  /** Whether its key lies in a file in plain text. */
  plain_text: boolean;
  /** Whether Daypass has it already. */
  known: boolean;
}

export interface FoundRole {
  role: NewRole;
  origin: string;
  /** What a person must agree to, each as a sentence. */
  beware: string[];
  known: boolean;
}

export interface LeftAlone {
  origin: string;
  why: string;
}

export interface ImportPlan {
  identities: FoundIdentity[];
  roles: FoundRole[];
  left_alone: LeftAlone[];
}

export interface ImportChoice {
  from: ImportFrom;
  /** Everything when empty. */
  only: string[];
  agreed: boolean;
}

export interface Failure {
  origin: string;
  problem: Problem;
}

export interface ImportReport {
  identities: string[];
  roles: number;
  failed: Failure[];
  still_plain: string[];
}

/** Who caused something: a person here, Daypass itself, or a program as the kernel named it. */
export type By = 'you' | 'daypass' | 'unnamed' | { program: { name: string; path: string } };

/** What happened, by its name in `journal::Event`. */
export type Happening =
  | 'started'
  | 'session_started'
  | 'mfa_session_started'
  | 'session_failed'
  | 'credentials_given'
  | 'code_asked'
  | 'code_accepted'
  | 'code_failed'
  | 'code_dismissed'
  | 'link_made'
  | 'link_reused'
  | 'copied'
  | 'profile_copied'
  | 'terminal_opened'
  | 'session_ended'
  | 'profile_written'
  | 'published'
  | 'publish_failed'
  | 'publishing_stopped'
  | 'key_replaced'
  | 'key_not_replaced'
  | 'identity_added'
  | 'identity_removed'
  | 'role_added'
  | 'role_changed'
  | 'identity_changed'
  | 'settings_changed'
  | 'role_removed'
  | 'imported'
  | 'plain_keys_removed'
  | 'plain_keys_restored'
  | 'locked'
  | 'unlocked'
  | 'lost';

/** A line of the journal. Which fields there are depends on what happened. */
export interface Entry {
  number: number;
  at: Instant;
  /** How often the same happened since an earlier entry. */
  again?: { times: number; since: Instant };
  /** A {@link Happening}, or what a newer version calls something. */
  event: string;
  by?: By | null;
  role?: string | null;
  read_only?: boolean;
  identity?: string | null;
  arn?: string;
  until?: Instant;
  why?: string;
  device?: string | null;
  to?: 'browser' | 'clipboard' | 'caller';
  profile?: string;
  secret_id?: string;
  access_key_id?: string | null;
  version?: string;
  entries?: number;
  identities?: string[];
  identity_count?: number;
  roles?: string[];
  role_count?: number;
  failed?: number;
  keys?: string[];
  devices?: string[];
}

export type Kind =
  | 'use'
  | 'link'
  | 'code'
  | 'session'
  | 'copy'
  | 'publish'
  | 'key'
  | 'setup'
  | 'lock'
  | 'other';

/** Which entries; those without a field are not chosen by it. */
export interface Filter {
  kinds?: Kind[];
  text?: string;
}

export interface Query {
  filter: Filter;
  limit: number;
  /** Only entries with a lower number. */
  before?: number;
}

/** Entries, newest first, and where the next page begins. */
export interface JournalPage {
  entries: Entry[];
  next: number | null;
}

/** The part of `protocol::Request` that the popup may send. */
export type Action =
  | { open_console: Console }
  | { submit_code: { identity: string; serial?: string; code: string } }
  | 'dismiss_prompt'
  | { ask_for_code: { identity: string } }
  | { add_identity: NewIdentity }
  | { remove_identity: { name: string } }
  | { add_role: NewRole }
  | { describe_role: { name: string } }
  | { remove_role: { name: string } }
  | { copy_link: Console }
  | { copy_environment: { session: SessionKey; shell: Shell } }
  | { write_profile: { role: string; profile?: string } }
  | { publish: { publish: Publish } }
  | { stop_publishing: { role: string; secret_id: string } }
  | { rotate_key: { identity: string } }
  | { set_devices: { identity: string; serials: string[] } }
  | { plan_import: ImportFrom }
  | { import: ImportChoice }
  | { remove_plain_keys: { from: ImportFrom; identities: string[] } }
  | 'restore_plain_keys'
  | { renew_session: { role: string } }
  | { end_session: { role: string } }
  | { copy_profile: { role: string } }
  | { open_terminal: { role: string } }
  | { favourite: { role: string; on: boolean } }
  | { pin: { role: string; on: boolean } }
  | { open_role_in: { role: string; browser: Browser | null } }
  | { set_account: Account }
  | 'browsers'
  | { change_settings: SettingsChange }
  | { change_endpoints: Partial<Record<EndpointName, string | null>> }
  | 'examine'
  | { journal: Query }
  | { export_journal: Filter }
  | { dismiss_notice: { id: number } }
  | 'unlock_vault'
  | 'lock'
  | 'unlock';

/** The answers that say more than that it is done, by their name in `protocol::Response`. */
export interface Answers {
  published: { version_id: string; expires_at: Instant };
  key_rotated: { access_key_id: string };
  /** Its policies, or why they cannot be said. */
  role: { role: NewRole; policies: { Ok: Policies; Err?: never } | { Ok?: never; Err: Problem } };
  import_plan: ImportPlan;
  imported: ImportReport;
  journal: JournalPage;
  browsers: BrowserView[];
  examined: Finding[];
  written: { path: string; warnings: string[] };
}

export type Answer = null | { [Name in keyof Answers]: Pick<Answers, Name> }[keyof Answers];

/** Asks the agent for something; rejects with a {@link Problem}. */
export type Act = (action: Action) => Promise<Answer>;

/** What an answer holds under a name; nothing when it is another answer. */
export function held<Name extends keyof Answers>(
  answer: Answer,
  name: Name,
): Answers[Name] | undefined {
  return (answer as Partial<Answers> | null)?.[name];
}

/** What the popup comes to the front with. */
export type Show = 'roles' | 'code';

/** The state now, or null while there is no connection to the agent. */
export function fetchState(): Promise<StateView | null> {
  return invoke<StateView | null>('state');
}

export const act: Act = async (action) => {
  try {
    return await invoke<Answer>('act', { action });
  } catch (thrown) {
    throw asProblem(thrown);
  }
};

/** Hides the window. */
export function hide(): Promise<void> {
  return invoke<void>('hide');
}

/** Says that a secret is being typed, so that this process ends when its window is put away. */
export function sawSecret(): Promise<void> {
  return invoke<void>('saw_secret');
}

/** Says whether something is being typed that must not be lost with the window. */
export function keepOpen(on: boolean): Promise<void> {
  return invoke<void>('keep_open', { on });
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
