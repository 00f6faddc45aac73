// A role as it is typed into its form, and what becomes of that.

import { strings } from '../strings';
import type { NewRole, SessionKind } from './agent';
import {
  asRegion,
  type Check,
  checkArn,
  checkDuration,
  checkExternalId,
  checkName,
  checkPolicyArns,
  checkRegion,
  checkSessionName,
  checkSource,
  checkTags,
  isFederated,
  policyArns,
  tags,
} from './check';

/** The form's texts by field, and its choices. */
export interface Typed {
  name: string;
  arn: string;
  identity: string;
  session: SessionKind;
  duration: string;
  sessionName: string;
  source: string;
  region: string;
  destination: string;
  externalId: string;
  sourceIdentity: string;
  tags: string;
  transitive: boolean;
  policyArns: string;
}

/** Fields of text, from top to bottom; those after the first two are folded away. */
export const FIELDS = [
  'name',
  'arn',
  'duration',
  'sessionName',
  'source',
  'region',
  'destination',
  'externalId',
  'sourceIdentity',
  'tags',
  'policyArns',
] as const;
export type FieldName = (typeof FIELDS)[number];
export const FOLDED: readonly FieldName[] = FIELDS.slice(2);

export type Errors = Partial<Record<FieldName, Check>>;

/** Words by which the agent's problems name a field, the more telling ones first. */
export const NAMED: readonly (readonly [FieldName, RegExp])[] = [
  ['externalId', /external id/i],
  ['sessionName', /session name/i],
  ['duration', /duration|asks for \d|session lasts/i],
  ['sourceIdentity', /source identity/i],
  ['source', /source role|chained/i],
  ['tags', /\btags?\b/i],
  ['policyArns', /\bpolic(y|ies)\b/i],
  ['region', /region/i],
  ['destination', /destination/i],
  ['arn', /\bARN\b|partition/],
  ['name', /\bname\b/i],
];

/** A role as the form begins with it; an empty one of an identity where there is none. */
export function typedOf(role: NewRole | null, identity: string): Typed {
  return {
    name: role?.name ?? '',
    arn: role?.arn ?? '',
    identity: role?.identity ?? identity,
    session: role?.session ?? 'daily',
    duration: role?.duration ?? '',
    sessionName: role?.session_name ?? '',
    source: role?.source ?? '',
    region: role?.region ?? '',
    destination: role?.destination ?? '',
    externalId: role?.external_id ?? '',
    sourceIdentity: role?.source_identity ?? '',
    tags: Object.entries(role?.tags ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
    transitive: (role?.transitive_tags ?? []).length > 0,
    policyArns: (role?.policy_arns ?? []).join('\n'),
  };
}

/** What the form has a field for; all else of a role stays as it was. */
const IN_FORM = [
  'identity',
  'source',
  'duration',
  'session_name',
  'external_id',
  'source_identity',
  'region',
  'destination',
  'policy_arns',
  'tags',
  'transitive_tags',
] as const satisfies readonly (keyof NewRole)[];

/** The role with only what was filled in, and what it had before that the form does not show. */
export function roleOf(typed: Typed, before?: NewRole): NewRole {
  const role: NewRole = { ...before, name: typed.name, arn: typed.arn, session: typed.session };
  for (const key of IN_FORM) delete role[key];
  if (typed.source === '') role.identity = typed.identity;
  else role.source = typed.source;
  if (typed.duration !== '') role.duration = typed.duration;
  if (typed.sessionName !== '') role.session_name = typed.sessionName;
  if (typed.externalId !== '') role.external_id = typed.externalId;
  if (typed.sourceIdentity !== '') role.source_identity = typed.sourceIdentity;
  if (typed.region !== '') role.region = typed.region;
  if (typed.destination !== '') role.destination = typed.destination;
  if (typed.policyArns !== '') role.policy_arns = policyArns(typed.policyArns);
  if (typed.tags !== '') {
    role.tags = tagsOf(typed, before);
    if (typed.transitive) role.transitive_tags = passedOn(Object.keys(role.tags), before);
  }
  return role;
}

/** Tags that nobody touched stay: as text, a key with an equals sign in it reads otherwise. */
function tagsOf(typed: Typed, before?: NewRole): Record<string, string> {
  const untouched = before && typedOf(before, '').tags.trim() === typed.tags;
  return (untouched && before.tags) || tags(typed.tags);
}

/** All tags, or those that were passed on before, where only some were: the form knows but all or none. */
function passedOn(keys: string[], before?: NewRole): string[] {
  const some = before?.transitive_tags ?? [];
  const all = Object.keys(before?.tags ?? {}).every((key) => some.includes(key));
  return some.length === 0 || all ? keys : keys.filter((key) => some.includes(key));
}

/** What is wrong by field, among other roles of these names. */
export function wrongIn(typed: Typed, roles: readonly string[], before?: NewRole): Errors {
  const federated = isFederated(typed.arn);
  const wrong = strings.wrong;
  return {
    name: roles.includes(typed.name) ? wrong.nameKnown : checkName(typed.name),
    arn: checkArn(typed.arn),
    duration: checkDuration(typed.duration, federated ? 'federated' : typed.session),
    sessionName: checkSessionName(typed.sessionName),
    source:
      federated && typed.source !== ''
        ? wrong.sourceFederated
        : checkSource(typed.source, typed.session, roles),
    region: checkRegion(typed.region),
    externalId: checkExternalId(typed.externalId),
    sourceIdentity: checkSessionName(typed.sourceIdentity),
    tags: checkTags(typed.tags),
    policyArns:
      federated && typed.policyArns === '' && before?.policy === undefined
        ? wrong.policyMissing
        : checkPolicyArns(typed.policyArns),
  };
}

/** The same without blanks around the texts. */
export function trimmed(typed: Typed): Typed {
  const texts = FIELDS.map((field) => [field, typed[field].trim()] as const);
  return {
    ...typed,
    ...(Object.fromEntries(texts) as Record<FieldName, string>),
    region: asRegion(typed.region),
  };
}
