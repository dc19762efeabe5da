/** Reads the ledger of a simulation at its end. */

import { DOLLARS_PER_TRANSITION } from '../../asl/limits.ts';
import { compareTexts } from '../../base/compare.ts';
import { toSeconds } from '../../base/duration.ts';
import type { DagNode } from '../../model/dag.ts';
import { isIntervalRun, keyOfRun, type Run } from '../../model/run.ts';
import { auditLedger } from '../../orchestrator/audit.ts';
import { intervalsIn, isoText } from '../../schedule/run-interval.ts';
import { allOf } from '../../store/page.ts';
import type { TaskRunRow } from '../../store/store.ts';
import type {
  IntervalOfDag,
  ScheduleSimulation,
  SimulatedRunOfDag,
  SimulatedTaskOfRun,
} from './schedule-simulation.ts';
import type { VirtualWorld } from './virtual-world.ts';

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export async function scheduleOutcome(
  world: VirtualWorld,
  dags: readonly DagNode[],
  range: Range,
): Promise<Omit<ScheduleSimulation, 'messages' | 'world' | 'failures'>> {
  const runs: SimulatedRunOfDag[] = [];
  const intervals: IntervalOfDag[] = [];
  const problems: ScheduleSimulation['problems'][number][] = [];
  for (const dag of dags) {
    const ofDag = await runsOf(world, dag);
    for (const run of ofDag) runs.push(await runOf(world, dag, run));
    const audit = await auditOf(world, dag, { range, runs: ofDag });
    intervals.push(...audit.rows.map((row) => ({ dagId: dag.id, ...row })));
    problems.push(...audit.problems.map((problem) => ({ dagId: dag.id, ...problem })));
  }
  // Of every attempt: what a clear ran again was paid, too.
  let transitions = 0;
  for (const { result } of world.launcher.executions.values()) transitions += result?.transitions ?? 0;
  return { runs, intervals, problems, transitions, dollars: transitions * DOLLARS_PER_TRANSITION };
}

function runsOf({ store }: VirtualWorld, { id: dagId }: DagNode): Promise<readonly Run[]> {
  return allOf((part) => store.runs.list({ dagId, order: 'oldest', limit: 1000, ...part }));
}

async function runOf({ store, clock }: VirtualWorld, dag: DagNode, run: Run): Promise<SimulatedRunOfDag> {
  const rows = await store.taskRuns.list(keyOfRun(run));
  const byTask = Map.groupBy(rows, ({ task }) => task);
  const tasks = [...byTask].map(([task, some]) => [task, taskOf(some)] as const);
  return { ...run, tasks: Object.fromEntries(tasks), late: isLate(dag, run, clock.now()) };
}

function taskOf(rows: readonly TaskRunRow[]): SimulatedTaskOfRun {
  const attempt = Math.max(...rows.map((row) => row.attempt));
  const newest = rows.filter((row) => row.attempt === attempt);
  const whole = newest.find(({ instance }) => instance === undefined);
  const tries = newest.reduce((sum, row) => sum + row.tries.length, 0);
  return {
    state: whole?.state ?? 'none',
    tries,
    ...(whole?.startMs === undefined ? {} : { startedAt: isoText(whole.startMs) }),
    ...(whole?.endMs === undefined ? {} : { endedAt: isoText(whole.endMs) }),
  };
}

function isLate({ deadline }: DagNode, { interval, endedAt }: Run, nowMs: number): boolean {
  if (deadline === undefined) return false;
  const dueMs = Date.parse(interval.end) + (toSeconds(deadline) ?? 0) * 1000;
  return (endedAt === undefined ? nowMs : Date.parse(endedAt)) > dueMs;
}

/** The ledger from the first interval that ends in the range, or that has a run, to the last that has begun. */
async function auditOf(
  world: VirtualWorld,
  dag: DagNode,
  { range, runs }: { readonly range: Range; readonly runs: readonly Run[] },
): Promise<Pick<Awaited<ReturnType<typeof auditLedger>>, 'rows' | 'problems'>> {
  const { schedule } = dag;
  if (schedule.kind === 'manual' || schedule.kind === 'continuous') return { rows: [], problems: [] };
  const ofIntervals = runs.filter(isIntervalRun).map(({ logicalDate }) => logicalDate);
  const starts = [...intervalsIn(schedule, range.fromMs, range.toMs)].map(({ startMs }) => isoText(startMs));
  const dates = [...ofIntervals, ...starts].toSorted(compareTexts);
  const [from, to] = [dates[0], dates.at(-1)];
  if (from === undefined || to === undefined) return { rows: [], problems: [] };
  return auditLedger(world, dag.id, { from, to });
}
