// What the mock does for each action: the simplest that lets every screen be seen.

import { kindOf } from '../src/lib/activity';
import type { Action, Answer, IdentityView, NewRole, Problem, RoleView, StateView } from '../src/lib/agent';
import { at, browsers, examined, identity, journal, plan, prompt, role, session, settings } from './fixtures';

export interface World {
  readonly state: StateView;
  change: (over: Partial<StateView>) => void;
  /** Seconds since the page was opened. */
  seconds: () => number;
  /** How many roles an import finds. */
  found: number;
  /** How many entries the journal has besides those of every kind. */
  entries: number;
}

type Named = Exclude<Action, string>;
type Name = Named extends infer One ? (One extends object ? keyof One : never) : never;
type Given<N extends Name> = Extract<Named, Record<N, unknown>> extends Record<N, infer G> ? G : never;
type Deeds = { [N in Name]: (world: World, given: Given<N>) => Promise<Answer> | Answer };

const later = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const refusal = (what: string, todo: string): Problem => ({ blame: 'yours', code: 'aws_refused', what, todo });
const refuse = (what: string, todo: string): never => {
  throw refusal(what, todo);
};

/** What cannot be done without a session (`controller/locking.rs`). */
const SESSIONS: readonly Name[] = [
  'ask_for_code',
  'submit_code',
  'open_console',
  'copy_link',
  'copy_environment',
  'write_profile',
  'open_terminal',
  'renew_session',
  'publish',
  'rotate_key',
];

/** A person took a session along or opened a console, which counts as a use. */
function uses(world: World, name: string): void {
  const known = world.state.roles.find((one) => one.name === name);
  putRole(world, name, { uses: (known?.uses ?? 0) + 1, last_used: at(world.seconds()) });
}

function putRole(world: World, name: string, over: Partial<RoleView>): void {
  world.change({
    roles: world.state.roles.map((known) => (known.name === name ? { ...known, ...over } : known)),
  });
}

function putIdentity(world: World, name: string, over: Partial<IdentityView>): void {
  world.change({
    identities: world.state.identities.map((known) =>
      known.name === name ? { ...known, ...over } : known,
    ),
  });
}

/** Roles as they were typed. */
const configured = new Map<string, NewRole>();

