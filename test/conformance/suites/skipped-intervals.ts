import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ScheduleNode } from '../../../lib/model/schedule.ts';
import type { DataInterval } from '../../../lib/schedule/data-interval.ts';
import { skippedBetween } from '../../../lib/schedule/run-interval.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';
import { scheduleOf, type Timetable } from '../timetable.ts';

interface Interval {
  readonly start: string;
  readonly end: string;
}

interface SkippedCase {
  readonly source: { readonly test: string };
  /** Absent: daily, as in all of Airflow's tests of this. */
  readonly timetable?: Timetable;
  readonly previous: Interval;
  readonly next: Interval;
  readonly expectedSkipped: Interval | null;
}

/** The time between two runs that none is for, against Airflow's unit tests. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/skipped-intervals.json');
  if (!existsSync(path)) return undefined;
  const named = readJson<readonly SkippedCase[]>(path).map((input) => ({ name: input.source.test, input }));
  return runCases('skipped-intervals', named, ({ timetable, previous, next, expectedSkipped }) => {
    const schedule = timetable === undefined ? DAILY : scheduleOf(timetable);
    const got = textOf(skippedBetween(schedule, intervalOf(previous), intervalOf(next)));
    const expected = textOf(expectedSkipped === null ? undefined : intervalOf(expectedSkipped));
    return got === expected ? undefined : `expected ${expected}, got ${got}`;
  });
}

const DAILY: ScheduleNode = { kind: 'cron', expression: '@daily', timezone: 'UTC', interval: 'data' };

function intervalOf({ start, end }: Interval): DataInterval {
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}

function textOf(interval: DataInterval | undefined): string {
  if (interval === undefined) return 'none';
  return `${new Date(interval.startMs).toISOString()} to ${new Date(interval.endMs).toISOString()}`;
}
