import { expect, test } from 'vitest';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { runsPerMonth } from '../../lib/schedule/frequency.ts';

const DAYS = 365.2425 / 12;

function cron(expression: string): ScheduleNode {
  return { kind: 'cron', expression, timezone: 'Europe/Berlin', interval: 'data' };
}

test.each<[string, ScheduleNode, number]>([
  ['every minute', cron('* * * * *'), DAYS * 1440],
  ['every hour', cron('0 * * * *'), DAYS * 24],
  ['every day, in a zone with clock changes', cron('30 2 * * *'), DAYS],
  ['on weekdays', cron('0 6 * * 1-5'), (DAYS * 5) / 7],
  ['every month', cron('0 0 1 * *'), 1],
  ['on 29 February', cron('0 0 29 2 *'), 1 / 48],
  ['every 90 minutes', { kind: 'every', period: '90m', interval: 'data' }, DAYS * 16],
])('%s', (_, schedule, runs) => {
  expect(runsPerMonth(schedule) / runs).toBeCloseTo(1, 1);
});

test('never by itself', () => {
  expect(runsPerMonth({ kind: 'manual' })).toBe(0);
});