const deeds: Deeds = {
  async open_console(world, { role: name, read_only }) {
    putRole(world, name, { opening: true });
    await later(1200);
    const now = world.seconds();
    putRole(world, name, { opening: false });
    // A session that only reads is another one than that of the list.
    if (read_only !== true) {
      putRole(world, name, { needs_code: false, session: session('active', now, now + 3600) });
    }
    uses(world, name);
    return null;
  },
  async submit_code(world, { code }) {
    const { prompt: asked } = world.state;
    if (asked === null) return null;
    world.change({ prompt: { ...asked, checking: true, rejected: null } });
    await later(900);
    if (code === '000000') {
      const rejected: Problem = {
        blame: 'yours',
        code: 'wrong_code',
        what: 'AWS did not accept that code.',
        todo: 'Type the one that your device shows now.',
      };
      world.change({ prompt: { ...asked, rejected } });
      throw rejected;
    }
    world.change({ prompt: null });
    const now = world.seconds();
    putIdentity(world, asked.identity, { mfa: session('active', now, now + 12 * 3600) });
    return null;
  },
  ask_for_code(world, { identity: of }) {
    world.change({ prompt: prompt({ identity: of }) });
    return null;
  },
  async add_identity(world, { identity: added, key }) {
    await later(600);
    if (key?.access_key_id.endsWith('REFUSED') === true) {
      refuse(
        'AWS does not know this key, or the secret is not its own.',
        'Check both; a secret is shown only once, when its key is made.',
      );
    }
    const made = identity(added.name, {
      ambient: added.ambient === true,
      access_key_id: key?.access_key_id ?? null,
      mfa_serials: key?.mfa_serials ?? [],
      mfa: (key?.mfa_serials.length ?? 0) > 0 ? session('none') : null,
    });
    world.change({ identities: [...world.state.identities, made] });
    return null;
  },
  remove_identity(world, { name }) {
    const user = world.state.roles.find((known) => known.identity === name && known.source === null);
    if (user !== undefined) refuse(`The role ${user.name} uses the identity ${name}. Remove the role first.`, '');
    world.change({ identities: world.state.identities.filter((known) => known.name !== name) });
    return null;
  },
  async add_role(world, added) {
    await later(400);
    const through = world.state.roles.find(({ name }) => name === added.source);
    const made = role(added.name, {
      identity: added.identity ?? through?.identity ?? '',
      source: added.source ?? null,
      arn: added.arn,
      role_name: added.arn.split('/').at(-1) ?? '',
      session_kind: added.session,
      region: added.region ?? null,
      needs_code: true,
    });
    configured.set(added.name, added);
    const others = world.state.roles.filter(({ name }) => name !== added.name);
    world.change({ roles: [...others, made] });
    return null;
  },
  describe_role(world, { name }) {
    const known = world.state.roles.find((one) => one.name === name);
    if (known === undefined) return refuse(`There is no role ${name}.`, '');
    const user = world.state.identities.find((one) => one.name === known.identity)?.user_arn ?? null;
    const statement = { Effect: 'Allow', Action: ['sts:AssumeRole'] };
    const policy = (more: object): object => ({
      Version: '2012-10-17',
      Statement: [{ ...statement, ...more }],
    });
    return {
      role: {
        role: configured.get(name) ?? {
          name,
          ...(known.source === null ? { identity: known.identity } : { source: known.source }),
          arn: known.arn,
          session: known.session_kind,
          ...(known.region === null ? {} : { region: known.region }),
          ...(known.destination === null ? {} : { destination: known.destination }),
        },
        policies:
          user === null
            ? { Err: refusal(`Daypass does not know who assumes ${name}.`, '') }
            : {
                Ok: {
                  TrustPolicy: policy({ Principal: { AWS: user } }),
                  PermissionPolicy: policy({ Resource: known.arn }),
                },
              },
      },
    };
  },
  remove_role(world, { name }) {
    world.change({ roles: world.state.roles.filter((known) => known.name !== name) });
    return null;
  },
  async copy_link(world, { role: name }) {
    await later(900);
    uses(world, name);
    return null;
  },
  async copy_environment(world, { session: { role: name } }) {
    await later(500);
    uses(world, name);
    return null;
  },
  async write_profile(world, { role: name }) {
    await later(500);
    uses(world, name);
    const warnings = name === 'prod-admin' ? [] : ['The file can be read by other users. Run `chmod 600` on it.'];
    return { written: { path: '/home/ada/.aws/credentials', warnings } };
  },
  async publish(world, { publish: { role: name, secret_id, keep } }) {
    await later(900);
    if (secret_id.includes('missing')) {
      refuse(`There is no secret ${secret_id}.`, 'Choose “Make the secret”, or check its name.');
    }
    const now = world.seconds();
    const published = world.state.roles.find((known) => known.name === name)?.published ?? [];
    if (keep === true) putRole(world, name, { published: [...published, { secret_id, at: at(now) }] });
    return { published: { version_id: 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE', expires_at: at(now + 3600) } };
  },
  stop_publishing(world, { role: name, secret_id }) {
    const published = world.state.roles.find((known) => known.name === name)?.published ?? [];
    putRole(world, name, { published: published.filter((one) => one.secret_id !== secret_id) });
    return null;
  },
  async rotate_key(world, { identity: name }) {
    putIdentity(world, name, { rotating: true });
    await later(1500);
    const access_key_id = 'AKIAI44QH8DHBEXAMPLE';
    putIdentity(world, name, { rotating: false, access_key_id, key_created_at: at(world.seconds()) });
    return { key_rotated: { access_key_id } };
  },
  set_devices(world, { identity: name, serials: mfa_serials }) {
    const known = world.state.identities.find((one) => one.name === name);
    const mfa = mfa_serials.length === 0 ? null : (known?.mfa ?? session('none'));
    putIdentity(world, name, { mfa_serials, mfa });
    return null;
  },
  async plan_import(world) {
    await later(600);
    return { import_plan: plan(world.found) };
  },
  async import(world, { only, agreed }) {
    await later(1200);
    const found = plan(world.found);
    const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
    const keys = found.identities.filter((one) => !one.known && wanted(one.identity.name));
    const roles = found.roles.filter(
      (one) => !one.known && wanted(one.role.name) && (agreed || one.beware.length === 0),
    );
    world.change({
      identities: [...world.state.identities, ...keys.map((one) => identity(one.identity.name, { mfa: session('none') }))],
      roles: [
        ...world.state.roles,
        ...roles.map(({ role: { name, arn } }) => role(name, { identity: 'ada', arn, needs_code: true })),
      ],
    });
    const failed = [
      {
        origin: '[profile retired] in /home/ada/.aws/config',
        problem: {
          blame: 'yours' as const,
          code: 'usage' as const,
          what: 'The account in the ARN is not twelve digits.',
          todo: 'Correct it in the file and bring it over again.',
        },
      },
    ];
    return {
      imported: {
        identities: keys.map((one) => one.identity.name),
        roles: roles.length,
        failed,
        still_plain: keys.filter((one) => one.plain_text).map((one) => one.identity.name),
      },
    };
  },
  async remove_plain_keys() {
    await later(700);
    return { written: { path: '/home/ada/.aws/credentials', warnings: [] } };
  },
  async journal(world, { filter, limit, before }) {
    await later(200);
    const text = filter.text?.toLowerCase() ?? '';
    const wanted = journal(world.entries).filter(
      (entry) =>
        entry.number < (before ?? Infinity) &&
        (filter.kinds ?? [kindOf(entry.event)]).includes(kindOf(entry.event)) &&
        JSON.stringify(entry).toLowerCase().includes(text),
    );
    const entries = wanted.slice(0, limit);
    return { journal: { entries, next: wanted.length > limit ? (entries.at(-1)?.number ?? null) : null } };
  },
  async export_journal() {
    await later(500);
    return { written: { path: '/home/ada/Downloads/daypass-activity-2026-03-02.jsonl', warnings: [] } };
  },
  async renew_session(world, { role: name }) {
    putRole(world, name, { session: session('getting') });
    await later(900);
    const now = world.seconds();
    putRole(world, name, { session: session('active', now, now + 3600) });
    return null;
  },
  end_session(world, { role: name }) {
    putRole(world, name, { session: session('none') });
    return null;
  },
  async copy_profile(world, { role: name }) {
    await later(200);
    uses(world, name);
    return null;
  },
  async open_terminal(world, { role: name }) {
    await later(500);
    uses(world, name);
    return null;
  },
  favourite(world, { role: name, on }) {
    putRole(world, name, { favourite: on });
    return null;
  },
  pin(world, { role: name, on }) {
    putRole(world, name, { pinned: on });
    return null;
  },
  open_role_in(world, { role: name, browser }) {
    putRole(world, name, { browser });
    return null;
  },
  set_account(world, account) {
    const others = world.state.accounts.filter((known) => known.id !== account.id);
    const { id: _, ...said } = account;
    world.change({ accounts: Object.keys(said).length === 0 ? others : [...others, account] });
    return null;
  },
  async change_settings(world, changed) {
    await later(300);
    if (changed.mfa_duration === '13m') {
      refuse('A session lasts between 15 minutes and 36 hours, not 13m.', '');
    }
    const put = Object.entries(changed).map(([key, value]) => [key, value ?? settings[key as never]]);
    world.change({ settings: { ...world.state.settings, ...Object.fromEntries(put) } });
    return null;
  },
  change_endpoints(world, changed) {
    for (const [name, url] of Object.entries(changed)) {
      if (url === null || /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)(:|\/|$))/.test(url)) continue;
      refuse(`The endpoint ${name} must be an https address, or http on 127.0.0.1 or localhost, not ${url}.`, '');
    }
    const kept = world.state.configured_endpoints.filter((known) => !(known.name in changed));
    const set = Object.entries(changed).flatMap(([name, url]) => (url ? [{ name, url }] : []));
    const waits = world.state.restart_for.filter((name) => !name.startsWith('endpoints.'));
    world.change({
      configured_endpoints: [...kept, ...set],
      restart_for: [...waits, ...Object.keys(changed).map((name) => `endpoints.${name}`)],
    });
    return null;
  },
  dismiss_notice(world, { id }) {
    world.change({ notices: world.state.notices.filter((notice) => notice.id !== id) });
    return null;
  },
};

export async function act(world: World, action: Action): Promise<Answer> {
  const [asked] = typeof action === 'string' ? [] : (Object.keys(action) as Name[]);
  if (world.state.locked && asked !== undefined && SESSIONS.includes(asked)) {
    refuse('Daypass is locked.', 'Run `daypass unlock` in a terminal, or choose Unlock in its window or menu.');
  }
  if (action === 'dismiss_prompt') world.change({ prompt: null });
  else if (action === 'lock') world.change({ locked: true });
  else if (action === 'unlock') world.change({ locked: false });
  else if (action === 'unlock_vault') {
    await later(800);
    world.change({ vault: { state: 'ready' } });
  } else if (action === 'restore_plain_keys') {
    await later(500);
    return { written: { path: '/home/ada/.aws/credentials', warnings: [] } };
  } else if (action === 'browsers') {
    return { browsers };
  } else if (action === 'examine') {
    await later(900);
    return { examined };
  } else {
    const [[name, given]] = Object.entries(action) as [[Name, never]];
    return deeds[name](world, given);
  }
  return null;
}
