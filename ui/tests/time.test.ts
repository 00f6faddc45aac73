import { describe, expect, it } from 'vitest';

import { age, agentNow, anchor, fractionLeft, millis, span } from '../src/lib/time';
import { strings } from '../src/strings';

const instant = '2026-03-02T09:00:00Z';
const start = Date.parse(instant);

describe('the agent’s clock', () => {
  it('goes on from the state’s own instant, whatever the browser’s clock shows', () => {
    const from = anchor(null, instant, 1_000);
    expect(agentNow(from, 1_000)).toBe(start);
    expect(agentNow(from, 6_500)).toBe(start + 5_500);
  });

  it('is not turned back by a state that is handed out once more', () => {
    const from = anchor(null, instant, 1_000);
    expect(agentNow(anchor(from, instant, 61_000), 61_000)).toBe(start + 60_000);
  });

  it('follows the agent when that jumps', () => {
    const from = anchor(anchor(null, instant, 0), '2026-03-02T10:00:00Z', 10);
    expect(agentNow(from, 10)).toBe(start + 3_600_000);
  });

  it('reads instants with nanoseconds', () => {
    expect(millis('2026-03-02T09:00:00.123456789Z')).toBe(start + 123);
  });
});

describe('what is left', () => {
  it.each([
    [-5, '0 s left', '0 seconds left'],
    [1, '1 s left', '1 second left'],
    [59.2, '60 s left', '60 seconds left'],
    [61, '2 min left', '2 minutes left'],
    [58 * 60, '58 min left', '58 minutes left'],
    [3_600, '1 h left', '1 hour left'],
    [11 * 3_600 + 20 * 60, '11 h 20 min left', '11 hours 20 minutes left'],
  ])('%s seconds reads %s', (seconds, short, spoken) => {
    expect(strings.session.left(span(seconds * 1000))).toBe(short);
    expect(strings.session.leftSpoken(span(seconds * 1000))).toBe(spoken);
  });

  it('is a part of the whole session, pressed between nothing and all', () => {
    const end = '2026-03-02T10:00:00Z';
    expect(fractionLeft(instant, end, start)).toBe(1);
    expect(fractionLeft(instant, end, start + 900_000)).toBe(0.75);
    expect(fractionLeft(instant, end, start + 7_200_000)).toBe(0);
    expect(fractionLeft(instant, end, start - 10_000)).toBe(1);
    expect(fractionLeft(null, end, start + 1_800_000)).toBe(0.5);
    expect(fractionLeft(instant, null, start)).toBe(0);
    expect(fractionLeft(end, instant, start - 1)).toBe(0);
  });
});

describe('how long ago', () => {
  const DAY = 86_400_000;
  it.each([
    [-5, 'just now'],
    [59_000, 'just now'],
    [60_000, '1 minute ago'],
    [3_599_000, '59 minutes ago'],
    [DAY - 1, '23 hours ago'],
    [DAY, '1 day ago'],
    [13 * DAY, '13 days ago'],
    [14 * DAY, '2 weeks ago'],
    [62 * DAY, '8 weeks ago'],
    [91 * DAY, '2 months ago'],
    [92 * DAY, '3 months ago'],
    [729 * DAY, '23 months ago'],
    [1_000 * DAY, '2 years ago'],
  ])('%s milliseconds reads %s', (past, words) => {
    expect(strings.ago(age(past))).toBe(words);
  });
});
