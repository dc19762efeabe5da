/**
 * Which dates a backfill runs, in which order, and what becomes of the runs that are there (`semantics.md` 7).
 *
 * @see https://github.com/apache/airflow/blob/main/airflow-core/src/airflow/models/backfill.py
 */
import { RefusedError } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import type { LedgerState, Run } from '../model/run.ts';
import type { DataInterval } from './data-interval.ts';
import { looksAtPast } from './depends-on-past.ts';
import { boundsOf, dayOrInstant, intervalsIn, intervalTexts, isoText } from './run-interval.ts';

/** A range of dates to be run. */
export interface BackfillRange {
  /** Logical dates of the first and last interval, inclusive; a day is all of it, in the schedule's zone. */
  readonly from: string;
  readonly to: string;
  /** What becomes of dates that have a run: nothing, another attempt where it failed, or wherever it ended. */
  readonly reprocess: 'none' | 'failed' | 'completed';
  readonly order: 'oldest' | 'newest';
  /** One run for the whole range. */
  readonly asOne: boolean;
}

export interface PlannedDate {
  readonly logicalDate: string;
  readonly interval: Run['interval'];
  readonly action: 'create' | 'rerun' | 'skip';
  /** Why it is skipped, or what is known of it. */
  readonly reason?: string;
}

/** The intervals of a range. */
export interface RangeIntervals {
  /** Oldest first: those of the DAG's bounds that are over. */
  readonly intervals: readonly DataInterval[];
  /** What of the range has no run: dates and why. */
  readonly outside: readonly PlannedDate[];
}

/** Most dates of one backfill. */
export const MOST_DATES = 100_000;

/**
 * The intervals of a range that can run now.
 *
 * @throws {RefusedError} `unscheduled-dag`, `invalid-range`, `invalid-logical-date`, `too-many-dates`,
 * `depends-on-past-order`, `depends-on-past-reprocess`
 */
export function rangeIntervals(dag: DagNode, range: BackfillRange, nowMs: number): RangeIntervals {
  assertPossible(dag, range);
  const fromMs = dayOrInstant(dag, range.from).startMs;
  const toMs = dayOrInstant(dag, range.to).endMs;
  if (fromMs >= toMs)
    throw refused(dag, 'invalid-range', `must not end before it begins, got ${range.from} to ${range.to}`);
  const bounds = boundsOf(dag);
  const intervals: DataInterval[] = [];
  const early = new Outside('before the DAG’s start');
  const late = new Outside('not before the DAG’s end');
  for (const interval of intervalsIn(dag.schedule, fromMs, nowMs)) {
    if (interval.startMs >= toMs) break;
    if (interval.startMs < bounds.startMs) early.add(interval);
    else if (interval.startMs >= bounds.endMs) late.add(interval);
    else intervals.push(interval);
    if (intervals.length + early.count + late.count > MOST_DATES) {
      throw refused(dag, 'too-many-dates', `must be at most ${MOST_DATES} dates, got more; split it`);
    }
  }
  const outside = [early, late].flatMap((one) => one.told(dag));
  if (intervals.length > 0) return { intervals, outside };
  const why = outside.map(({ reason }) => reason)[0] ?? 'no interval of the schedule that is over';
  throw refused(
    dag,
    'invalid-range',
    `must hold an interval that can run, got ${range.from} to ${range.to}: ${why}; ${boundsText(dag)}`,
  );
}

/** What becomes of each interval, in the order in which they run; those that are skipped come in their place. */
export function planBackfill(
  dag: Pick<DagNode, 'schedule'>,
  range: BackfillRange,
  intervals: readonly DataInterval[],
  existing: ReadonlyMap<string, LedgerState>,
): readonly PlannedDate[] {
  if (range.asOne) return asOne(dag, intervals, existing);
  const dates = intervals.map((interval) => {
    const logicalDate = isoText(interval.startMs);
    const decided = decide(range.reprocess, existing.get(logicalDate));
    return { logicalDate, interval: intervalTexts(dag, interval), ...decided };
  });
  return range.order === 'newest' ? dates.reverse() : dates;
}

/** What becomes of a date whose run is in `state`; `undefined`: it has none. Airflow's words for what is left alone. */
export function decide(
  reprocess: BackfillRange['reprocess'],
  state: LedgerState | undefined,
): Pick<PlannedDate, 'action' | 'reason'> {
  if (state === undefined) return { action: 'create' };
  if (state === 'queued' || state === 'starting' || state === 'running')
    return { action: 'skip', reason: 'in flight' };
  const again = reprocess === 'completed' || (reprocess === 'failed' && state !== 'success');
  return again
    ? { action: 'rerun', reason: `its run is ${state}` }
    : { action: 'skip', reason: 'already exists' };
}

/** One run over everything, of no interval of its own: the runs of the dates in it stay as they are. */
function asOne(
  dag: Pick<DagNode, 'schedule'>,
  intervals: readonly DataInterval[],
  existing: ReadonlyMap<string, LedgerState>,
): readonly PlannedDate[] {
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (first === undefined || last === undefined) return [];
  const whole = { startMs: first.startMs, endMs: last.endMs };
  const there = existing.size === 0 ? '' : `; ${existing.size} of them have runs, which stay as they are`;
  return [
    {
      logicalDate: isoText(whole.startMs),
      interval: intervalTexts(dag, whole),
      action: 'create',
      reason: `one run for ${intervals.length} dates${there}`,
    },
  ];
}

/** Dates at one side of the DAG's bounds, told as one. */
class Outside {
  count = 0;
  #first: DataInterval | undefined;
  readonly #why: string;

  constructor(why: string) {
    this.#why = why;
  }

  add(interval: DataInterval): void {
    this.#first ??= interval;
    this.count++;
  }

  told(dag: DagNode): readonly PlannedDate[] {
    if (this.#first === undefined) return [];
    const more = this.count === 1 ? '' : `, and so are ${this.count - 1} more`;
    const interval = intervalTexts(dag, this.#first);
    return [{ logicalDate: interval.start, interval, action: 'skip', reason: `${this.#why}${more}` }];
  }
}

function assertPossible(dag: DagNode, { reprocess, order, asOne: whole }: BackfillRange): void {
  if (dag.schedule.kind === 'manual' || dag.schedule.kind === 'continuous')
    throw refused(
      dag,
      'unscheduled-dag',
      `must be of a DAG whose schedule has dates, got ${dag.schedule.kind}; start its runs by tutti trigger`,
    );
  if (whole || !looksAtPast(dag)) return;
  if (order === 'newest')
    throw refused(
      dag,
      'depends-on-past-order',
      'must run the oldest dates first, as its tasks depend on the past, got the newest first',
    );
  if (reprocess === 'none')
    throw refused(
      dag,
      'depends-on-past-reprocess',
      'must rerun failed or completed dates, as its tasks depend on the past, got none; add --reprocess failed',
    );
}

function boundsText({ start, end }: DagNode): string {
  const bounds = [
    ...(start === undefined ? [] : [`starts at ${start}`]),
    ...(end === undefined ? [] : [`ends at ${end}`]),
  ];
  return bounds.length === 0 ? 'name dates in the past' : `the DAG ${bounds.join(' and ')}`;
}

function refused({ id }: DagNode, code: string, message: string): RefusedError {
  return new RefusedError(code, `dag "${id}" › backfill: ${message}`);
}
