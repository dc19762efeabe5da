import { Cron as Croner } from 'croner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCron } from '../../lib/schedule/cron.ts';
import { nextTick, previousTick } from '../../lib/schedule/data-interval.ts';

describe('parseCron refuses', () => {
  test.each([
    ['61 * * * *', 'minute', 'minute must be 0-59, got 61'],
    ['0 24 * * *', 'hour', 'hour must be 0-23, got 24'],
    ['0 0 0 * *', 'day', 'day must be 1-31, got 0'],
    ['0 0 1 13 0', 'month', 'month must be 1-12 or JAN-DEC, got 13'],
    ['0 0 * * 8', 'weekday', 'weekday must be 0-7 or SUN-SAT, got 8'],
    ['-1 * * * *', 'minute', 'minute must be 0-59, got -1'],
    ['1,,2 * * * *', 'minute', 'minute must be 0-59, got nothing'],
    ['1/2/3 * * * *', 'minute', 'minute must be 0-59, got 1/2/3'],
    ['*/0 * * * *', 'minute', 'minute step must be 1-59, got 0'],
    ['*/90 * * * *', 'minute', 'minute step must be 1-59, got 90'],
    ['0 0 L-31 * *', 'day', 'day L- must be L-0 to L-30, got L-31'],
    ['0 0 40W * *', 'day', 'day must be 1-31, got 40W'],
    ['0 0 * * MON#6', 'weekday', 'weekday # must be 1-5, got MON#6'],
    ['0 0 31 2 *', 'day', 'day must exist in its month, got 31 in FEB'],
    ['0 0 31 4,6 *', 'day', 'day must exist in its month, got 31 in APR, JUN'],
    ['0 0 30W 2 *', 'day', 'day must exist in its month, got 30W in FEB'],
    ['0 0 29 2 ? 2026-2027', 'day', 'day must exist in its month, got 29 in FEB of 2026, 2027'],
    ['0 2 ? * 8 *', 'weekday', "weekday must be 1-7 or SUN-SAT in AWS's form, got 8"],
    ['0 2 ? * 2 26', 'year', 'year must be 1970-2199, got 26'],
    ['0 2 1 * ? 2300', 'year', 'year must be 1970-2199, got 2300'],
    ['0 2 1 1 ? *?', 'year', 'year must be 1970-2199, got *?'],
    ['0 2 * *', 'expression', 'must have 5 fields (minute hour day month weekday), got 4'],
    ['', 'expression', 'must have 5 fields (minute hour day month weekday), got 0'],
  ])('%j', (expression, field, message) => {
    expect(parseCron(expression)).toStrictEqual({ ok: false, field, message, ...remedyOf(expression) });
  });

  test.each([
    ['@dayly', 'did you mean @daily'],
    ['@often', 'presets are @hourly @daily @midnight @weekly @monthly @quarterly @yearly @annually'],
    ['cron(0 2 * * * *)', `write '0 2 ? * * *'`],
    ['0 2 1 * MON 2026', `write '0 2 1 * ? 2026'`],
    ['cron(0 2 ? * ? *)', `write '0 2 ? * * *'`],
    ['rate(5 minutes)', `write every('5m')`],
    ['rate(1 day)', `write every('1d')`],
    ['at(2026-01-31T02:00:00)', `write dates(['2026-01-31T02:00:00Z'])`],
    ['cron(0 2 ? * 0 *)', "AWS counts from 1 = Sunday: write the day's name"],
    ['cron(0 2 * * *)', `write '0 2 * * *'`],
    ['0 0 2 * * *', `leave out the seconds: '0 2 * * *'`],
    ['0 22-4 * * *', 'write 22-23,0-4'],
    ['0 0 * * MONDAY', 'did you mean MON'],
    ['0 0 * * L', `the month's last Saturday is 6L, every Saturday is 6`],
  ])('%j and says %s', (expression, remedy) => {
    expect(parseCron(expression)).toMatchObject({ ok: false, remedy });
  });

  test('any text without throwing', () => {
    const field = fc.stringMatching(/^[0-9A-Z*,/#?LW-]{0,6}$/);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 7 }), (fields) => {
        const result = parseCron(fields.join(' '));
        if (!result.ok) expect(result.message).toMatch(/must/);
      }),
      { numRuns: 2000 },
    );
  });
});

function remedyOf(expression: string) {
  const result = parseCron(expression);
  return result.ok || result.remedy === undefined ? {} : { remedy: result.remedy };
}

