import { describe, expect, it } from 'vitest';

import { identity, NOW, role, session, state } from '../dev/fixtures';
import type { NewRole } from '../src/lib/agent';
import {
  checkArn,
  checkDuration,
  checkKeyId,
  checkName,
  checkPolicyArns,
  checkRegion,
  checkSerial,
  checkSource,
  checkTags,
  digits,
  fieldOf,
  nameFromArn,
  tags,
} from '../src/lib/check';
import { lookOfIdentity, lookOfRole, offersCode } from '../src/lib/look';
import { NAMED, roleOf, typedOf, wrongIn } from '../src/lib/newrole';
import { changes, viewOf } from '../src/lib/view';

describe('which view', () => {
  const withKey = state({ identities: [identity('work')] });
  const withRole = state({ identities: [identity('work')], roles: [role('a')] });

  it('follows from the state alone', () => {
    expect(viewOf(null, 'list')).toBe('connecting');
    expect(viewOf(state(), 'list')).toBe('first-key');
    expect(viewOf(withKey, 'list')).toBe('first-role');
    expect(viewOf(withRole, 'list')).toBe('list');
  });

  it('lets a form stand over the list, but not over the first run', () => {
    expect(viewOf(withRole, 'add-role')).toBe('add-role');
    expect(viewOf(state(), 'add-role')).toBe('first-key');
  });

  it('tells of changes, not of time that passes', () => {
    const before = state({ roles: [role('a'), role('b')] });
    const after = state({ roles: [role('a', { opening: true }), role('b'), role('c')] });
    expect(changes(before, after).map(({ name }) => name)).toEqual(['a']);
    expect(changes(null, after)).toEqual([]);
  });
});

describe('how a role looks', () => {
  const words = (over: Parameters<typeof role>[1]) => lookOfRole(role('a', over), NOW).words;
  const hour = session('active', -120, 58 * 60);

  it('says in words where it stands', () => {
    expect(words({ session: hour })).toBe('58 min left');
    expect(words({ session: session('ending', -3600, 240) })).toBe('ends in 4 min');
    expect(words({ session: hour, opening: true })).toBe('opening the console…');
    expect(words({ session: session('getting') })).toBe('getting a session…');
    expect(words({ session: session('waiting_for_code') })).toBe('waiting for a code');
    expect(words({ session: session('waiting_for_code'), opening: true })).toBe('waiting for a code');
    expect(words({ session: session('failed') })).toBe('failed');
    expect(words({ needs_code: true })).toBe('needs a code');
    expect(words({})).toBe('ready');
    expect(words({ session: session('ended', -10, -5), needs_code: true })).toBe('ended, asks for a code');
    expect(words({ session: hour, needs_code: true })).toBe('58 min left, asks for a code');
  });

  it('does not call a session active after its end', () => {
    expect(words({ session: session('active', -3600, -1) })).toBe('ended');
  });

  it('fills the ring with what is left', () => {
    const half = lookOfRole(role('a', { session: session('active', -1800, 1800) }), NOW);
    expect(half.ring).toBe(0.5);
    expect(half.spoken).toBe('30 minutes left');
  });

  it('offers the code field where a code helps', () => {
    const offered = (mfa: ReturnType<typeof session> | null) =>
      offersCode(lookOfIdentity(identity('a', { mfa }), NOW));
    expect(offered(null)).toBe(false);
    expect(offered(session('none'))).toBe(true);
    expect(offered(session('active', 0, 3600))).toBe(false);
    expect(offered(session('ending', 0, 300))).toBe(true);
    expect(offered(session('ended'))).toBe(true);
    expect(offered(session('getting'))).toBe(false);
  });
});

