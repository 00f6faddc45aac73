// States to look at and to test with.

import type {
  By,
  BrowserView,
  CallerView,
  DeviceView,
  Entry,
  Finding,
  FoundIdentity,
  FoundRole,
  IdentityView,
  ImportPlan,
  Notice,
  Problem,
  PromptView,
  RoleView,
  SessionState,
  SessionView,
  Settings,
  StateView,
} from '../src/lib/agent';

export const NOW = Date.parse('2026-03-02T09:00:00Z');

/** An instant so many seconds after {@link NOW}. */
export const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** A session that began and ends so many seconds from {@link NOW}. */
export function session(state: SessionState, from?: number, to?: number): SessionView {
  return {
    state,
    started_at: from === undefined ? null : at(from),
    expires_at: to === undefined ? null : at(to),
  };
}

export function role(name: string, over: Partial<RoleView> = {}): RoleView {
  return {
    name,
    identity: 'work',
    source: null,
    federated: false,
    arn: 'arn:aws:iam::111122223333:role/Admin',
    account: '111122223333',
    role_name: 'Admin',
    session_kind: 'daily',
    region: 'eu-west-1',
    session: session('none'),
    can_read_only: true,
    published: [],
    needs_code: false,
    opening: false,
    destination: null,
    favourite: false,
    pinned: false,
    browser: null,
    uses: 0,
    last_used: null,
    ...over,
  };
}

export function identity(name: string, over: Partial<IdentityView> = {}): IdentityView {
  return {
    name,
    ambient: false,
    access_key_id: 'AKIAIOSFODNN7EXAMPLE',
    user_arn: 'arn:aws:iam::111122223333:user/ada',
    key_created_at: at(-20 * DAY),
    rotating: false,
    mfa_serials: ['arn:aws:iam::111122223333:mfa/ada'],
    mfa: session('active', -40 * MINUTE, 11 * HOUR + 20 * MINUTE),
    ...over,
  };
}

export const settings: Settings = {
  mfa_duration: '12h',
  warn_minutes: 10,
  issuer: null,
  proxy: null,
  ca_bundle: null,
  pinned: [],
  shell: 'bash',
  clipboard_seconds: 60,
  lock_on_screen_lock: false,
  lock_on_sleep: false,
  lock_after: null,
  browser: null,
  start_at_login: false,
  hide_on_focus_loss: true,
  shortcut: null,
  language: null,
  terminal: null,
};

export const browsers: BrowserView[] = [
  {
    program: 'firefox',
    name: 'Firefox',
    profiles: [{ id: 'abcd1234.default-release', name: 'default-release' }],
    containers: ['Shop', 'Bank'],
  },
  {
    program: 'chromium',
    name: 'Chromium',
    profiles: [
      { id: 'Default', name: 'Ada' },
      { id: 'Profile 1', name: 'Ada at work' },
    ],
    containers: [],
  },
];

export const examined: Finding[] = [
  { about: 'keychain', state: 'ok', what: 'It answers.', todo: '' },
  { about: 'clock', state: 'ok', what: 'It is right to the second.', todo: '' },
  { about: 'sts eu-west-1', state: 'ok', what: 'It answers in 40 ms.', todo: '' },
  {
    about: 'notifications',
    state: 'attention',
    what: 'No program shows notifications.',
    todo: 'Start your desktop’s notification daemon.',
  },
  {
    about: 'profiles',
    state: 'broken',
    what: '~/.aws/config cannot be read.',
    todo: 'Run `chmod 600` on it.',
  },
];

export function state(over: Partial<StateView> = {}): StateView {
  return {
    now: at(0),
    version: '0.1.0',
    vault: { state: 'ready' },
    locked: false,
    identities: [],
    roles: [],
    prompt: null,
    notices: [],
    accounts: [],
    settings,
    endpoints: [],
    configured_endpoints: over.endpoints ?? [],
    config_file: '/home/ada/.config/daypass/config.toml',
    restart_for: [],
    tray_missing: null,
    ...over,
  };
}

