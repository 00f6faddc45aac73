import { describe, expect, it } from 'vitest';

import { masked } from '../src/lib/public';

describe('a public report', () => {
  // The same as in crates/core/src/finding.rs.
  it.each([
    ['The role arn:aws:iam::111122223333:role/team/Admin.', 'The role arn:aws:iam::(account):role/….'],
    [
      'arn:aws-cn:sts::111122223333:assumed-role/Admin/ada and (arn:aws:s3:::bucket)',
      'arn:aws-cn:sts::(account):assumed-role/… and (arn:aws:s3:::…)',
    ],
    ['account 111122223333, not 1111222233334', 'account (account), not 1111222233334'],
    ['key AKIAIOSFODNN7EXAMPLE is old', 'key …MPLE is old'],
    ['http://ada:p%40ss@proxy.example.com:8080 does not answer', 'http://proxy.example.com:8080 does not answer'],
    ['"/home/ada/.aws/config", /home/ada', '"~/.aws/config", ~'],
    ['/root/.aws/config and /rooted/home/ada/x', '~/.aws/config and /rooted/home/ada/x'],
    ['file:///home/ada/x and PATH=/home/ada/bin:/home/ada', 'file://~/x and PATH=~/bin:~'],
    ['arn:aws', 'arn:aws'],
    ['grüße — 3 ms', 'grüße — 3 ms'],
  ])('tells of %j only %j', (text, told) => {
    expect(masked(text)).toBe(told);
    expect(masked(told)).toBe(told);
  });
});
