/** Which intervals of a schedule are to have a run by now (`semantics.md` 5): catchup, start, end, pause, lateness. */
import { toSeconds } from '../base/duration.ts';
import { shortHash } from '../base/hash.ts';
import type { DagNode } from '../model/dag.ts';
import type { DagHead } from '../model/dag-version.ts';
import { isFinal, type Run } from '../model/run.ts';
import { type DataInterval, intervalContaining, nextTick, previousTick } from './data-interval.ts';
import { boundsOf, intervalsIn, isoText } from './run-interval.ts';

/** A DAG as it is scheduled: what its author wrote, and what became of it. */
export interface Definition {
  readonly dag: DagNode;
  readonly head: Pick<
    DagHead,
    'paused' | 'pausedBy' | 'registeredAt' | 'retiredAt' | 'watermark' | 'prunedThrough'
  >;
}

export interface DueIntervals {
  /** Ascending. That they have no run yet is for the ledger to say. */
  readonly intervals: readonly DataInterval[];
  /** With runs for all of these, every interval that ended by then has one or was passed over. Absent: nothing new is due. */
  readonly throughMs?: number;
  /** There are more than `limit`; they follow once these have their runs. */
  readonly more: boolean;
}

const NONE: DueIntervals = { intervals: [], more: false };

/** What of the ledger says which intervals are due. */
export interface Passed {
  /** Most intervals to give. */
  readonly limit: number;
  /** The run of the newest interval: from its end on goes a continuous schedule. Absent: none. */
  readonly last?: Run | undefined;
}

/**
 * The oldest `limit` intervals that ended by `nowMs` and that the schedule has not passed yet.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function dueIntervals(definition: Definition, nowMs: number, { limit, last }: Passed): DueIntervals {
  const { head } = definition;
  if (head.paused || head.retiredAt !== undefined) return NONE;
  const dag = scheduledDag(definition);
  const bounds = scheduledBounds(definition);
  if (dag.schedule.kind === 'continuous') return continuousInterval(bounds, nowMs, last);
  const passed = passedMs(definition);
  const newest = newestInterval(dag, nowMs, bounds.endMs);
  if (newest === undefined || newest.startMs < bounds.startMs || newest.endMs <= passed) return NONE;
  const fromMs = dag.catchup
    ? Math.max(bounds.startMs, isOfNoLength(dag) ? passed + 1 : passed)
    : newest.startMs;
  const intervals: DataInterval[] = [];
  for (const interval of intervalsIn(dag.schedule, inTimeFrom(dag, fromMs, nowMs), newest.endMs)) {
    const before = intervals.at(-1);
    if (before !== undefined && intervals.length === limit)
      return { intervals, throughMs: before.endMs, more: true };
    intervals.push(interval);
  }
  return { intervals, throughMs: newest.endMs, more: false };
}

/** The DAG as it is scheduled: what is to run once runs at its start or, without one, when it was registered. */
export function scheduledDag({ dag, head }: Definition): DagNode {
  if (dag.schedule.kind !== 'once' || dag.schedule.at !== undefined) return dag;
  return { ...dag, schedule: { ...dag.schedule, at: isoText(wholeSecond(Date.parse(head.registeredAt))) } };
}

/** One run at a time, each for the time since the one before, as soon as that has ended. */
function continuousInterval(
  { startMs: firstMs, endMs: boundMs }: DataInterval,
  nowMs: number,
  last: Run | undefined,
): DueIntervals {
  if (last !== undefined && !isFinal(last.state)) return NONE;
  const startMs = last === undefined ? wholeSecond(firstMs) : Date.parse(last.interval.end);
  const endMs = wholeSecond(nowMs);
  if (startMs >= endMs || startMs >= boundMs) return NONE;
  return { intervals: [{ startMs, endMs }], throughMs: endMs, more: false };
}

/** Texts of instants sort as the instants do where they are of whole seconds. */
function wholeSecond(instantMs: number): number {
  return Math.floor(instantMs / 1000) * 1000;
}

