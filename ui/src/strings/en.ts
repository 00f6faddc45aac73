// Every word that the popup shows, in English.

import type { EndpointName, Finding, Happening, Kind, SessionKind, Shell } from '../lib/agent';
import type { Age, Span } from '../lib/time';

const plural = (count: number, one: string, several = `${one}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : several}`;

/** "3 keys and 1 role", or either alone. */
const things = (keys: number, roles: number): string =>
  [keys > 0 || roles === 0 ? plural(keys, 'key') : '', roles > 0 ? plural(roles, 'role') : '']
    .filter(Boolean)
    .join(' and ');

/** "58 min", "1 h 20 min", "42 s". */
const short = ({ hours, minutes, seconds }: Span): string => {
  if (hours > 0) {
    return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  }
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
};

/** "58 minutes", "1 hour 20 minutes", "42 seconds". */
const spoken = ({ hours, minutes, seconds }: Span): string => {
  if (hours > 0) {
    return minutes > 0
      ? `${plural(hours, 'hour')} ${plural(minutes, 'minute')}`
      : plural(hours, 'hour');
  }
  return minutes > 0 ? plural(minutes, 'minute') : plural(seconds, 'second');
};

export const strings = {
  product: 'Daypass',
  copied: 'Copied. It is cleared from the clipboard again soon.',
  ago: ({ count, unit }: Age): string => (count === 0 ? 'just now' : `${plural(count, unit)} ago`),

  panel: {
    close: 'Close',
    closeWhat: (what: string): string => `Close: ${what}`,
    cancel: 'Cancel',
  },

  header: {
    add: 'Add',
    addRole: 'Add a role',
    addKey: 'Add an access key',
    import: 'Bring over from this computer',
    back: 'Back to the list',
    activity: 'Activity',
    settings: 'Settings',
  },

  connecting: 'Connecting to Daypass…',

  vault: {
    lockedTitle: 'Your keychain is locked',
    lockedText: 'Daypass keeps your access key there and needs it for the next session.',
    unlock: 'Unlock',
    unlocking: 'Waiting for your keychain…',
    missingTitle: 'There is no keychain',
    retry: 'Look again',
  },

  lock: {
    title: 'Daypass is locked',
    text: 'Its sessions are gone, and it gives none until you unlock it. The next one needs a code.',
    unlock: 'Unlock',
  },

  key: {
    welcome: 'One code in the morning, AWS all day',
    welcomeText: 'Add the access key of your IAM user. It goes into this computer’s keychain, never into a file.',
    orType: 'Or type an access key',
    title: 'Add an access key',
    titleText: 'It goes into this computer’s keychain, never into a file.',
    name: 'Name',
    nameDefault: 'work',
    id: 'Access key ID',
    idExample: 'AKIA…',
    secret: 'Secret access key',
    show: 'Show',
    hide: 'Hide',
    showSecret: 'Show secret access key',
    serial: 'MFA device',
    optional: 'optional',
    serialExample: 'arn:aws:iam::111122223333:mfa/ada',
    serialHint: 'The “Identifier” in the AWS console under IAM, Users, your name, Security credentials.',
    submit: 'Add access key',
    submitting: 'Saving to your keychain…',
    retype: 'Type the secret once more: Daypass does not keep what was refused.',
    ambientSummary: 'Use credentials that this machine already has',
    ambientText: 'From the environment, IAM Identity Center or a profile in your AWS files. Nothing is stored.',
    ambientName: 'Name',
    ambientNameDefault: 'this-machine',
    profile: 'Profile',
    profileExample: 'default chain',
    ambientSubmit: 'Use these credentials',
    ambientSubmitting: 'Adding…',
  },

  import: {
    offer: 'Bring over what is on this computer',
    offerText: 'From AWS’s files, aws-vault, Granted or Leapp. You see it first.',
    foundTitle: 'Found on this computer',
    andMore: (count: number): string => `and ${count.toLocaleString('en-GB')} more`,
    doubtfulLater: (count: number): string =>
      count === 1 ? '1 role needs a look before it can come.' : `${plural(count, 'role')} need a look before they can come.`,
    lookFirst: 'Look through it first',
    title: 'Bring over what is on this computer',
    text: 'Nothing has been changed yet. Keys go into this computer’s keychain.',
    looking: 'Looking…',
    nothing: 'There is nothing here that Daypass could take over.',
    nothingNew: 'There is nothing new here: Daypass has all of it.',
    keys: (count: number): string => plural(count, 'key'),
    roles: (count: number): string => plural(count, 'role'),
    showRoles: 'Show them',
    ambient: 'credentials of this machine',
    plain: 'in plain text',
    plainText: (count: number): string =>
      count === 1
        ? 'One key lies in a file in plain text. You can remove it there afterwards.'
        : `${count} keys lie in files in plain text. You can remove them there afterwards.`,
    find: 'Find',
    findIn: (what: string): string => `Find in ${what}`,
    all: (count: number): string => `All ${count.toLocaleString('en-GB')}`,
    doubtful: (count: number): string =>
      count === 1 ? '1 role needs your agreement' : `${plural(count, 'role')} need your agreement`,
    doubtfulText: 'These settings may lead elsewhere than you expect, if somebody else wrote the file.',
    agree: (count: number): string =>
      count === 1 ? 'I know these settings. Take this role too.' : 'I know these settings. Take these roles too.',
    leftAlone: (count: number): string => `${count.toLocaleString('en-GB')} left alone`,
    known: (keys: number, roles: number): string => `Daypass already has ${things(keys, roles)} of it.`,
    submit: (keys: number, roles: number): string => `Bring over ${things(keys, roles)}`,
    taking: 'Bringing over…',
    part: (now: number, of: number): string => `Part ${now} of ${of}`,
    back: 'Back',
    elsewhere: 'Look in other places',
    files: {
      config: { label: 'AWS config file', example: '~/.aws/config' },
      credentials: { label: 'AWS credentials file', example: '~/.aws/credentials' },
      leapp: { label: 'Exported Leapp workspace', example: '/home/ada/leapp-export.json' },
    },
    keychain: 'Look for keys of aws-vault and Granted in the keychain',
    again: 'Look again',
    done: 'Brought over',
    took: (keys: number, roles: number): string => `New in Daypass: ${things(keys, roles)}.`,
    failed: (count: number): string => `${count.toLocaleString('en-GB')} did not work`,
    finish: 'Go to the roles',
  },

  steps: {
    label: 'First steps',
    names: ['Access key', 'Role', 'Console'],
    done: 'done',
  },

  keyHelp: {
    title: 'How to get an access key',
    steps: [
      {
        title: 'Open your user',
        text: 'Sign in to the AWS console as the IAM user. Open IAM, Users, the user’s name, and there “Security credentials”.',
      },
      {
        title: 'Assign an MFA device',
        text: 'Choose “Assign MFA device” and “Authenticator app”. Its “Identifier” goes into the field above. Security keys and passkeys do not work for this.',
      },
      {
        title: 'Make the key',
        text: 'Under “Access keys” choose “Create access key” and “Command Line Interface (CLI)”. AWS shows the secret once: put both parts into the fields above.',
      },
    ],
    allow: {
      title: 'Let it assume roles',
      text: 'Whoever administers the account opens the user’s “Permissions”, “Add permissions”, “Create inline policy”, “JSON”, and pastes this. Daypass needs no more.',
      roles: 'ARNs of the roles',
      rolesHint: 'One on each line.',
      replaces: 'Daypass may show the key’s age and replace it',
    },
  },

  roleHelp: {
    title: 'What AWS needs for it',
    text: 'The role must trust the user, and the user must be allowed to assume the role. Whoever administers the account pastes these.',
    first: 'They are shown here once the role’s ARN is there.',
  },

  policy: {
    what: 'the policy',
    trust: 'Trust policy of the role',
    user: 'Permissions of the user',
  },

  ready: {
    title: 'All set',
    text: '{role} in account {account}',
    open: 'Open console',
    hint: 'It opens in the browser. A code is asked for where one is needed.',
    roles: 'Go to the roles',
  },

  plainKeys: {
    title: 'Keys that still lie in a file in plain text',
    noneLeft: 'No key of these lies in a file in plain text any more',
    text: 'They are safe in the keychain now. Programs that read them from the file will no longer find them there once removed. You can undo it.',
    submit: (count: number): string =>
      count === 0 ? 'Remove from the file' : `Remove ${plural(count, 'key')} from the file`,
    submitting: 'Removing…',
    removed: (count: number, path: string | null): string =>
      `${plural(count, 'key')} removed${path === null ? '' : ` from ${path}`}.`,
    undoText: (count: number): string =>
      count === 1 ? '1 key was removed from its file.' : `${count} keys were removed from their file.`,
    undo: 'Put back',
    restored: (path: string | null): string => (path === null ? 'Put back.' : `Put back into ${path}.`),
  },

  role: {
    title: 'Add a role',
    titleText: 'A role that your key may assume, in this account or another.',
    name: 'Name',
    nameExample: 'prod-admin',
    arn: 'Role ARN',
    arnExample: 'arn:aws:iam::111122223333:role/Admin',
    arnHint: 'Copy it in the AWS console under IAM, Roles.',
    identity: 'Reached from',
    way: 'How long it lasts',
    kinds: {
      daily: {
        title: 'One code a day',
        text: 'One code opens all such roles for 12 hours; their sessions renew by themselves.',
      },
      long: {
        title: 'Long session',
        text: 'A code for each session, which then lasts up to 12 hours if the role allows.',
      },
    } satisfies Record<SessionKind, { title: string; text: string }>,
    more: 'More settings',
    duration: 'Session length',
    durationExample: '1h',
    sessionName: 'Session name',
    sessionNameExample: 'your IAM user name',
    externalId: 'External ID',
    region: 'Region',
    regionExample: 'eu-west-1',
    destination: 'Console opens at',
    destinationExample: 'home, or s3/buckets/logs',
    parts: {
      session: 'The session',
      console: 'The console',
      trust: 'What the role’s trust policy may ask for',
      less: 'Less than the role allows',
    },
    source: 'Through another role',
    sourceHint: 'Its name here. AWS then gives sessions of at most an hour.',
    sourceIdentity: 'Source identity',
    sourceIdentityExample: 'ada',
    tags: 'Session tags',
    tagsExample: 'team=data',
    tagsHint: 'One on each line.',
    transitive: 'Pass the tags on to roles reached through this one',
    policyArns: 'Policy ARNs',
    policyArnsExample: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    policyArnsHint: 'One on each line. The session may do what both they and the role allow.',
    submit: 'Add role',
    submitting: 'Adding…',
  },

  wrong: {
    nameMissing: 'Give it a name.',
    nameLong: 'A name has at most 128 characters.',
    nameHidden: 'The name holds a character that cannot be seen.',
    nameDash: 'A name cannot begin with a dash.',
    keyId: 'An access key ID looks like AKIAIOSFODNN7EXAMPLE.',
    keyIdTemporary: 'Keys that begin with ASIA are temporary. Daypass needs your long-lived key, which begins with AKIA.',
    secretMissing: 'The secret access key is missing.',
    serialUser: (device: string): string =>
      `That is the ARN of a user, not of an MFA device. Did you mean ${device}?`,
    serialKey: 'Security keys and passkeys do not work here. Use an authenticator app’s or a token’s serial.',
    serial: 'It looks like arn:aws:iam::111122223333:mfa/ada, or like GAHT12345678 on a token.',
    arn: 'A role’s ARN looks like arn:aws:iam::111122223333:role/Admin.',
    duration: 'Write it like 1h, 90m or 3600.',
    durationDaily: 'With one code a day, AWS allows at most 1h. Choose “Long session” for more.',
    durationFederated: 'Your own user’s session lasts between 15m and 36h.',
    sourceUnknown: 'There is no role of that name here.',
    sourceLong: 'Through another role, AWS allows at most 1h. Choose “One code a day”.',
    sourceFederated: 'Your own user’s session is made of its key, not through a role.',
    policyArn: 'A policy’s ARN looks like arn:aws:iam::aws:policy/ReadOnlyAccess.',
    policyArnsMany: 'AWS takes at most 10 policies.',
    policyMissing: 'Your own user’s session may do nothing without a policy. Name at least one.',
    tagForm: 'Write each tag like team=data.',
    tagTwice: 'A tag is there twice.',
    tagsMany: 'AWS takes at most 50 tags.',
    tag: 'A tag has letters, digits, blanks or any of _.:/=+-@ and does not begin with aws:.',
    durationRange: 'A session lasts between 15m and 12h.',
    sessionName: '2 to 64 letters, digits or any of _+=,.@- and no blanks.',
    externalId: '2 or more letters, digits or any of _+=,.@:/- and no blanks.',
    region: 'A region looks like eu-west-1.',
    secretIdMissing: 'Which secret?',
    secretId: '1 to 512 letters, digits or any of /_+=.@- and no blanks.',
    profile: 'A profile’s name is one line without brackets.',
    path: 'Write the whole path, from its first / on.',
    count: 'Write a whole number from 0 to 65535.',
  },

  list: {
    label: 'Roles',
    empty: 'No roles yet for this key.',
    addRole: 'Add a role',
    find: 'Find a role',
    none: 'No role has that in its name or account.',
    more: (count: number): string => `Show more of ${count.toLocaleString('en-GB')}`,
    menu: {
      label: (name: string): string => `More for ${name}`,
      open: 'Open console',
      readOnly: 'Open console read-only',
      link: 'Copy a sign-in link…',
      shell: 'Copy for a shell…',
      write: 'Write to ~/.aws/credentials…',
      publish: 'Publish to Secrets Manager…',
      details: 'Details',
      remove: 'Remove…',
    },
    details: 'Details',
    arn: 'ARN',
    way: 'Session',
    federatedWay: 'Your own user, without a role',
    source: 'Through',
    region: 'Region',
    publishedTo: 'Published to',
    via: 'through {source}',
    viaSpoken: (source: string): string => `through ${source}`,
    federated: 'your own user',
    published: 'published',
    removeName: (name: string): string => `Remove ${name}`,
    removeText: 'Remove {name}? Its session here ends; nothing changes in AWS.',
    confirmRemove: 'Remove',
    keep: 'Keep',
    openConsole: (role: string, account: string, state: string): string =>
      `Open console as ${role}, account ${account}, ${state}`,
  },

  link: {
    title: 'Copy a sign-in link',
    text: 'Whoever has the link can sign in as {name}, for 15 minutes. Give it only to a person who may.',
    readOnly: 'Read-only',
    more: 'Where it leads',
    duration: 'Signed in for',
    durationExample: '8h',
    issuer: 'Afterwards leads to',
    issuerExample: 'https://…',
    issuerHint: 'The page for people whose console session has ended.',
    copy: 'Copy link',
    copying: 'Getting the link…',
  },

  shell: {
    title: 'Copy for a shell',
    text: 'Commands that give a shell the session of {name}. They hold its secrets: paste them only there.',
    legend: 'Shell',
    shells: {
      bash: 'Bash',
      zsh: 'Zsh',
      fish: 'fish',
      powershell: 'PowerShell',
      cmd: 'Command Prompt',
    } satisfies Record<Shell, string>,
    readOnly: 'Read-only',
    copy: 'Copy',
    copying: 'Getting the session…',
  },

  write: {
    title: 'Write to ~/.aws/credentials',
    text: 'This puts the session of {name} on disk in plain text. Until it ends, every program that runs as you can read it there. A profile from “daypass profiles” gives tools the session without that.',
    profile: 'Profile',
    submit: 'Write in plain text',
    submitting: 'Writing…',
    written: (path: string): string => `Written to ${path}.`,
  },

  publish: {
    title: 'Publish to Secrets Manager',
    text: 'The session of {name} becomes a secret’s new version. Whoever may read the secret has the session until it ends.',
    secret: 'Secret',
    secretExample: 'name or ARN',
    create: 'Make the secret if there is none',
    keep: 'Publish again at each renewal',
    more: 'More settings',
    writer: 'Written by the role',
    writerHint: 'Another role of yours, where this one may not write the secret.',
    submit: 'Publish',
    submitting: 'Publishing…',
    published: (secret: string, left: Span | null): string =>
      left === null ? `Published to ${secret}.` : `Published to ${secret}. It works for ${spoken(left)}.`,
    kept: 'Published at each renewal',
    notYet: 'at the next renewal',
    stop: 'Stop',
    stopWhat: (secret: string): string => `Stop publishing to ${secret}`,
    stopped: (secret: string): string =>
      `No longer published to ${secret}. What is there works until it expires.`,
  },

  identity: {
    details: (name: string): string => `Details of ${name}`,
    age: ({ count, unit }: Age): string =>
      unit === 'minute' || unit === 'hour' ? 'Key made today' : `Key ${plural(count, unit)} old`,
    replace: 'Replace key…',
    replaceOf: (name: string): string => `Replace key of ${name}`,
    user: 'User',
    keyId: 'Access key',
    noKeyId: 'in the keychain',
    devices: 'MFA',
    noDevices: 'no device',
    ambient: 'credentials of this machine',
    noMfa: 'no MFA device',
    enterCode: 'Enter code',
    enterCodeFor: (name: string): string => `Enter code for ${name}`,
    remove: 'Remove…',
    removeName: (name: string): string => `Remove ${name}`,
    removeText: 'Remove {name} and its key in the keychain? Nothing changes in AWS.',
    region: (name: string): string => `Roles of ${name}`,
  },

  rotate: {
    title: 'Replace the access key',
    text: 'AWS makes a new key for {name}. Daypass tries it and keeps it in the keychain, and only then deletes the old one. Other programs that use the old key stop working.',
    submit: 'Replace key',
    submitting: 'Replacing the key…',
    done: (name: string, id: string): string => `The key of ${name} was replaced by ${id}.`,
  },

  session: {
    rotating: 'replacing the key…',
    left: (left: Span): string => `${short(left)} left`,
    leftSpoken: (left: Span): string => `${spoken(left)} left`,
    ending: (left: Span): string => `ends in ${short(left)}`,
    endingSpoken: (left: Span): string => `ends in ${spoken(left)}`,
    active: 'active',
    ready: 'ready',
    readySpoken: 'ready to open',
    needsCode: 'needs a code',
    waiting: 'waiting for a code',
    getting: 'getting a session…',
    opening: 'opening the console…',
    ended: 'ended',
    failed: 'failed',
    thenCode: 'asks for a code',
    mfaNone: 'no code yet today',
    mfaWaiting: 'waiting for a code',
    mfaChecking: 'checking with AWS…',
    mfaEnded: 'ended, needs a code',
    about: (name: string, words: string): string => `${name}: ${words}`,
  },

  code: {
    title: 'Enter the code',
    label: 'Six-digit code',
    what: 'Of {identity}, for {purpose}.',
    device: 'MFA device',
    asks: '{program} waits for a session of {role}.',
    reported: 'The system reports:',
    noProof: 'Any program may have such a name, so this is no proof.',
    cancel: 'Cancel',
    submit: 'Continue',
    checking: 'Checking with AWS…',
    digits: 'A code has six digits.',
    good: (seconds: number): string => `This code is good for ${seconds} s`,
    ending: (seconds: number): string => `Better wait for the next code: ${seconds} s`,
    endingSpoken: 'This code is good for less than 10 seconds.',
    fresh: 'The device shows a new code.',
    late: 'The device went on to its next code while it was typed.',
    wait: (seconds: number): string => `The next code comes in ${seconds} s.`,
    shown: 'The code that the device shows now was already used.',
    held: (seconds: number): string => `Yours will be sent in ${seconds} s.`,
    waitSpoken: 'Wait for the next code. It is sent by itself when the time comes.',
  },

  activity: {
    title: 'Activity',
    text: 'Programs are named as the system reports them, which is no proof.',
    find: 'Find in the activity',
    kind: 'Show',
    everything: 'Everything',
    kinds: {
      use: 'Sessions that programs got',
      link: 'Links to the console',
      code: 'Codes',
      session: 'Sessions from AWS',
      copy: 'Copied and written sessions',
      publish: 'Published sessions',
      key: 'Access keys',
      setup: 'Identities and roles',
      lock: 'Locking',
      other: 'Daypass itself',
    } satisfies Record<Kind, string>,
    loading: 'Reading…',
    nothing: 'Nothing has happened yet.',
    none: 'Nothing matches.',
    older: 'Show older',
    shown: (count: number): string => `${plural(count, 'entry', 'entries')} shown`,
    export: 'Export',
    exportWhat: 'Export what is listed as a file of JSON lines',
    exporting: 'Exporting…',
    exported: (path: string): string => `Written to ${path}.`,
    today: 'Today',
    yesterday: 'Yesterday',
    you: 'You',
    daypass: 'Daypass',
    unnamed: 'A program without a name',
    somebody: 'Somebody',
    failed: 'Failed:',
    lockedBecause: {
      asked: 'somebody asked for it',
      screen_locked: 'with the screen',
      idle: 'nobody used it',
      suspended: 'before sleep',
    } as Record<string, string>,
    readOnly: 'read-only',
    until: (time: string): string => `until ${time}`,
    again: (times: number, since: string): string =>
      times === 1 ? `once more since ${since}` : `${times.toLocaleString('en-GB')} times more since ${since}`,
    profile: (name: string): string => `as the profile ${name}`,
    forRole: (role: string): string => `for ${role}`,
    notImported: (count: number): string => `${count.toLocaleString('en-GB')} could not be brought over`,
    things,
    unknown: '{event}, which this version does not know',
    said: {
      started: 'Daypass {version} was started',
      session_started: 'New session of {role}',
      mfa_session_started: 'New MFA session of {identity}',
      session_failed: '{who} got no session of {role}',
      credentials_given: '{who} got a session of {role}',
      code_asked: '{who} needed a code of {identity}',
      code_accepted: '{who} sent a code of {identity}, and AWS took it',
      code_failed: '{who} sent a code of {identity}, and got no session',
      code_dismissed: '{who} did not enter a code of {identity}',
      link_made: {
        browser: '{who} opened the console of {role}',
        clipboard: '{who} copied a console link of {role}',
        caller: '{who} got a console link of {role}',
      },
      link_reused: 'A console link was asked for twice',
      copied: '{who} copied a session of {role}',
      profile_written: '{who} wrote a session of {role} to ~/.aws/credentials',
      published: '{who} published a session of {role} to {secret}',
      publish_failed: '{who} could not publish a session of {role} to {secret}',
      publishing_stopped: '{who} stopped publishing {role} to {secret}',
      key_replaced: '{who} replaced the key of {identity} by {key}',
      key_not_replaced: '{who} could not replace the key of {identity}',
      identity_added: '{who} added the identity {identity}',
      identity_removed: '{who} removed the identity {identity}',
      role_added: '{who} added the role {role}',
      role_changed: '{who} changed the role {role}',
      role_removed: '{who} removed the role {role}',
      imported: '{who} brought over {things}',
      plain_keys_removed: '{who} took keys out of AWS’s files',
      plain_keys_restored: '{who} put keys back into AWS’s files',
      locked: 'Daypass was locked',
      unlocked: 'Daypass was unlocked',
      lost: '{entries} entries were lost, because the disk was too slow',
    } satisfies Record<Happening, string | Record<'browser' | 'clipboard' | 'caller', string>>,
  },

  settings: {
    title: 'Settings',
    saved: 'Saved',
    inForce: 'Still in force:',
    defaultInForce: 'The default is still in force.',
    system: 'As the system',
    never: 'never',
    nextStart: 'Takes effect when Daypass is started again.',
    file: 'All of it is also in',
    sessions: {
      title: 'Sessions',
      duration: 'One code is good for',
      durationHint: 'From 15m to 36h. The next code gives a session of this length.',
      warn: 'Minutes of warning before its end',
      warnHint: 'A notification then asks for the next code.',
    },
    lock: {
      title: 'Lock',
      text: 'Locking drops every session. Programs that run get no new one until Daypass is unlocked and has a code.',
      screen: 'With the screen',
      sleep: 'Before the computer sleeps',
      after: 'After a time without use',
      afterHint: 'Such as 30m or 2h without anybody asking for a session.',
    },
    window: {
      title: 'Window and start',
      login: 'Start at login',
      hide: 'Hide when another window is chosen',
      hideHint: 'Never while a code or a key is being typed.',
      language: 'Language',
    },
    shortcut: {
      label: 'Shortcut that shows it',
      record: 'Record',
      press: 'Press the keys…',
      off: 'Off',
      hint: 'A key with Ctrl, Alt or Super. Escape keeps what was there.',
    },
    browser: {
      title: 'Where consoles open',
      program: 'Browser',
      system: 'Default browser',
      profile: 'Profile',
      usual: 'Its usual one',
      container: 'Container',
      none: 'None',
      addOn: 'Firefox opens links in a container only with the add-on “Open external links in a container”.',
    },
    issuer: 'When a console session has ended',
    issuerHint: 'The page that AWS then leads to.',
    copies: {
      title: 'Shell and clipboard',
      shell: 'Shell for copied sessions',
      terminal: 'Terminal program',
      terminalHint: 'For “Open a terminal”.',
      clipboard: 'Seconds on the clipboard',
    },
    network: {
      title: 'Network',
      proxy: 'Proxy',
      proxyHint: 'Else that of the environment, such as HTTPS_PROXY.',
      certificates: 'Certificates to trust',
      certificatesHint: 'A PEM file, besides the system’s. Else AWS_CA_BUNDLE.',
    },
    endpoints: {
      title: 'Endpoints',
      text: 'Only for private links and tests: whatever stands here is asked in place of AWS.',
      set: 'Sessions and sign-in links go to these addresses in place of AWS. Empty whatever was not put here on purpose.',
      own: 'AWS’s own',
      show: 'Addresses',
      names: {
        sts: 'STS',
        iam: 'IAM',
        signin: 'Sign-in',
        console: 'Console',
        secretsmanager: 'Secrets Manager',
      } satisfies Record<EndpointName, string>,
    },
  },

  about: {
    title: 'About Daypass',
    version: (version: string): string => `Version ${version}`,
    text: 'One MFA code in the morning, AWS all day. Daypass keeps the access key of an IAM user in this computer’s keychain and makes temporary sessions of it.',
    logOutTitle: '“You must first log out”',
    logOut:
      'AWS’s console says so where a browser is signed in to another account or role already. Turn on multi-session support in the menu of the console’s account, or let each account open in a browser profile or container of its own. “Log out and open” in a role’s menu ends the session that is open there.',
    fiveTitle: 'Five sessions at a time',
    five: 'With multi-session support a browser holds up to five sessions. Sign out of one before the sixth, or use another browser profile or container.',
    page: 'the address of AWS’s page on it',
    licences: 'Licences',
    licence: 'Daypass may be used under the MIT licence or the Apache licence 2.0.',
    bundled: 'Whose work is in it',
    window: 'In this window',
    programs: 'In the programs',
  },

  examine: {
    title: 'Is everything all right?',
    text: 'Looks at keychain, clock, network and desktop. The report holds no secret.',
    submit: 'Check everything',
    again: 'Check again',
    submitting: 'Looking…',
    fine: 'Everything is as it should be.',
    amiss: (count: number): string =>
      count === 1 ? 'One thing needs a look.' : `${String(count)} things need a look.`,
    report: 'the report',
    states: { ok: 'As it should be', attention: 'Needs a look', broken: 'Does not work' } satisfies Record<
      Finding['state'],
      string
    >,
  },

  copy: {
    copy: 'Copy',
    copyWhat: (what: string): string => `Copy ${what}`,
    copied: 'Copied',
    failed: 'It could not be copied. Select it and copy it by hand.',
  },

  notices: {
    label: 'Notices',
    blame: { yours: 'Needs your help', passing: 'Will pass', ours: 'A mistake in Daypass' },
    dismiss: 'Dismiss',
    freshCode: 'Enter a fresh code',
    dismissWhat: (what: string): string => `Dismiss: ${what}`,
  },

  footer: {
    endpoints: 'AWS endpoints replaced',
    tray: 'No tray icon',
    clock: 'Wrong clock',
    clockBehind: (minutes: number): string =>
      `This computer is ${String(minutes)} min behind AWS. Turn on automatic time. Daypass counts by AWS's clock meanwhile; other programs may be refused.`,
    clockAhead: (minutes: number): string =>
      `This computer is ${String(minutes)} min ahead of AWS. Turn on automatic time. Daypass counts by AWS's clock meanwhile; other programs may be refused.`,
  },
};
