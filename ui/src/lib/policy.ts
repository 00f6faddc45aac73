// The IAM policies that Daypass needs, for somebody to paste into AWS. What is called is in
// `crates/agent/src/aws`; GetSessionToken and GetCallerIdentity need no permission.

import { checkArn, isFederated } from './check';

interface Statement {
  Sid?: string;
  Effect: 'Allow';
  Principal?: { AWS: string };
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string>>;
}

const WITH_CODE = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };

function policy(statements: Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2);
}

/** ARNs of roles from a text, one after the other; nothing where one of them is none. */
export function roleArns(typed: string): string[] {
  const arns = [...new Set(typed.split(/[\s,]+/).filter(Boolean))];
  return arns.every((arn) => checkArn(arn) === undefined && !isFederated(arn)) ? arns : [];
}

/** What a user must be allowed: to assume roles, and perhaps to replace its own key. */
export function userPolicy(arns: string[], replaces: boolean): string {
  const partition = arns[0]?.split(':')[1] ?? 'aws';
  const assume: Statement = {
    Sid: 'AssumeRoles',
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Resource: arns,
  };
  // The second resource is for users with a path.
  const replace: Statement = {
    Sid: 'ReplaceOwnKeyWithMfa',
    Effect: 'Allow',
    Action: ['iam:CreateAccessKey', 'iam:DeleteAccessKey', 'iam:ListAccessKeys', 'iam:UpdateAccessKey'],
    Resource: [
      `arn:${partition}:iam::*:user/\${aws:username}`,
      `arn:${partition}:iam::*:user/*/\${aws:username}`,
    ],
    Condition: WITH_CODE,
  };
  return policy(replaces ? [assume, replace] : [assume]);
}

/** Whom a role must trust, as `daypass role policy` prints it for a role without further settings. */
export function trustPolicy(userArn: string, mfa: boolean): string {
  return policy([
    {
      Effect: 'Allow',
      Principal: { AWS: userArn },
      Action: 'sts:AssumeRole',
      ...(mfa ? { Condition: WITH_CODE } : {}),
    },
  ]);
}