/** The last interval that ended by an instant and whose logical date is before the DAG's end. */
export function newestInterval(dag: DagNode, nowMs: number, boundMs: number): DataInterval | undefined {
  const tick = previousTick(dag.schedule, nowMs);
  if (tick === undefined) return undefined;
  if (isOfNoLength(dag)) {
    const startMs = tick < boundMs ? tick : previousTick(dag.schedule, boundMs - 1);
    return startMs === undefined ? undefined : { startMs, endMs: startMs };
  }
  const before = previousTick(dag.schedule, tick - 1);
  const startMs = before === undefined || before < boundMs ? before : previousTick(dag.schedule, boundMs - 1);
  const endMs = startMs === undefined ? undefined : nextTick(dag.schedule, startMs);
  return startMs === undefined || endMs === undefined ? undefined : { startMs, endMs };
}

/** No interval that starts earlier may still be made: all are later than the DAG allows. */
function inTimeFrom(dag: DagNode, fromMs: number, nowMs: number): number {
  const laterMs = skipsLaterThanMs(dag);
  if (laterMs === undefined) return fromMs;
  const endsFromMs = nowMs - laterMs;
  if (isOfNoLength(dag)) return Math.max(fromMs, endsFromMs);
  return Math.max(fromMs, previousTick(dag.schedule, endsFromMs - 1) ?? fromMs);
}

/** True where a run stands for an instant, not for the time between two. */
function isOfNoLength({ schedule }: Pick<DagNode, 'schedule'>): boolean {
  return schedule.kind === 'manual' || schedule.interval === 'trigger';
}

/** Worked out once for each DAG that was read. */
const bases = new WeakMap<DagNode, string>();

/** What the watermark holds for: with another basis the ledger has to be looked at from the start. */
export function watermarkBasis(dag: DagNode): string {
  const { schedule, start, end, catchup } = dag;
  const basis = bases.get(dag) ?? shortHash(JSON.stringify([schedule, start ?? null, end ?? null, catchup]));
  bases.set(dag, basis);
  return basis;
}

/**
 * From when until before when logical dates are scheduled. Where the DAG names no start, the first interval is the one
 * in which it was registered: an earlier one nobody asked for. What was removed for its age has been done.
 */
export function scheduledBounds(definition: Definition): DataInterval {
  const { startMs, endMs } = authoredBounds(definition);
  return { startMs: Math.max(startMs, prunedMs(definition)), endMs };
}

/** Before when no interval starts that may be made again, as runs of its time were removed. */
function prunedMs({ dag, head }: Definition): number {
  if (head.prunedThrough === undefined) return Number.NEGATIVE_INFINITY;
  return Date.parse(head.prunedThrough) + (isOfNoLength(dag) ? 1 : 0);
}

/** The same as the author wrote it, whatever was removed. */
export function authoredBounds(definition: Definition): DataInterval {
  const dag = scheduledDag(definition);
  const { startMs, endMs } = boundsOf(dag);
  if (startMs !== Number.NEGATIVE_INFINITY) return { startMs, endMs };
  const registeredMs = wholeSecond(Date.parse(definition.head.registeredAt));
  return { startMs: intervalContaining(dag.schedule, registeredMs).startMs, endMs };
}

/** How long after its interval's end a run may still be made; `undefined`: for ever. */
export function skipsLaterThanMs({ skipIfLate }: Pick<DagNode, 'skipIfLate'>): number | undefined {
  const seconds = skipIfLate === undefined ? undefined : toSeconds(skipIfLate);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Not to start earlier than that: the same for an interval whoever asks and whenever. Absent: no jitter. */
export function notBeforeOf(dag: DagNode, { startMs, endMs }: DataInterval): number | undefined {
  const jitter = 'jitter' in dag.schedule ? dag.schedule.jitter : undefined;
  const seconds = jitter === undefined ? 0 : (toSeconds(jitter) ?? 0);
  if (!(seconds > 0)) return undefined;
  const part = Number.parseInt(shortHash(`${dag.id} ${isoText(startMs)}`), 16) / 0x1_0000_0000;
  return endMs + Math.floor(part * seconds) * 1000;
}

/** Until when the ledger is complete, of the schedule that the DAG has now. */
export function passedMs({ dag, head }: Definition): number {
  const { watermark } = head;
  return watermark !== undefined && watermark.basis === watermarkBasis(dag)
    ? Date.parse(watermark.through)
    : Number.NEGATIVE_INFINITY;
}