describe('hints', () => {
  it('mirror the agent’s rules', () => {
    expect(checkName('<img src=x onerror=alert(1)>')).toBeUndefined();
    for (const bad of ['', '-a', 'a\u202eb', 'a\nb', 'x'.repeat(129)]) {
      expect(checkName(bad), JSON.stringify(bad)).toBeDefined();
    }
    expect(checkKeyId('AKIAIOSFODNN7EXAMPLE')).toBeUndefined();
    expect(checkKeyId('ASIAIOSFODNN7EXAMPLE')).toContain('temporary');
    expect(checkKeyId('akia')).toBeDefined();
    expect(checkSerial('')).toBeUndefined();
    expect(checkSerial('GAHT12345678')).toBeUndefined();
    expect(checkSerial('arn:aws:iam::111122223333:mfa/team/ada')).toBeUndefined();
    expect(checkSerial('arn:aws:iam::111122223333:user/ada')).toContain(
      'arn:aws:iam::111122223333:mfa/ada?',
    );
    expect(checkArn('arn:aws-us-gov:iam::111122223333:role/ops/Admin')).toBeUndefined();
    expect(checkArn('arn:aws:iam::1111:role/Admin')).toBeDefined();
    expect(nameFromArn('arn:aws:iam::111122223333:role/ops/Admin')).toBe('Admin');
  });

  it('know a federated user, whose session has rules of its own', () => {
    const arn = 'arn:aws:sts::111122223333:federated-user/ada';
    expect(checkArn(arn)).toBeUndefined();
    expect(nameFromArn(arn)).toBe('ada');
    expect(checkArn(`${arn}/b`)).toBeDefined();
    expect(checkDuration('36h', 'federated')).toBeUndefined();
    expect(checkDuration('37h', 'federated')).toContain('36h');
    const typed = { ...typedOf(null, 'work'), name: 'me', arn };
    expect(wrongIn(typed, []).policyArns).toContain('nothing without a policy');
    expect(wrongIn({ ...typed, source: 'hub' }, ['hub']).source).toContain('not through a role');
  });

  it('know what a chained role can be', () => {
    expect(checkSource('', 'long', [])).toBeUndefined();
    expect(checkSource('hub', 'daily', ['hub'])).toBeUndefined();
    expect(checkSource('hub', 'long', ['hub'])).toContain('at most 1h');
    expect(checkSource('hub', 'daily', ['other'])).toContain('no role of that name');
  });

  it('know AWS’s limits of tags and policies', () => {
    expect(tags('team=data\n\n cost centre = a=b ')).toEqual({ team: 'data', 'cost centre': 'a=b' });
    expect(checkTags('team=data\nمشروع=אבג')).toBeUndefined();
    for (const bad of ['team', 'a=1\na=2', 'aws:x=1', '=x', 'a=b!', `${'k'.repeat(129)}=v`, `k=${'v'.repeat(257)}`]) {
      expect(checkTags(bad), bad).toBeDefined();
    }
    expect(checkTags(Array.from({ length: 51 }, (_, n) => `k${n}=v`).join('\n'))).toContain('50');
    const policy = 'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess';
    expect(checkPolicyArns(`${policy}\n arn:aws-cn:iam::111122223333:policy/mine`)).toBeUndefined();
    expect(checkPolicyArns('ReadOnlyAccess')).toBeDefined();
    expect(checkPolicyArns(Array(11).fill(policy).join(' '))).toContain('10');
  });

  it('put the agent’s words on a role where they belong', () => {
    const at = (what: string) => fieldOf({ blame: 'yours', code: 'usage', what, todo: '' }, NAMED);
    expect(at('An external id has 2 to 1224 letters.')).toBe('externalId');
    expect(at('The role prod has more than 50 session tags, which is AWS\'s limit.')).toBe('tags');
    expect(at('A policy\'s ARN looks like arn:aws:iam::aws:policy/ReadOnlyAccess.')).toBe('policyArns');
    expect(at('The role prod is chained from another role, and AWS caps such a session at 1h.')).toBe('source');
    expect(at('A source identity has 2 to 64 letters.')).toBe('sourceIdentity');
    expect(at('The role prod is in the partition aws, which has no region x.')).toBe('region');
    expect(at('The role prod asks for 2h, but AWS caps it.')).toBe('duration');
  });

  it('know how long AWS lets a session be', () => {
    expect(checkDuration('', 'daily')).toBeUndefined();
    expect(checkDuration('1h', 'daily')).toBeUndefined();
    expect(checkDuration('2h', 'daily')).toContain('Long session');
    expect(checkDuration('1h30m', 'long')).toBeUndefined();
    expect(checkDuration('13h', 'long')).toBeDefined();
    expect(checkDuration('1d', 'long')).toBeDefined();
  });

  it('finds digits however they are written', () => {
    expect(digits(' 123 456 ')).toBe('123456');
    expect(digits('１２３-４５６')).toBe('123456');
  });

  it('put a problem at the field that it names', () => {
    const at = (what: string) =>
      fieldOf({ blame: 'yours', code: 'usage', what, todo: '' }, [['region', /region/]]);
    expect(at('AWS cannot be reached.')).toBeUndefined();
    expect(at('A region looks like eu-west-1.')).toBe('region');
  });

  it('put it there in every language', () => {
    const german = { blame: 'yours', code: 'usage', what: 'Eine Gegend sieht aus wie eu-west-1.', todo: '' } as const;
    const english = 'A region looks like eu-west-1.';
    expect(fieldOf(german, [['region', /region/]])).toBeUndefined();
    expect(fieldOf({ ...german, english }, [['region', /region/]])).toBe('region');
  });
});

describe('the tags of a role that is edited', () => {
  const before = (over: Partial<NewRole>): NewRole => ({
    name: 'prod',
    identity: 'work',
    arn: 'arn:aws:iam::111122223333:role/Admin',
    session: 'daily',
    ...over,
  });
  const edited = (role: NewRole, tagLines?: string): NewRole => {
    const typed = typedOf(role, '');
    return roleOf({ ...typed, tags: tagLines ?? typed.tags }, role);
  };

  it('stay as they were where nobody touched them, whatever is in them', () => {
    const odd = before({ tags: { 'a=b': 'c', plain: '' }, transitive_tags: ['a=b'] });
    expect(edited(odd)).toEqual(odd);
  });

  it.each([
    ['one more where all were passed on', ['a', 'b'], 'a=1\nb=2\nc=3', ['a', 'b', 'c']],
    ['one more where some were', ['a'], 'a=1\nb=2\nc=3', ['a']],
    ['the one that was passed on has gone', ['a'], 'b=2', []],
  ])('pass on no more than before: %s', (_, passed, lines, then) => {
    const role = before({ tags: { a: '1', b: '2' }, transitive_tags: passed });
    expect(edited(role, lines).transitive_tags).toEqual(then);
  });
});

it('takes regions as AWS calls them, also those to come', () => {
  for (const fine of ['', 'eu-west-1', 'us-gov-west-1', 'us-isob-east-1', 'eusc-de-east-1', 'ap-southeast-12', 'aws-global']) {
    expect(checkRegion(fine), fine).toBeUndefined();
  }
  for (const bad of ['global', 'nowhere-9x', 'eu-west', 'eu_west_1', 'EU-WEST-1', '1', 'a'.repeat(40)]) {
    expect(checkRegion(bad), bad).toBeDefined();
  }
});
