/**
 * What is due: a pure function of the definition, the time and the ledger (`semantics.md` 5, 6). Every firing, every
 * sweep and every test asks it; asked twice with the same answers carried out in between, nothing is due any more.
 */
import type { DagHead } from '../model/dag-version.ts';
import type { Run } from '../model/run.ts';
import type { DataInterval } from './data-interval.ts';
import { type Definition, dueIntervals, notBeforeOf, watermarkBasis } from './due-intervals.ts';
import { intervalTexts, isoText } from './run-interval.ts';
import { type Held, type LaneLedger, startableRuns } from './startable.ts';

/** What is known of the runs there are. */
export interface Ledger extends LaneLedger {
  /** Logical dates of intervals that have a run: all those after the watermark, whoever made them. */
  readonly existing: ReadonlySet<string>;
  /** The run of the newest interval. Asked for continuous schedules only. */
  readonly last?: Run | undefined;
}

/** A run that is to be made. */
export interface DueRun {
  readonly logicalDate: string;
  readonly interval: Run['interval'];
  /** Not to be started earlier. Absent: at once. */
  readonly notBefore?: string;
}

export interface Due {
  /** Oldest first. */
  readonly create: readonly DueRun[];
  /** Queued runs, in the order in which they are to start. Those of `create` follow once they are made. */
  readonly start: readonly Run[];
  readonly held: readonly Held[];
  /** The watermark once all of `create` are made. Absent: it stays. */
  readonly watermark?: NonNullable<DagHead['watermark']>;
}

/** Most runs that one look makes for a DAG; the next look goes on where it ended. */
export const MOST_CREATED = 100;

/**
 * Runs to create and to start, and why each other one is held back.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function due(definition: Definition, nowMs: number, ledger: Ledger): Due {
  const { intervals, throughMs, more } = dueIntervals(definition, nowMs, {
    limit: MOST_CREATED,
    last: ledger.last,
  });
  const create = intervals
    .map((interval) => dueRun(definition, interval))
    .filter(({ logicalDate }) => !ledger.existing.has(logicalDate));
  const { start, held } = startableRuns(definition, nowMs, ledger);
  const basis = watermarkBasis(definition.dag);
  return {
    create,
    start,
    held: more ? [...held, moreDue(intervals)] : held,
    ...(throughMs === undefined ? {} : { watermark: { basis, through: isoText(throughMs) } }),
  };
}

/** The run that an interval of the schedule is to have. */
export function dueRun({ dag }: Definition, interval: DataInterval): DueRun {
  const notBeforeMs = notBeforeOf(dag, interval);
  return {
    logicalDate: isoText(interval.startMs),
    interval: intervalTexts(dag, interval),
    ...(notBeforeMs === undefined ? {} : { notBefore: isoText(notBeforeMs) }),
  };
}

function moreDue(intervals: readonly DataInterval[]): Held {
  const lastMs = intervals.at(-1)?.endMs ?? 0;
  return {
    logicalDate: isoText(lastMs),
    code: 'more_due',
    text: `intervals from ${isoText(lastMs)} on follow with the next look, ${MOST_CREATED} at a time`,
  };
}
