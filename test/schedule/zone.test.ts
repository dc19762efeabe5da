import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTimeZone, nearestTimeZone, toInstant, wallMs, zonedDate } from '../../lib/schedule/zone.ts';

const at = (year: number, month: number, day: number, [hour, minute = 0]: readonly number[] = []) => ({
  year,
  month,
  day,
  hour: hour ?? 0,
  minute,
});
const iso = (instants: readonly number[]) =>
  instants.map((instant) => new Date(instant).toISOString().slice(0, 16));

test('zones are those of the IANA database', () => {
  for (const zone of [
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Ushuaia',
    'Etc/GMT+9',
    'US/Eastern',
    'Asia/Calcutta',
  ])
    expect(isTimeZone(zone)).toBe(true);
  for (const zone of [
    'Europe/Berln',
    '',
    '+01:00',
    'Mars/Base',
    'Europe',
    'europe/berlin',
    'utc',
    'Europe/BERLIN',
  ])
    expect(isTimeZone(zone)).toBe(false);
});

test.each([
  ['Europe/Berln', 'Europe/Berlin'],
  ['Berlin', 'Europe/Berlin'],
  ['europe/berlin', 'Europe/Berlin'],
  ['utc', 'UTC'],
  ['new york', 'America/New_York'],
  ['America/NewYork', 'America/New_York'],
  ['Asia/Tokio', 'Asia/Tokyo'],
  ['Middle-earth/Shire', undefined],
])('%s means %s', (name, zone) => {
  expect(nearestTimeZone(name)).toBe(zone);
});

test('a wall clock shows the zone’s time', () => {
  expect(zonedDate(Date.UTC(2026, 0, 4, 23, 30, 5), 'Europe/Berlin')).toStrictEqual({
    ...at(2026, 1, 5, [0, 30]),
    second: 5,
    weekday: 1,
  });
  expect(zonedDate(Date.UTC(2026, 6, 1), 'Asia/Kathmandu')).toMatchObject({ hour: 5, minute: 45 });
});

describe('a wall-clock time', () => {
  const first = { gap: 'after', overlap: 'first' } as const;

  test('is one instant on ordinary days', () => {
    expect(iso(toInstant(at(2026, 7, 1, [2, 30]), 'Europe/Berlin', first))).toStrictEqual([
      '2026-07-01T00:30',
    ]);
    expect(iso(toInstant(at(2026, 1, 1, [2, 30]), 'America/New_York', first))).toStrictEqual([
      '2026-01-01T07:30',
    ]);
  });

  test.each([
    ['Europe/Berlin', at(2026, 3, 29, [2, 30]), '2026-03-29T01:00', '2026-03-29T00:59'],
    ['America/New_York', at(2026, 3, 8, [2]), '2026-03-08T07:00', '2026-03-08T06:59'],
    ['Australia/Lord_Howe', at(2024, 10, 6, [2, 15]), '2024-10-05T15:30', '2024-10-05T15:29'],
    ['America/Sao_Paulo', at(2018, 11, 4, [0]), '2018-11-04T03:00', '2018-11-04T02:59'],
    ['Pacific/Apia', at(2011, 12, 30, [12]), '2011-12-30T10:00', '2011-12-30T09:59'],
  ])('in the gap of %s is moved as the policy says', (zone, local, after, before) => {
    const policy = (gap: 'skip' | 'after' | 'before') =>
      iso(toInstant(local, zone, { gap, overlap: 'first' }));
    expect(policy('after')).toStrictEqual([after]);
    expect(policy('before')).toStrictEqual([before]);
    expect(policy('skip')).toStrictEqual([]);
  });

  test.each([
    ['Europe/Berlin', at(2026, 10, 25, [2, 30]), ['2026-10-25T00:30', '2026-10-25T01:30']],
    ['America/New_York', at(2026, 11, 1, [1]), ['2026-11-01T05:00', '2026-11-01T06:00']],
    ['Australia/Lord_Howe', at(2024, 4, 7, [1, 45]), ['2024-04-06T14:45', '2024-04-06T15:15']],
  ])('that %s has twice is chosen as the policy says', (zone, local, both) => {
    const policy = (overlap: 'first' | 'second' | 'both') =>
      iso(toInstant(local, zone, { gap: 'skip', overlap }));
    expect(policy('both')).toStrictEqual(both);
    expect(policy('first')).toStrictEqual(both.slice(0, 1));
    expect(policy('second')).toStrictEqual(both.slice(1));
  });

  test('of any instant leads back to it, in every zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        fc.integer({ min: Date.UTC(1990, 0) / 60_000, max: Date.UTC(2037, 0) / 60_000 }),
        (zone, minutes) => {
          const local = zonedDate(minutes * 60_000, zone);
          fc.pre(local.second === 0);
          const found = toInstant(local, zone, { gap: 'skip', overlap: 'both' });
          expect(found).toContain(minutes * 60_000);
          for (const instant of found) expect(wallMs(zonedDate(instant, zone))).toBe(wallMs(local));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
