import { expect, test } from 'vitest';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { describeSchedule } from '../../lib/schedule/describe.ts';

test.each([
  ['0 2 * * *', 'Europe/Berlin', 'at 02:00 Europe/Berlin, every day'],
  ['0 0 * * 1', 'UTC', 'every Monday at 00:00 UTC'],
  ['*/15 * * * *', 'UTC', 'every 15 minutes'],
  ['* * * * *', 'UTC', 'every minute'],
  ['0 * * * *', 'UTC', 'every hour'],
  ['30 * * * *', 'UTC', 'every hour at minute 30'],
  ['5,35 * * * *', 'UTC', 'every hour at minutes 5 and 35'],
  ['0 */2 * * *', 'Europe/Berlin', 'every 2 hours, Europe/Berlin'],
  ['15 */6 * * *', 'UTC', 'every 6 hours at minute 15'],
  ['0 0 1 * *', 'UTC', 'on day 1 of every month at 00:00 UTC'],
  ['0 0 1,15 * *', 'UTC', 'on day 1 and 15 of every month at 00:00 UTC'],
  ['0 0 1 1 *', 'UTC', 'every 1 January at 00:00 UTC'],
  ['0 0 1 */3 *', 'UTC', 'on day 1 of every 3rd month at 00:00 UTC'],
  ['0 7,9 * * MON-FRI', 'America/New_York', 'every Monday to Friday at 07:00 and 09:00 America/New_York'],
  ['*/10 8-18 * * 1-5', 'UTC', 'every 10 minutes of each hour from 08:00 to 18:59, every Monday to Friday'],
  ['0 6 L * *', 'UTC', 'on the last day of every month at 06:00 UTC'],
  ['0 6 15W * ?', 'UTC', 'on the working day nearest 15 of every month at 06:00 UTC'],
  ['0 6 * * 5#2', 'UTC', 'on the 2nd Friday of the month at 06:00 UTC'],
  ['0 6 * * FRIL', 'UTC', 'on the last Friday of the month at 06:00 UTC'],
  ['0 0 1 * 1', 'UTC', 'on day 1 of every month and every Monday at 00:00 UTC'],
  ['0 0 * 6-8 *', 'UTC', 'every day in June to August at 00:00 UTC'],
  ['cron(0 2 * * ? *)', 'Europe/Berlin', 'at 02:00 Europe/Berlin, every day'],
  ['cron(30 6 ? * 2-6 *)', 'UTC', 'every Monday to Friday at 06:30 UTC'],
  ['cron(0 0 ? * 6L *)', 'UTC', 'on the last Friday of the month at 00:00 UTC'],
  ['cron(0 2 1 * ? 2026)', 'UTC', 'on day 1 of every month of 2026 at 02:00 UTC'],
  ['cron(0 2 ? * MON 2026-2028,2030)', 'UTC', 'every Monday of 2026, 2027, 2028 and 2030 at 02:00 UTC'],
  ['0 2 * * ? 2026-2028', 'UTC', 'every day of 2026 to 2028 at 02:00 UTC'],
  ['61 * * * *', 'UTC', '61 * * * * UTC'],
])('%s in %s is «%s»', (expression, timezone, words) => {
  expect(describeSchedule({ kind: 'cron', expression, timezone, interval: 'data' })).toBe(words);
});

test.each([
  ['2h', 'every 2 hours'],
  ['1h', 'every hour'],
  ['1d', 'every day'],
  ['90m', 'every 90 minutes'],
  ['15m', 'every 15 minutes'],
  [90, 'every 90 seconds'],
] as const)('every %s is «%s»', (period, words) => {
  expect(describeSchedule({ kind: 'every', period, interval: 'data' })).toBe(words);
});

test('an anchor is said, and a manual schedule has one word', () => {
  expect(describeSchedule({ kind: 'every', period: '2h', anchor: '2026-01-01', interval: 'data' })).toBe(
    'every 2 hours, from 2026-01-01',
  );
  expect(describeSchedule({ kind: 'manual' })).toBe('manual');
});

test.each<[ScheduleNode, string]>([
  [
    { kind: 'dates', dates: ['2026-01-31', '2026-02-28'], timezone: 'Asia/Tokyo', interval: 'trigger' },
    'on 2026-01-31 and 2026-02-28 Asia/Tokyo',
  ],
  [
    {
      kind: 'dates',
      dates: ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
      timezone: 'UTC',
      interval: 'data',
    },
    'on 4 dates from 2026-01-31 to 2026-04-30',
  ],
  [{ kind: 'once', interval: 'trigger' }, 'once'],
  [{ kind: 'once', at: '2026-01-31', interval: 'trigger' }, 'once, at 2026-01-31'],
  [{ kind: 'continuous', interval: 'trigger' }, 'continuously, one run after the other'],
  [
    {
      kind: 'union',
      of: [
        { kind: 'cron', expression: '0 2 * * *', timezone: 'UTC', interval: 'data' },
        { kind: 'every', period: '7h', interval: 'data' },
      ],
      interval: 'data',
    },
    'at 02:00 UTC, every day; every 7 hours',
  ],
])('%j is «%s»', (schedule, words) => {
  expect(describeSchedule(schedule)).toBe(words);
});
