// What a report leaves out before it goes to others, as `daypass doctor` does
// (crates/core/src/finding.rs): accounts, the names in ARNs, all but the end of access key ids, what
// an address has before its host, and whose home it is.

import type { Finding } from './agent';

const HIDDEN = '…';

/** What stands between words; an ARN ends there. */
const BETWEEN = /([\s"'`,;()[\]]+)/;

/** The page does not know where home is, but where homes lie. */
const HOME = /(^|[^\w.~-])(?:\/home\/[^/:\s"'`,;()[\]]+|\/root)(?![\w-])/g;

export function forThePublic({ about, state, what, todo }: Finding): Finding {
  return { about: masked(about), state, what: masked(what), todo: masked(todo) };
}

export function masked(text: string): string {
  return text.replace(HOME, '$1~').split(BETWEEN).map(maskedWord).join('');
}

function maskedWord(word: string): string {
  const start = word.indexOf('arn:');
  if (start < 0) return maskedRuns(withoutUser(word));
  return maskedRuns(word.slice(0, start)) + maskedArn(word.slice(start));
}

/** The type of what an ARN names stays, its name goes. */
function maskedArn(arn: string): string {
  const bare = arn.replace(/[.:]+$/, '');
  const end = arn.slice(bare.length);
  const [, before, resource] = /^((?:[^:]*:){4}[^:]*):(.*)$/s.exec(bare) ?? [];
  if (before === undefined || resource === undefined) return maskedRuns(bare) + end;
  const kind = /^[^/:]*[/:]/.exec(resource)?.[0] ?? '';
  return `${maskedRuns(before)}:${kind}${HIDDEN}${end}`;
}

/** What stands before the host of an address may be a password. */
function withoutUser(word: string): string {
  return word.replace(/:\/\/[^/?#]*@/, '://');
}

/** Accounts are digits, and key ids digits and capitals. */
function maskedRuns(word: string): string {
  return word.replace(/[A-Z0-9]+/g, maskedRun);
}

function maskedRun(run: string): string {
  if (/^\d{12}$/.test(run)) return '(account)';
  return run.replace(/(?:AKIA|ASIA)[A-Z0-9]{12,}$/, (id) => HIDDEN + id.slice(-4));
}
