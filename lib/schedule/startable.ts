/** Which queued runs of a lane may start, and what holds back the others (`semantics.md` 5). */
import type { Run } from '../model/run.ts';
import { type PastRun, pastBlockers } from './depends-on-past.ts';
import type { Definition } from './due-intervals.ts';

/** Why a run does not start, or an interval has no run. */
export interface Held {
  readonly logicalDate: string;
  /** Absent: there is no run yet. */
  readonly runId?: string;
  readonly code: HeldCode;
  readonly text: string;
}

export type HeldCode =
  | 'paused'
  | 'retired'
  | 'not_before'
  | 'depends_on_past'
  | 'max_active_runs'
  | 'lane_paused'
  | 'more_due';

/** The open runs of one lane, and what they wait for. */
export interface LaneLedger {
  /** Queued, starting and running, in any order. */
  readonly open: readonly Run[];
  /** How many of them may be active at once; 0: the lane is paused. */
  readonly maxActiveRuns: number;
  /** The interval run before a run. Asked only where tasks depend on past. @default none has one */
  readonly before?: (run: Run) => PastRun | undefined;
}

export interface Startable {
  /** In the order in which they are to start. */
  readonly start: readonly Run[];
  readonly held: readonly Held[];
}

/** Splits the queued runs of a lane: by logical date, those that nothing holds fill the places that are left. */
export function startableRuns(definition: Definition, nowMs: number, lane: LaneLedger): Startable {
  const queued = lane.open.filter(({ state }) => state === 'queued').toSorted(byDate);
  let places = lane.maxActiveRuns - (lane.open.length - queued.length);
  const start: Run[] = [];
  const held: Held[] = [];
  for (const run of queued) {
    const reason = blocker(definition, nowMs, { run, lane }) ?? (places > 0 ? undefined : full(lane));
    if (reason === undefined) {
      start.push(run);
      places--;
    } else held.push({ logicalDate: run.logicalDate, runId: run.id, ...reason });
  }
  return { start, held };
}

/** Oldest logical date first; what has the same one, in the order in which it was made. */
export function byDate(a: Run, b: Run): number {
  return compare(a.logicalDate, b.logicalDate) || compare(a.createdAt, b.createdAt) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Reason = Pick<Held, 'code' | 'text'>;

function blocker(
  { dag, head }: Definition,
  nowMs: number,
  { run, lane }: { readonly run: Run; readonly lane: LaneLedger },
): Reason | undefined {
  if (head.retiredAt !== undefined)
    return { code: 'retired', text: `the project has no DAG "${dag.id}" any more` };
  // A further attempt is somebody's wish, not the schedule's: who mends a run of a paused DAG need not unpause it.
  if (head.paused && run.type === 'scheduled' && run.attempt === 1) return pausedReason(head);
  if (run.notBefore !== undefined && Date.parse(run.notBefore) > nowMs) {
    return { code: 'not_before', text: `starts at ${run.notBefore}, by its schedule's jitter` };
  }
  const before = run.ignoresPast === true ? undefined : lane.before?.(run);
  const [first, ...others] = pastBlockers(dag, before);
  if (before === undefined || first === undefined) return undefined;
  const more = others.length === 0 ? '' : `, and ${others.length} more so`;
  return {
    code: 'depends_on_past',
    text: `waits for the run before, of ${before.logicalDate}, where task "${first.task}" is ${first.state}${more}`,
  };
}

/** What is told of a DAG that is paused. */
export function pausedReason({ pausedBy }: Pick<Definition['head'], 'pausedBy'>): Reason {
  return { code: 'paused', text: `the DAG is paused${pausedBy === undefined ? '' : ` (${pausedBy})`}` };
}

function full({ maxActiveRuns, open }: LaneLedger): Reason {
  if (maxActiveRuns <= 0) return { code: 'lane_paused', text: 'its backfill is paused' };
  const active = open.filter(({ state }) => state !== 'queued').length;
  return {
    code: 'max_active_runs',
    text: `${active} of at most ${maxActiveRuns} runs are active; it starts when one of them ends`,
  };
}