export function device(name: string, over: Partial<DeviceView> = {}): DeviceView {
  return { serial: `arn:aws:iam::111122223333:mfa/${name}`, name, wait_until: null, ...over };
}

export function prompt(over: Partial<PromptView> = {}): PromptView {
  return {
    identity: 'work',
    devices: [device('ada')],
    asked_by: null,
    purpose: 'a session of 12h',
    session: null,
    rejected: null,
    checking: false,
    ...over,
  };
}

/** A phone that shows a code already taken, and a token that does not. */
export const devices = [
  device('phone', { wait_until: at(12) }),
  device('token-in-the-drawer'),
  device('GAHT12345678', { serial: 'GAHT12345678' }),
];

export const terraform: CallerView = {
  name: 'terraform',
  path: '/opt/hashicorp/terraform/1.15.2/bin/terraform',
  role: 'prod-admin',
};

export const rejected: Problem = {
  blame: 'yours',
  code: 'wrong_code',
  what: 'AWS did not take that code.',
  todo: 'Type the one your device shows now, or the next if that was it. If it keeps failing, the device’s clock may be off.',
};

/** Known by Daypass itself; AWS was not asked. */
export const used: Problem = {
  blame: 'yours',
  code: 'code_needed',
  what: 'That code was already used.',
  todo: 'The next one comes in 12 s.',
};

export const notices: Notice[] = [
  {
    id: 3,
    about: 'prod-admin',
    problem: {
      blame: 'yours',
      code: 'aws_refused',
      what: 'AWS does not let work assume prod-admin.',
      todo: 'Ask for sts:AssumeRole on the role, and for the role to trust your user.',
      fresh_code: 'work',
    },
  },
  {
    id: 2,
    about: null,
    problem: {
      blame: 'passing',
      code: 'failed',
      what: 'AWS cannot be reached.',
      todo: 'Daypass tries again by itself.',
    },
  },
  {
    id: 1,
    about: 'staging',
    problem: {
      blame: 'ours',
      code: 'failed',
      what: 'The answer of AWS made no sense.',
      todo: 'This is a mistake in Daypass; please report it.',
    },
  },
];

const active = role('prod-admin', { session: session('active', -2 * MINUTE, 58 * MINUTE) });

const few = state({
  identities: [identity('work')],
  roles: [
    active,
    role('staging', {
      account: '444455556666',
      role_name: 'Developer',
      session: session('ending', -56 * MINUTE, 4 * MINUTE),
    }),
    role('billing', { account: '777788889999', role_name: 'Billing', session_kind: 'long', needs_code: true }),
    role('logs', { account: '777788889999', role_name: 'LogReader' }),
  ],
});

const ambient = identity('this-machine', {
  ambient: true,
  access_key_id: null,
  user_arn: null,
  key_created_at: null,
  mfa_serials: [],
  mfa: null,
});

/** One of each thing that a row or a head can tell besides its session. */
const more = state({
  identities: [
    identity('work', {
      key_created_at: at(-127 * DAY),
      mfa_serials: devices.map(({ serial }) => serial),
    }),
    identity('customer', { rotating: true }),
    ambient,
  ],
  roles: [
    active,
    role('audit', {
      source: 'prod-admin',
      account: '444455556666',
      role_name: 'Auditor',
      can_read_only: false,
    }),
    role('reports', {
      published: [
        { secret_id: 'reports/session', at: at(-25 * MINUTE) },
        {
          secret_id: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:partners/reports-a1b2c3',
          at: null,
        },
      ],
      session: session('active', -25 * MINUTE, 35 * MINUTE),
    }),
    role('me', {
      federated: true,
      arn: 'arn:aws:sts::111122223333:federated-user/ada',
      role_name: 'ada',
      can_read_only: false,
    }),
    role('customer-prod', { identity: 'customer', account: '777788889999' }),
    role('sandbox', { identity: 'this-machine', account: '222233334444' }),
  ],
});

