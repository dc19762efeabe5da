/** What of a DAG follows from its definition and the time. */
import { toSeconds } from '../base/duration.ts';
import type { DagNode } from '../model/dag.ts';
import type { DagHead } from '../model/dag-version.ts';
import { isFinal, type Run } from '../model/run.ts';
import { charOf } from '../model/state-chars.ts';
import { newestCompleteInterval, nextTick } from '../schedule/data-interval.ts';
import { nextInterval } from '../schedule/next-interval.ts';
import { boundsOf, isoText } from '../schedule/run-interval.ts';
import type { RunOutline } from '../store/store.ts';
import { cut, cutIf } from './fit.ts';
import { stateTold } from './schemas/run.ts';
import type { Prepared } from './versions.ts';

/** Fields that lists and pages of DAGs share. */
export function headView(head: DagHead, version: Prepared | undefined, nowMs: number) {
  const next = version === undefined || head.paused ? undefined : nextRunMs(version.dag, nowMs);
  return {
    id: head.dagId,
    description: cutIf(head.description, 300),
    owner: cutIf(head.owner, 100),
    tags: head.tags.slice(0, 10).map((tag) => cut(tag, 60)),
    schedule: cut(head.schedule, 300),
    version: head.version,
    paused: head.paused,
    pausedBy: cutIf(head.pausedBy, 200),
    registeredAt: head.registeredAt,
    retiredAt: head.retiredAt,
    next: next === undefined || head.retiredAt !== undefined ? undefined : isoText(next),
  };
}

/** When the next scheduled run may start: at the end of its interval. The newest complete one has its run, or will at once. */
function nextRunMs({ schedule, catchup, ...dag }: DagNode, nowMs: number): number | undefined {
  if (schedule.kind === 'manual' || schedule.kind === 'continuous') return undefined;
  if (schedule.kind === 'once') return nextTick(schedule, nowMs);
  const { startMs, endMs } = boundsOf({ ...dag, schedule });
  const asked = {
    last: newestCompleteInterval(schedule, nowMs),
    nowMs,
    ...(Number.isFinite(startMs) ? { earliestMs: startMs } : {}),
    ...(Number.isFinite(endMs) ? { latestMs: endMs - 1 } : {}),
    catchup,
  };
  return nextInterval(schedule, asked)?.endMs;
}

/** When a run should have been done; `undefined` where its DAG says nothing. */
export function deadlineMs(run: Pick<Run, 'interval'>, { deadline }: DagNode): number | undefined {
  const seconds = deadline === undefined ? undefined : toSeconds(deadline);
  return seconds === undefined ? undefined : Date.parse(run.interval.end) + seconds * 1000;
}

export function isLate(run: Run, dag: DagNode | undefined, nowMs: number): boolean {
  if (dag === undefined || isFinal(run.state)) return false;
  const deadline = deadlineMs(run, dag);
  return deadline !== undefined && deadline < nowMs;
}

/** Newest first, as stores give them → oldest first, as they are drawn. */
export function recentView(runs: readonly RunOutline[], nowMs: number) {
  const oldest = runs.toReversed();
  const took = oldest.map((run) => secondsOf(run, nowMs));
  const good = took.filter((seconds, index) => oldest[index]?.state === 'success' && seconds !== null);
  const [last] = runs;
  return {
    runs: oldest.map(({ state }) => charOf(stateTold(state))).join(''),
    dur: took,
    p50: good.toSorted((a, b) => Number(a) - Number(b))[Math.floor(good.length / 2)] ?? null,
    last: last === undefined ? undefined : lastOf(last),
  };
}

export function lastOf({ id, state, logicalDate, startedAt, endedAt }: RunOutline) {
  return { id, state: stateTold(state), logicalDate, startedAt, endedAt };
}

export function secondsOf(run: RunOutline, nowMs: number): number | null {
  if (run.startedAt === undefined) return null;
  const endMs = run.endedAt === undefined ? nowMs : Date.parse(run.endedAt);
  return Math.max(0, Math.round((endMs - Date.parse(run.startedAt)) / 1000));
}
