/** What people are told of runs and tasks that are not done by their deadlines. */
import { toSeconds } from '../../base/duration.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import { isEnded, stateOfChar } from '../../model/state-chars.ts';
import { isoText } from '../../schedule/run-interval.ts';
import type { Message, World } from '../ports.ts';
import { headOf } from './run-ended.ts';
import { type Said, say } from './say.ts';

/**
 * Tells once of each deadline that is over, of a scheduled run that has not ended. An attempt that was asked for after
 * the deadline is not late: nobody waits for it.
 */
export async function sayLate(world: World, version: DagVersion, run: Run): Promise<readonly Said[]> {
  if (run.type !== 'scheduled') return [];
  const { dag } = version;
  const said: Said[] = [];
  const runAt = deadlineOf(run, dag.deadline);
  if (isOver(world, run, runAt)) said.push(await sayRun(world, version, run, runAt));
  for (const [index, { id }] of version.manifest.tasks.entries()) {
    const task = dag.tasks.find((one) => one.id === id);
    const taskAt = deadlineOf(run, task?.deadline);
    if (!isOver(world, run, taskAt) || isEnded(stateOfChar(run.cells[index] ?? '-'))) continue;
    const to = task?.callbacks?.onLate ?? task?.callbacks?.onFailure ?? toOf(version);
    const message = lateMessage(world, version, run, { what: `task "${id}"`, deadlineMs: taskAt, to });
    said.push(await say(world, `${keyOf(run)} late ${id}`, { ...message, task: id }));
  }
  return said;
}

function sayRun(world: World, version: DagVersion, run: Run, deadlineMs: number): Promise<Said> {
  const message = lateMessage(world, version, run, { what: 'the run', deadlineMs, to: toOf(version) });
  return say(world, `${keyOf(run)} late`, message);
}

function keyOf({ dagId, id, attempt }: Run): string {
  return `${dagId} ${id} ${attempt}`;
}

function toOf({ dag: { callbacks } }: DagVersion): readonly string[] {
  return callbacks?.onLate ?? callbacks?.onFailure ?? [];
}

/** `NaN` where there is none. */
function deadlineOf({ interval }: Run, deadline: DagVersion['dag']['deadline']): number {
  const seconds = deadline === undefined ? undefined : toSeconds(deadline);
  return seconds === undefined ? Number.NaN : Date.parse(interval.end) + seconds * 1000;
}

function isOver({ clock }: World, { queuedAt }: Run, deadlineMs: number): boolean {
  return clock.now() > deadlineMs && Date.parse(queuedAt) < deadlineMs;
}

interface Late {
  readonly what: string;
  readonly deadlineMs: number;
  readonly to: readonly string[];
}

function lateMessage(world: World, version: DagVersion, run: Run, { what, deadlineMs, to }: Late): Message {
  const at = isoText(deadlineMs);
  const waits = run.state === 'running' ? 'It goes on.' : 'It has not started: see tutti why.';
  return {
    ...headOf(world, version, run),
    kind: 'late',
    to,
    subject: `${run.dagId} ${run.logicalDate} is late: ${what} was to be done by ${at}`,
    text: waits,
    command: `tutti why ${run.dagId} ${run.id}`,
  };
}