const teams = ['shop', 'bank', 'data', 'search', 'mail', 'maps', 'video', 'billing', 'audit', 'edge'];
const stages = ['prod', 'staging', 'dev', 'sandbox'];
const duties = ['Admin', 'ReadOnly', 'Developer', 'Billing', 'LogReader'];

/** So many roles of a large organisation, five to an account. */
function organisation(roles: number): StateView {
  const stageOf = (account: number): string => stages[account % stages.length] ?? '';
  const called = (account: number): string => {
    const team = teams[Math.floor(account / stages.length) % teams.length] ?? '';
    const unit = Math.floor(account / stages.length / teams.length);
    return `${team}${unit === 0 ? '' : `-${unit + 1}`} ${stageOf(account)}`;
  };
  const numbered = (account: number): string => String(100_000_000_000 + account * 7_919_337);
  return state({
    identities: [identity('work')],
    accounts: Array.from({ length: Math.ceil(roles / duties.length) }, (_, account) => ({
      id: numbered(account),
      name: called(account),
      ...(stageOf(account) === 'prod' ? { colour: 'red' as const, production: true } : {}),
    })),
    roles: Array.from({ length: roles }, (_, index) => {
      const account = Math.floor(index / duties.length);
      const duty = duties[index % duties.length] ?? '';
      return role(`${called(account).replace(' ', '-')}-${duty.toLowerCase()}`, {
        account: numbered(account),
        role_name: duty,
        favourite: index % 400 === 3,
        uses: index % 97 === 0 ? index + 1 : 0,
        last_used: index % 97 === 0 ? at((index % 5) * -DAY - index * MINUTE) : null,
        session: index % 9 === 0 ? session('active', 0, HOUR) : session('none'),
      });
    }),
  });
}

const every: SessionState[] = [
  'active',
  'ending',
  'getting',
  'waiting_for_code',
  'failed',
  'ended',
  'none',
];

const twelve = state({
  identities: [
    identity('work', { mfa: session('ending', -11 * HOUR, 9 * MINUTE) }),
    identity('customer', {
      mfa: session('none'),
      mfa_serials: ['GAHT12345678'],
      access_key_id: null,
      user_arn: null,
      key_created_at: null,
    }),
    ambient,
  ],
  roles: Array.from({ length: 12 }, (_, index) =>
    role(['prod-admin', 'prod-read', 'staging', 'sandbox', 'billing', 'logs', 'audit', 'data-lake', 'ci-deploy', 'dns', 'support', 'tooling'][index] ?? '', {
      identity: index < 7 ? 'work' : index < 10 ? 'customer' : 'this-machine',
      account: String(111122223333 + index * 10203040507),
      role_name: ['Admin', 'ReadOnly', 'Developer'][index % 3] ?? '',
      session: session(every[index % every.length] ?? 'none', -20 * MINUTE, index % 2 === 0 ? 40 * MINUTE : 3 * MINUTE),
      needs_code: index >= 5 && index < 10,
      opening: index === 11,
      favourite: index === 0 || index === 4,
      pinned: index === 0,
      uses: [0, 40, 0, 30, 0, 0, 0, 0, 20][index] ?? 0,
      last_used: index === 1 || index === 3 || index === 8 ? at((index - 12) * HOUR) : null,
    }),
  ),
  accounts: [
    { id: '111122223333', name: 'Shop', colour: 'red', production: true },
    { id: '131528304347', name: 'Shop', colour: 'teal' },
    { id: '121325263840', name: 'Data platform', colour: 'purple' },
    { id: '151934385361', name: 'Bank', colour: 'orange', production: true },
  ],
});

