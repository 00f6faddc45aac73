// A role as it is typed into its form, and what becomes of that.

import { strings } from '../strings';
import type { NewRole, SessionKind } from './agent';
import {
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

export function empty(identity: string): Typed {
  const texts = Object.fromEntries(FIELDS.map((field) => [field, ''])) as Record<FieldName, string>;
  return { ...texts, identity, session: 'daily', transitive: false };
}

/** The role with only what was filled in. */
export function roleOf(typed: Typed): NewRole {
  const start = typed.source === '' ? { identity: typed.identity } : { source: typed.source };
  const role: NewRole = { name: typed.name, ...start, arn: typed.arn, session: typed.session };
  if (typed.duration !== '') role.duration = typed.duration;
  if (typed.sessionName !== '') role.session_name = typed.sessionName;
  if (typed.externalId !== '') role.external_id = typed.externalId;
  if (typed.sourceIdentity !== '') role.source_identity = typed.sourceIdentity;
  if (typed.region !== '') role.region = typed.region;
  if (typed.destination !== '') role.destination = typed.destination;
  if (typed.policyArns !== '') role.policy_arns = policyArns(typed.policyArns);
  if (typed.tags !== '') {
    role.tags = tags(typed.tags);
    if (typed.transitive) role.transitive_tags = Object.keys(role.tags);
  }
  return role;
}

/** What is wrong by field, among roles of these names. */
export function wrongIn(typed: Typed, roles: readonly string[]): Errors {
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
      federated && typed.policyArns === '' ? wrong.policyMissing : checkPolicyArns(typed.policyArns),
  };
}

/** The same without blanks around the texts. */
export function trimmed(typed: Typed): Typed {
  const texts = FIELDS.map((field) => [field, typed[field].trim()] as const);
  return { ...typed, ...(Object.fromEntries(texts) as Record<FieldName, string>) };
}
