// What a person sees of a session: words, tone and ring, decided from the state alone.

import { strings } from '../strings';
import type { IdentityView, RoleView, SessionView } from './agent';
import { fractionLeft, millis, span } from './time';

/** How a session looks; every tone has its own shape as well as its own colour. */
export type Tone = 'quiet' | 'good' | 'soon' | 'wanted' | 'busy' | 'bad';

export interface Look {
  tone: Tone;
  /** The words on screen. */
  words: string;
  /** The words for a screen reader. */
  spoken: string;
  /** The ring: the part of the session that is left. */
  ring: number;
}

const look = (tone: Tone, words: string, spoken = words, ring = 0): Look => ({
  tone,
  words,
  spoken,
  ring,
});

/** Milliseconds left of a session that works, or null when it does not or has no known end. */
function left(session: SessionView, now: number): number | null {
  return session.expires_at === null ? null : millis(session.expires_at) - now;
}

function working(session: SessionView, now: number): Look | null {
  if (session.state !== 'active' && session.state !== 'ending') {
    return null;
  }
  const rest = left(session, now);
  const words = strings.session;
  if (rest === null) {
    return look('good', words.active, words.active, 1);
  }
  if (rest <= 0) {
    return null;
  }
  const ring = fractionLeft(session.started_at, session.expires_at, now);
  return session.state === 'ending'
    ? look('soon', words.ending(span(rest)), words.endingSpoken(span(rest)), ring)
    : look('good', words.left(span(rest)), words.leftSpoken(span(rest)), ring);
}

/** Whether its console is on its way, with nothing for a person to do. */
export function isOpening({ opening, session }: RoleView): boolean {
  return opening && session.state !== 'waiting_for_code';
}

/** A role's row. */
export function lookOfRole(role: RoleView, now: number): Look {
  const words = strings.session;
  if (isOpening(role)) {
    return look('busy', words.opening);
  }
  const works = working(role.session, now);
  if (works !== null) {
    return role.needs_code ? withCode(works) : works;
  }
  switch (role.session.state) {
    case 'getting':
      return look('busy', words.getting);
    case 'waiting_for_code':
      return look('wanted', words.waiting);
    case 'failed':
      return look('bad', words.failed);
    case 'none':
      return role.needs_code
        ? look('wanted', words.needsCode)
        : look('quiet', words.ready, words.readySpoken);
    default:
      return role.needs_code
        ? withCode(look('wanted', words.ended))
        : look('quiet', words.ended);
  }
}

function withCode(of: Look): Look {
  const code = strings.session.thenCode;
  return { ...of, words: `${of.words}, ${code}`, spoken: `${of.spoken}, ${code}` };
}

/** An identity's MFA session, or what is done to its key; null where there is neither. */
export function lookOfIdentity(identity: IdentityView, now: number): Look | null {
  if (identity.rotating) {
    return look('busy', strings.session.rotating);
  }
  const session = identity.mfa;
  if (session === null) {
    return null;
  }
  const words = strings.session;
  const works = working(session, now);
  if (works !== null) {
    return works;
  }
  switch (session.state) {
    case 'getting':
      return look('busy', words.mfaChecking);
    case 'waiting_for_code':
      return look('wanted', words.mfaWaiting);
    case 'none':
      return look('quiet', words.mfaNone);
    default:
      return look('wanted', words.mfaEnded);
  }
}

/** Whether to offer the code field for an identity. */
export function offersCode(look: Look | null): boolean {
  return look !== null && look.tone !== 'good' && look.tone !== 'busy';
}