const markup = '<img src=x onerror="document.title=1">';
const bidi = 'abc \u202edcba\u202c \u05e9\u05dc\u05d5\u05dd';
const long = 'x'.repeat(128);
const hostile = state({
  identities: [
    identity(markup, { mfa: session('none') }),
    identity(long),
    identity('شركة', { mfa: session('ending', -11 * HOUR, 9 * MINUTE) }),
  ],
  roles: [
    role(markup, {
      identity: markup,
      role_name: markup,
      region: markup,
      arn: markup,
      source: long,
      published: [{ secret_id: markup, at: null }],
    }),
    role(bidi, { identity: markup, needs_code: true, session: session('ended') }),
    role(long, { identity: long, role_name: long, session: session('active', 0, HOUR), needs_code: true }),
    role('دور المسؤول', { identity: 'شركة', session: session('active', 0, HOUR) }),
    role('名前', { identity: 'شركة', opening: true }),
  ],
  accounts: [{ id: '111122223333', name: `${bidi}${long}${markup}`, colour: 'pink', production: true }],
  notices: [
    {
      id: 9,
      about: long,
      problem: { blame: 'yours', code: 'usage', what: `${markup} ${bidi}`, todo: `${long}${long}` },
    },
  ],
  endpoints: [{ name: markup, url: `https://${long}.example` }],
});

const endpoints = ['sts', 'iam', 'signin', 'console'].map((name) => ({
  name,
  url: `http://127.0.0.1:${name === 'console' ? 4568 : 4567}`,
}));

/** A plan with so many new roles, and one of everything else that a plan can hold. */
export function plan(roles: number): ImportPlan {
  if (roles === 0) return { identities: [], roles: [], left_alone: [] };
  const config = '/home/ada/.aws/config';
  const credentials = '/home/ada/.aws/credentials';
  const key = (name: string, over: Partial<FoundIdentity> = {}): FoundIdentity => ({
    identity: { name },
    origin: `[${name}] in ${credentials}`,
    access_key_id: 'AKIAIOSFODNN7EXAMPLE',
    mfa_serials: [`arn:aws:iam::111122223333:mfa/${name}`],
    plain_text: true,
    known: false,
    ...over,
  });
  const found = (name: string, over: Partial<FoundRole> = {}): FoundRole => ({
    role: {
      name,
      identity: 'ada',
      arn: `arn:aws:iam::${111122223333 + name.length}:role/Developer`,
      session: 'daily',
    },
    origin: `[profile ${name}] in ${config}`,
    beware: [],
    known: false,
    ...over,
  });
  return {
    identities: [
      key('ada'),
      key('old-laptop', { mfa_serials: [] }),
      key('vaulted', { origin: 'aws-vault’s item in the keychain', plain_text: false }),
      key('work', { known: true }),
    ],
    roles: [
      ...Array.from({ length: roles }, (_, index) => found(`team-${index + 1}`)),
      found('own-endpoint', {
        beware: ['endpoint_url = https://proxy.example: Daypass leaves it out and asks AWS itself.'],
      }),
      found('prod-admin', { known: true }),
    ],
    left_alone: [
      {
        origin: `[profile sso] in ${config}`,
        why: 'It signs in with IAM Identity Center. Add it as credentials of this machine.',
      },
      {
        origin: `[profile legacy] in ${config}`,
        why: 'Its credential_process is a program, which Daypass does not run.',
      },
    ],
  };
}

const by = (name: string, path = `/usr/bin/${name}`): By => ({ program: { name, path } });

