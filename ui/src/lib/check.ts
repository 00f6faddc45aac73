// What a form can say before the agent is asked. Only hints: the agent checks all of it again.

import { strings } from '../strings';
import type { Problem, SessionKind } from './agent';

/** Control, bidirectional and invisible characters, as `crates/core/src/name.rs` refuses them. */
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** The trouble with a text, or nothing. */
export type Check = string | undefined;

export function checkName(name: string): Check {
  if (name === '') return strings.wrong.nameMissing;
  if ([...name].length > 128) return strings.wrong.nameLong;
  if (HIDDEN.test(name)) return strings.wrong.nameHidden;
  if (name.startsWith('-')) return strings.wrong.nameDash;
  return undefined;
}

export function checkKeyId(id: string): Check {
  if (!/^[A-Z0-9]{16,128}$/.test(id)) return strings.wrong.keyId;
  return id.startsWith('ASIA') ? strings.wrong.keyIdTemporary : undefined;
}

export function checkSecret(secret: string): Check {
  return secret === '' ? strings.wrong.secretMissing : undefined;
}

/** An empty serial is no device, which is allowed. */
export function checkSerial(serial: string): Check {
  if (serial === '') return undefined;
  if (serial.startsWith('arn:')) {
    if (serial.includes(':user/')) return strings.wrong.serialUser(serial.replace(':user/', ':mfa/'));
    if (serial.includes(':u2f/')) return strings.wrong.serialKey;
    return /^arn:[a-z-]+:iam::\d{12}:mfa\/[\w+=/:,.@-]+$/.test(serial) ? undefined : strings.wrong.serial;
  }
  return /^[\w+=/:,.@-]{9,256}$/.test(serial) ? undefined : strings.wrong.serial;
}

const ARN = /^arn:[a-z-]+:iam::\d{12}:role\/(?:[\w+=:,.@-]+\/)*([\w+=:,.@-]+)$/;
const FEDERATED = /^arn:[a-z-]+:sts::\d{12}:federated-user\/([\w+=,.@-]{2,32})$/;

export function checkArn(arn: string): Check {
  return ARN.test(arn) || FEDERATED.test(arn) ? undefined : strings.wrong.arn;
}

/** Whether an ARN is of no role but of an IAM user's federated self. */
export function isFederated(arn: string): boolean {
  return FEDERATED.test(arn);
}

/** The last part of an ARN, as a name to begin with. */
export function nameFromArn(arn: string): string {
  return (ARN.exec(arn) ?? FEDERATED.exec(arn))?.[1] ?? '';
}

/** The twelve digits of an ARN's account. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** An empty path is the usual one. */
export function checkPath(path: string): Check {
  return path === '' || /^(?:\/|[A-Za-z]:[\\/])/.test(path) ? undefined : strings.wrong.path;
}

/** Seconds of `1h`, `90m`, `1h30m`, `3600s` or `3600`. */
export function seconds(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text);
  if (text === '' || parts === null) return null;
  const [, h = '0', m = '0', s = '0'] = parts;
  return Number(h) * 3600 + Number(m) * 60 + Number(s);
}

export function checkDuration(text: string, kind: SessionKind | 'federated'): Check {
  if (text === '') return undefined;
  const length = seconds(text);
  if (length === null) return strings.wrong.duration;
  if (kind === 'federated') {
    return length < 900 || length > 129_600 ? strings.wrong.durationFederated : undefined;
  }
  if (kind === 'daily' && length > 3600) return strings.wrong.durationDaily;
  return length < 900 || length > 43_200 ? strings.wrong.durationRange : undefined;
}

export function checkSessionName(text: string): Check {
  return text === '' || /^[\w+=,.@-]{2,64}$/.test(text) ? undefined : strings.wrong.sessionName;
}

/** The role that another one is reached through; AWS caps what comes of that at an hour. */
export function checkSource(source: string, kind: SessionKind, known: readonly string[]): Check {
  if (source === '') return undefined;
  if (!known.includes(source)) return strings.wrong.sourceUnknown;
  return kind === 'long' ? strings.wrong.sourceLong : undefined;
}

/** What stands between blanks. */
export const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** ARNs of policies, one after the other. */
export const policyArns = words;

export function checkPolicyArns(text: string): Check {
  const arns = words(text);
  if (arns.length > 10) return strings.wrong.policyArnsMany;
  const form = /^arn:[a-z-]+:iam::(?:aws|\d{12}):policy\/[\w+=/,.@-]+$/;
  return arns.every((arn) => form.test(arn)) ? undefined : strings.wrong.policyArn;
}

/** Session tags from lines such as `team=data`. */
export function tags(text: string): Record<string, string> {
  return Object.fromEntries(
    lines(text).map((line) => {
      const [key = '', ...value] = line.split('=');
      return [key.trim(), value.join('=').trim()];
    }),
  );
}

export function checkTags(text: string): Check {
  const all = lines(text);
  if (all.length > 50) return strings.wrong.tagsMany;
  if (!all.every((line) => line.includes('='))) return strings.wrong.tagForm;
  if (Object.keys(tags(text)).length < all.length) return strings.wrong.tagTwice;
  const allowed = /^[\p{L}\p{N} _.:/=+@-]*$/u;
  const fine = Object.entries(tags(text)).every(
    ([key, value]) =>
      key !== '' &&
      [...key].length <= 128 &&
      [...value].length <= 256 &&
      !/^aws:/i.test(key) &&
      allowed.test(key) &&
      allowed.test(value),
  );
  return fine ? undefined : strings.wrong.tag;
}

export function checkExternalId(text: string): Check {
  return text === '' || /^[\w+=,.@:/-]{2,1224}$/.test(text) ? undefined : strings.wrong.externalId;
}

/** A region as AWS writes it, however it was typed. */
export function asRegion(text: string): string {
  return text.trim().toLowerCase();
}

export function checkRegion(text: string): Check {
  return text === '' || /^(?=.{4,32}$)(?:(?:[a-z][a-z\d]*-){2,}\d+|(?:[a-z]+-)+global)$/.test(text) ? undefined : strings.wrong.region;
}

export function checkSecretId(text: string): Check {
  if (text === '') return strings.wrong.secretIdMissing;
  return /^[\w/+=.@:-]{1,512}$/.test(text) ? undefined : strings.wrong.secretId;
}

/** An empty profile is one of the role's name. */
export function checkProfile(text: string): Check {
  return HIDDEN.test(text) || /[[\]]/.test(text) ? strings.wrong.profile : undefined;
}

/** The first of `fields` that a problem's words name, so that it shows where it belongs. */
export function fieldOf<F extends string>(
  problem: Problem,
  fields: readonly (readonly [F, RegExp])[],
): F | undefined {
  const what = problem.english ?? problem.what;
  return fields.find(([, words]) => words.test(what))?.[0];
}

/** The digits of a code as typed or pasted; full-width digits count, blanks and dashes do not. */
export function digits(text: string): string {
  return text.normalize('NFKC').replace(/\D/g, '');
}
