import { expect, test } from 'vitest';
import { dag, dates, fn, once, union } from '../../lib/index.ts';
import { told, untyped } from './told.ts';

const nothing = fn(() => undefined);
const messages = (schedule: unknown) =>
  told(() =>
    dag('d', { schedule: untyped(schedule), start: '2026-01-01' }, ({ task }) => task('a', nothing)),
  );

test('a schedule that is none is told', () => {
  const must =
    'dag "d" › schedule: must be a schedule: manual, cron, every, dates, union, once or continuous';
  expect(messages(null)).toEqual([`${must}, got null`]);
  expect(messages(dates(untyped('2026-01-01')))).toEqual([
    `${must}, got {"kind":"dates","dates":"2026-01-01","timezone":"UTC","in...`,
  ]);
  expect(messages(union('@daily', untyped(5)))).toEqual([expect.stringContaining(must)]);
});

test('dates without order are told with their place', () => {
  expect(messages(dates(['2026-02-01', '2026-01-01']))).toEqual([
    'dag "d" › schedule.dates[1]: must ascend, got 2026-01-01 after 2026-02-01',
  ]);
});

test('an option that a word does not have is told', () => {
  expect(
    told(() =>
      dag('d', { schedule: dates(['2026-01-01'], untyped({ zone: 'UTC' })) }, ({ task }) =>
        task('a', nothing),
      ),
    ),
  ).toHaveLength(1);
  expect(messages(once())).toEqual([]);
});
