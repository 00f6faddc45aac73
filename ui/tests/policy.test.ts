import { describe, expect, it } from 'vitest';

import { roleArns, trustPolicy, userPolicy } from '../src/lib/policy';

const ADMIN = 'arn:aws:iam::111122223333:role/Admin';
const CHINA = 'arn:aws-cn:iam::111122223333:role/Admin';

describe('the policies to paste', () => {
  it('allow to assume just the roles that were named', () => {
    expect(JSON.parse(userPolicy([ADMIN], false))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Sid: 'AssumeRoles', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: [ADMIN] }],
    });
  });

  it('let a user replace nobody’s key but its own, and that with a code', () => {
    const [, replace] = JSON.parse(userPolicy([CHINA], true)).Statement;
    expect(replace).toEqual({
      Sid: 'ReplaceOwnKeyWithMfa',
      Effect: 'Allow',
      Action: ['iam:CreateAccessKey', 'iam:DeleteAccessKey', 'iam:ListAccessKeys', 'iam:UpdateAccessKey'],
      Resource: ['arn:aws-cn:iam::*:user/${aws:username}', 'arn:aws-cn:iam::*:user/*/${aws:username}'],
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    });
  });

  it('trust the user, with a code where it has a device', () => {
    const user = 'arn:aws:iam::111122223333:user/ada';
    const statement = (mfa: boolean) => JSON.parse(trustPolicy(user, mfa)).Statement[0];
    expect(statement(true)).toEqual({
      Effect: 'Allow',
      Principal: { AWS: user },
      Action: 'sts:AssumeRole',
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    });
    expect(statement(false)).not.toHaveProperty('Condition');
  });

  it('are made of ARNs however they are pasted, and of nothing where one is wrong', () => {
    expect(roleArns(` ${ADMIN},\n${CHINA} ${ADMIN}`)).toEqual([ADMIN, CHINA]);
    expect(roleArns(`${ADMIN} nonsense`)).toEqual([]);
    expect(roleArns('arn:aws:sts::111122223333:federated-user/ada')).toEqual([]);
    expect(roleArns('')).toEqual([]);
  });
});
