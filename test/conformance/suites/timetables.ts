import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { schedule } from '../../../lib/compiler/rules/schedule.ts';
import type { DataInterval } from '../../../lib/schedule/data-interval.ts';
import { emptyDag } from '../../build.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';
import { inferredOf, nextOf, scheduleOf, type Timetable } from '../timetable.ts';

interface Interval {
  readonly start: string;
  readonly end: string;
}

interface TimetableCase {
  readonly id: string;
  readonly timetable: Timetable;
  readonly op: string;
  readonly now?: string | null;
  readonly runAfter?: string;
  readonly lastAutomatedInterval?: Interval | null;
  readonly restriction?: {
    readonly earliest: string | null;
    readonly latest: string | null;
    readonly catchup: boolean;
  };
  readonly expected: {
    readonly interval?: Interval;
    readonly runAfter?: string;
    readonly valid?: boolean;
  } | null;
}

/** What comes next, what a manual run is for and what is refused, against Airflow's unit tests. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/timetables.json');
  if (!existsSync(path)) return undefined;
  const cases = readJson<readonly TimetableCase[]>(path);
  const named = cases.map((input) => ({ name: `${input.id} ${input.timetable.kind} ${input.op}`, input }));
  return runCases('timetables', named, (input) => {
    const [got, expected] = [resultOf(input), expectedOf(input)];
    return got === expected ? undefined : `expected ${expected}, got ${got}`;
  });
}

/** Instants are compared as such: `10:00Z` is `12:00+02:00`. */
function expectedOf({ op, expected }: TimetableCase): string {
  if (op === 'validate') return `valid: ${expected?.valid}`;
  if (expected?.interval === undefined) return 'none';
  const interval = textOf(intervalOf(expected.interval));
  return op === 'next' ? `${interval}, due ${textAt(expected.runAfter ?? '')}` : interval;
}

function resultOf(input: TimetableCase): string {
  switch (input.op) {
    case 'validate':
      return `valid: ${isValid(input.timetable)}`;
    case 'infer-manual':
      return textOf(inferredOf(input.timetable, Date.parse(input.runAfter ?? '')));
    case 'next': {
      const next = nextRun(input);
      return next === undefined ? 'none' : `${textOf(next)}, due ${new Date(next.endMs).toISOString()}`;
    }
    default:
      throw new Error(`op ${input.op}`);
  }
}

function nextRun({
  timetable,
  now,
  lastAutomatedInterval: last,
  restriction,
}: TimetableCase): DataInterval | undefined {
  const instant = (text: string | null | undefined) => (text == null ? undefined : Date.parse(text));
  return nextOf(timetable, {
    last: last == null ? undefined : intervalOf(last),
    // Not given where it does not count.
    nowMs: instant(now) ?? 0,
    earliestMs: instant(restriction?.earliest),
    latestMs: instant(restriction?.latest),
    catchup: restriction?.catchup ?? false,
  });
}

function isValid(timetable: Timetable): boolean {
  return schedule({ ...emptyDag('sales'), schedule: scheduleOf(timetable) }).length === 0;
}

function intervalOf({ start, end }: Interval): DataInterval {
  return { startMs: Date.parse(start), endMs: Date.parse(end) };
}

function textOf({ startMs, endMs }: DataInterval): string {
  return `${new Date(startMs).toISOString()} to ${new Date(endMs).toISOString()}`;
}

function textAt(instant: string): string {
  return new Date(Date.parse(instant)).toISOString();
}
