import { describe, expect, test } from 'vitest';
import { clockOf, plainCron, policyOf, ticksByMinute } from './zone-oracle.ts';
import { sweepZone, YEARS } from './zone-sweep.ts';

const DAY = 86_400_000;
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

describe('in every zone of the IANA database', () => {
  test('ticks are those of the minutes, intervals meet, and croner agrees where no clock changes', () => {
    const swept = ZONES.map((zone, turn) =>
      sweepZone(zone, turn, { stepMs: 30 * DAY, changeIn: 20, crons: 2, asked: 1 }),
    );
    expect(swept.flatMap(({ problems }) => problems)).toEqual([]);
    const sum = (of: (one: (typeof swept)[number]) => number) =>
      swept.reduce((total, one) => total + of(one), 0);
    // It has looked at what there is to be seen.
    expect(ZONES.length).toBeGreaterThan(400);
    expect(sum(({ changes }) => changes)).toBeGreaterThan(8_000);
    expect(sum(({ windows }) => windows)).toBeGreaterThan(800);
    expect(sum(({ agreed }) => agreed)).toBeGreaterThan(1_500);
  });
});

describe('the minutes say', () => {
  const berlin = clockOf('Europe/Berlin', YEARS, 30 * DAY);
  const ticks = (expression: string, day: string) =>
    ticksByMinute(plainCron(expression), berlin, policyOf(expression), [
      Date.parse(day),
      Date.parse(day) + DAY,
    ]).map((tick) => new Date(tick).toISOString().slice(11, 16));

  test('when the clock changes', () => {
    expect(berlin.changes).toHaveLength(60);
    expect(new Date(berlin.changes[0]?.at ?? 0).toISOString()).toBe('2000-03-26T01:00:00.000Z');
  });

  test('what policies do', () => {
    expect(ticks('30 2 * * *', '2026-03-29')).toEqual(['01:00']);
    expect(ticks('30 2 * * *', '2026-10-25')).toEqual(['00:30']);
    expect(ticks('30 0-3 * * *', '2026-10-25')).toEqual(
      ['00:30', '01:30', '02:30', '22:30'].slice(0, 3).concat('23:30').slice(0, 4),
    );
  });
});