/** A journal, newest first: one of each kind, one with hostile names, then so many uses. */
export function journal(uses: number): Entry[] {
  const role = 'prod-admin';
  const identity = 'work';
  const arn = 'arn:aws:iam::111122223333:role/Admin';
  const device = 'arn:aws:iam::111122223333:mfa/ada';
  const secret_id = 'partners/reports';
  const told: Omit<Entry, 'number' | 'at'>[] = [
    { event: 'link_made', role, read_only: true, to: 'clipboard', by: 'you' },
    { event: 'credentials_given', role, until: at(50 * MINUTE), by: by('terraform', terraform.path) },
    { event: 'session_started', role, arn, until: at(50 * MINUTE) },
    { event: 'code_accepted', identity, device, by: 'you' },
    { event: 'code_failed', identity, device, why: 'AWS did not take that code.', by: by('bash') },
    { event: 'code_asked', identity, by: by('terraform', terraform.path) },
    { event: 'mfa_session_started', identity, until: at(12 * HOUR) },
    { event: 'session_failed', role: 'billing', why: 'AWS does not let work assume billing.', by: by('python3') },
    { event: 'credentials_given', role, until: at(-2 * HOUR), by: by('python3'), again: { times: 240, since: at(-3 * HOUR) } },
    { event: 'published', role: 'reports', secret_id, by: 'daypass' },
    { event: 'profile_written', role: 'logs', profile: 'logs', by: 'you' },
    { event: 'key_replaced', identity, access_key_id: 'AKIAI44QH8DHBEXAMPLE', by: by('xfce4-terminal') },
    { event: 'link_reused' },
    { event: 'imported', identities: ['ada'], identity_count: 1, roles: ['team-1', 'team-2'], role_count: 2, failed: 1, by: 'you' },
    { event: 'role_removed', role: 'old', by: 'unnamed' },
    { event: 'locked', why: 'screen_locked', by: 'daypass' },
    { event: 'teleported', role },
    { event: 'link_made', role: markup, to: 'caller', by: by(markup, `/${long}/${bidi}`) },
    { event: 'started', version: '0.1.0' },
    ...Array.from({ length: uses }, () => ({
      event: 'credentials_given',
      role: 'logs',
      until: at(0),
      by: by('aws'),
    })),
  ];
  return told.map((entry, index) => ({ ...entry, number: told.length - index, at: at(-index * 35 * MINUTE) }));
}

/** By name, as in `?fixture=few`. */
export const fixtures: Record<string, StateView | null> = {
  connecting: null,
  'first-key': state(),
  'first-role': state({ identities: [identity('work', { mfa: session('none') })] }),
  'first-code': state({
    identities: [identity('work', { mfa: session('none') })],
    prompt: prompt(),
  }),
  one: state({ identities: [identity('work')], roles: [active] }),
  few,
  twelve,
  more,
  thousand: organisation(1000),
  many: organisation(10_000),
  hostile,
  code: { ...few, prompt: prompt() },
  'code-rejected': { ...few, prompt: prompt({ rejected }) },
  'code-used': { ...few, prompt: prompt({ rejected: used, devices: [device('ada', { wait_until: at(9) })] }) },
  'code-wait': { ...few, prompt: prompt({ devices: [device('ada', { wait_until: at(12) })] }) },
  'code-checking': { ...few, prompt: prompt({ checking: true }) },
  'code-asked': { ...few, prompt: prompt({ asked_by: terraform }) },
  'code-devices': { ...few, prompt: prompt({ devices, asked_by: terraform }) },
  'code-hostile': {
    ...hostile,
    prompt: prompt({
      identity: long,
      devices: [device(markup), device(long), device('شركة')],
      asked_by: { name: markup, path: `/${long}/${bidi}`, role: long },
      purpose: bidi,
    }),
  },
  notices: { ...few, notices },
  locked: { ...few, vault: { state: 'locked' } },
  'locked-daypass': { ...few, locked: true },
  missing: state({
    vault: {
      state: 'missing',
      todo: 'Install gnome-keyring or KeePassXC and log in again, or choose the encrypted file with `daypass unlock --file`.',
    },
  }),
  footer: {
    ...few,
    endpoints,
    configured_endpoints: endpoints,
    tray_missing: 'This desktop shows no tray icons. Open Daypass from the applications menu.',
  },
  'first-footer': state({ endpoints }),
};
