/** What people are told of single tasks: that one is tried again, was skipped, failed or succeeded. */
import type { Callbacks } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import type { TaskNode } from '../../model/task.ts';
import { isoText } from '../../schedule/run-interval.ts';
import type { TaskRunRow } from '../../store/store.ts';
import { againCommand } from '../code-here.ts';
import type { Message, World } from '../ports.ts';
import { type Said, say } from './say.ts';

/** Tells what tasks ask to be told of, of the attempt as far as it is kept; nothing is read where none asks. */
export async function sayTasks(
  world: World,
  version: DagVersion,
  run: Run,
  rows?: readonly TaskRunRow[],
): Promise<readonly Said[]> {
  const asked = askedBy(version);
  if (asked.size === 0) return [];
  const all = rows ?? (await world.store.taskRuns.list(keyOfRun(run), { attempt: run.attempt }));
  const said: Said[] = [];
  for (const row of all) {
    const callbacks = asked.get(row.task);
    if (callbacks === undefined || row.attempt !== run.attempt) continue;
    said.push(...(await sayRow(world, run, { row, callbacks, version })));
  }
  return said;
}

interface Asked {
  readonly row: TaskRunRow;
  readonly callbacks: Callbacks;
  /** The DAG's newest. */
  readonly version: DagVersion;
}

async function sayRow(world: World, run: Run, { row, callbacks, version }: Asked): Promise<readonly Said[]> {
  const which = row.instance === undefined ? row.task : `${row.task}[${row.instance}]`;
  const said: Said[] = [];
  for (const event of eventsOf(row)) {
    const to = callbacks[event.callback];
    if (to === undefined) continue;
    const key = `${run.dagId} ${run.id} ${run.attempt} ${which} ${event.kind} ${event.try}`;
    said.push(await say(world, key, messageOf(world, run, { event, which, to, row, version })));
  }
  return said;
}

/** Who is told of each task: those of its own; of retries and skips also the DAG's. */
function askedBy({ dag }: DagVersion): ReadonlyMap<string, Callbacks> {
  const { onRetry, onSkipped } = dag.callbacks ?? {};
  const common: Callbacks = {
    ...(onRetry === undefined ? {} : { onRetry }),
    ...(onSkipped === undefined ? {} : { onSkipped }),
  };
  const of = ({ id, callbacks }: TaskNode) => [id, { ...common, ...callbacks }] as const;
  return new Map(dag.tasks.map(of).filter(([, callbacks]) => Object.keys(callbacks).length > 0));
}

interface TaskEvent {
  readonly kind: 'retry' | 'skipped' | 'failed' | 'success';
  readonly callback: 'onRetry' | 'onSkipped' | 'onFailure' | 'onSuccess';
  /** 0: of the task as a whole. */
  readonly try: number;
}

const ENDS = { skipped: 'onSkipped', failed: 'onFailure', success: 'onSuccess' } as const;

function eventsOf(row: TaskRunRow): readonly TaskEvent[] {
  const retries = row.tries.flatMap((one, index): readonly TaskEvent[] => {
    const isFollowed = index < row.tries.length - 1 || row.state === 'up_for_retry';
    return one.state === 'failed' && isFollowed
      ? [{ kind: 'retry', callback: 'onRetry', try: index + 1 }]
      : [];
  });
  // Instances are told of as a whole.
  if (row.instance !== undefined || row.markedBy !== undefined) return retries;
  const { state } = row;
  const isEnd = state === 'skipped' || state === 'failed' || state === 'success';
  return isEnd ? [...retries, { kind: state, callback: ENDS[state], try: 0 }] : retries;
}

interface Told {
  readonly event: TaskEvent;
  readonly which: string;
  readonly to: readonly string[];
  readonly row: TaskRunRow;
  readonly version: DagVersion;
}

function messageOf({ clock }: World, run: Run, { event, which, to, row, version }: Told): Message {
  const { owner } = version.dag;
  const tried = event.try === 0 ? row.tries.at(-1) : row.tries[event.try - 1];
  const error = tried?.error === undefined ? '' : `: ${tried.error}`;
  const words = {
    retry: `try ${event.try} failed${error}; another follows`,
    skipped: 'was skipped',
    failed: `failed${error}`,
    success: 'succeeded',
  }[event.kind];
  return {
    kind: event.kind,
    to,
    dagId: run.dagId,
    runId: run.id,
    task: row.task,
    ...(owner === undefined ? {} : { owner }),
    at: isoText(clock.now()),
    subject: `${run.dagId} ${run.logicalDate} › ${which}: ${words}`,
    text: tried?.cause ?? '',
    ...(event.kind === 'failed'
      ? { command: againCommand(run, version.manifest.hash, `--task ${row.task}+`) }
      : {}),
  };
}
