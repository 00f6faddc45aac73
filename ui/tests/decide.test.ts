import { describe, expect, it } from 'vitest';

import { identity, NOW, notices, role, session, state } from '../dev/fixtures';
import {
  checkArn,
  checkDuration,
  checkKeyId,
  checkName,
  checkSerial,
  digits,
  fieldOf,
  nameFromArn,
} from '../src/lib/check';
import { lookOfIdentity, lookOfRole, offersCode } from '../src/lib/look';
import { changes, groups, viewOf } from '../src/lib/view';

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

  it('groups roles by identity and loses none', () => {
    const found = groups([identity('a')], [role('1', { identity: 'a' }), role('2', { identity: 'b' })]);
    expect(found.map((group) => [group.name, group.roles.map((r) => r.name)])).toEqual([
      ['a', ['1']],
      ['b', ['2']],
    ]);
  });

  it('tells of changes, not of time that passes', () => {
    const before = state({ roles: [role('a'), role('b')] });
    const after = state({ roles: [role('a', { opening: true }), role('b'), role('c')] });
    expect(changes(before, after).map((change) => [change.name, change.state])).toEqual([
      ['a', 'opening'],
    ]);
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
    const problem = notices[1]?.problem;
    expect(problem && fieldOf(problem, [['name', /name/]])).toBeUndefined();
    expect(
      fieldOf({ blame: 'yours', code: 'usage', what: 'A region looks like eu-west-1.', todo: '' }, [
        ['region', /region/],
      ]),
    ).toBe('region');
  });
});