describe('parseCron reads', () => {
  test.each([
    ['@hourly', '0 * * * *'],
    ['@daily', '0 0 * * *'],
    ['@midnight', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@monthly', '0 0 1 * *'],
    ['@quarterly', '0 0 1 */3 *'],
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
    ['  5   4 * *  SUN ', '5 4 * * SUN'],
  ])('%s as %s', (written, expression) => {
    expect(parseCron(written)).toMatchObject({ ok: true, cron: { expression } });
  });

  test.each([
    ['0 0 1-5/2,20 * *', '2026-02-01', ['02-01', '02-03', '02-05', '02-20', '03-01']],
    ['0 0 25/3 * *', '2026-02-01', ['02-25', '02-28', '03-25']],
    ['0 0 ? * fri-sun', '2026-02-02', ['02-06', '02-07', '02-08', '02-13']],
    ['0 0 * * 7', '2026-02-02', ['02-08', '02-15']],
    ['0 0 L * *', '2024-02-01', ['02-29', '03-31', '04-30']],
    ['0 0 L-2 * ?', '2026-02-01', ['02-26', '03-29']],
    ['0 0 LW * *', '2026-01-01', ['01-30', '02-27', '03-31']],
    ['0 0 15W * *', '2026-02-01', ['02-16', '03-16', '04-15']],
    ['0 0 1W * *', '2026-08-01', ['08-03', '09-01']],
    ['0 0 31W * *', '2026-05-01', ['05-29', '07-31', '08-31']],
    ['0 0 * * 5L', '2026-02-01', ['02-27', '03-27']],
    ['0 0 * * FRIL', '2026-02-01', ['02-27', '03-27']],
    ['0 0 * * TUE#2', '2026-02-01', ['02-10', '03-10']],
    ['0 0 * * 5#5', '2026-02-01', ['05-29', '07-31']],
    ['0 0 1 * MON', '2026-02-01', ['02-01', '02-02', '02-09']],
    ['0 0 29 2 *', '2026-02-01', ['02-29', '02-29']],
    ['0 0 1 JAN,jul *', '2026-02-01', ['07-01', '01-01']],
    ['cron(0 0 ? * 1 *)', '2026-02-02', ['02-08', '02-15']],
    ['cron(0 0 ? * 6-7 *)', '2026-02-02', ['02-06', '02-07', '02-13']],
    ['CRON(0 0 ? * 2/2 *)', '2026-02-02', ['02-02', '02-04', '02-06', '02-09']],
    ['0 0 ? * 6L *', '2026-02-01', ['02-27', '03-27']],
    ['0 0 ? * L *', '2026-02-02', ['02-07', '02-14']],
    ['0 0 ? * 3#2 *', '2026-02-01', ['02-10', '03-10']],
    ['0 0 L * ? 2026,2028', '2026-11-02', ['11-30', '12-31', '01-31']],
  ])('%s from %s', (expression, from, days) => {
    const schedule = { kind: 'cron', expression, timezone: 'UTC', interval: 'data' } as const;
    let tick: number | undefined = Date.parse(from) - 1;
    const found = days.map(() => {
      tick = nextTick(schedule, tick ?? 0);
      return new Date(tick ?? 0).toISOString().slice(5, 10);
    });
    expect(found).toStrictEqual(days);
  });
});

test('years bound what is looked for, however far they are', () => {
  const schedule = (expression: string) =>
    ({ kind: 'cron', expression, timezone: 'UTC', interval: 'data' }) as const;
  expect(nextTick(schedule('0 0 1 1 ? 2150'), 0)).toBe(Date.UTC(2150, 0, 1));
  expect(nextTick(schedule('0 0 1 1 ? 2025'), Date.UTC(2025, 0, 1))).toBeUndefined();
  expect(previousTick(schedule('0 0 1 1 ? 2025'), Date.UTC(2140, 0, 1))).toBe(Date.UTC(2025, 0, 1));
});

const numbers = (min: number, max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 4 }).map((list) => list.join(',')),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: Math.min(max - min, 20) }).map((step) => `*/${step}`),
  );

test('ticks are those croner finds, where no clock changes', () => {
  const expressions = fc.tuple(numbers(0, 59), numbers(0, 23), numbers(1, 28), numbers(1, 12), numbers(0, 6));
  fc.assert(
    fc.property(
      expressions,
      fc.constantFrom('UTC', 'Asia/Tokyo', 'Asia/Kolkata', 'Etc/GMT+9'),
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }),
      (fields, timezone, from) => {
        const expression = fields.join(' ');
        const croner = new Croner(expression, { timezone });
        const schedule = { kind: 'cron', expression, timezone, interval: 'data' } as const;
        let [ours, theirs]: [number | undefined, Date | null] = [from, new Date(from)];
        for (let count = 0; count < 5; count++) {
          ours = nextTick(schedule, ours ?? 0);
          theirs = croner.nextRun(theirs);
          expect(ours, expression).toBe(theirs?.getTime());
        }
      },
    ),
    { numRuns: 400 },
  );
});
