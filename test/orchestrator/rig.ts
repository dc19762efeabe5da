/** A world for tests of the orchestrator: a memory store, a clock that is set, and a launcher that starts nothing. */
import { RefusedError } from '../../lib/base/errors.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import { keyOfRun, type Run } from '../../lib/model/run.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import type { TaskNode } from '../../lib/model/task.ts';
import type { ExecutionStart, Launcher, Message, World } from '../../lib/orchestrator/ports.ts';
import { recordEnd } from '../../lib/orchestrator/record.ts';
import { isoText } from '../../lib/schedule/run-interval.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store } from '../../lib/store/store.ts';
import { emptyDag } from '../build.ts';

/** What a launcher has durably started: names of executions, and what became of each. */
export type Executions = Map<string, 'running' | 'ended' | 'lost'>;

export interface Rig extends World {
  readonly executions: Executions;
  /** Every start that did start something, in order. */
  readonly starts: ExecutionStart[];
  readonly messages: Message[];
  /** Starts of this DAG are refused. */
  refuse: string | undefined;
  at(text: string): void;
}

export const PERSON = { name: 'ada', via: 'cli' } as const;

export function rig(now: string, store: Store = memoryStore()): Rig {
  let nowMs = Date.parse(now);
  let ids = 0;
  const executions: Executions = new Map();
  const starts: ExecutionStart[] = [];
  const messages: Message[] = [];
  const made: Rig = {
    store,
    executions,
    starts,
    messages,
    refuse: undefined,
    launcher: undefined as unknown as Launcher,
    notifier: {
      notify: async (message) => {
        messages.push(message);
      },
    },
    clock: { now: () => nowMs, until: () => Promise.reject(new Error('no test waits')) },
    newId: () => String(++ids).padStart(26, '0'),
    at: (text) => {
      nowMs = Date.parse(text);
    },
  };
  return Object.assign(made, { launcher: launcherOf(made) });
}

function launcherOf(world: Rig): Launcher {
  const { executions, starts } = world;
  return {
    nameFor: ({ dagId, id, attempt }) => `${dagId}/${id}/${attempt}`,
    start: async (start) => {
      const name = start.run.execution ?? '';
      if (world.refuse === start.run.dagId)
        throw new RefusedError('no-code', 'no code of this version is here');
      if (executions.has(name)) return;
      executions.set(name, 'running');
      starts.push(start);
    },
    stop: async (name) => {
      if (executions.get(name) === 'running') executions.set(name, 'ended');
    },
    describe: async (name) => executions.get(name) ?? 'unknown',
  };
}

/** A DAG of tasks `a` → `b`, scheduled; each version of it is as its options are. */
export function versionOf(id: string, schedule: ScheduleNode, options: Partial<DagNode> = {}): DagVersion {
  const task = (taskId: string, upstream: readonly string[]): TaskNode => ({
    id: taskId,
    call: { kind: 'fn', inputs: null },
    upstream: upstream.map((above) => ({ task: above })),
    triggerRule: 'all_success',
    retries: [],
  });
  const dag: DagNode = { ...emptyDag(id), schedule, tasks: [task('a', []), task('b', ['a'])], ...options };
  const tasks = dag.tasks.map(({ id: taskId, upstream, triggerRule }, column) => ({
    id: taskId,
    upstream,
    triggerRule,
    kind: 'fn',
    layout: { column, row: 0 },
  }));
  const manifest = {
    dagId: id,
    hash: `v-${dag.tasks.map((each) => each.id).join('')}`,
    tags: [],
    schedule: schedule.kind,
    params: {},
    runState: 'leaves' as const,
    tasks,
    groups: [],
    states: {},
  };
  return { dag, manifest };
}

export const HOURLY: ScheduleNode = {
  kind: 'cron',
  expression: '0 * * * *',
  timezone: 'UTC',
  interval: 'data',
};
export const DAILY: ScheduleNode = {
  kind: 'cron',
  expression: '0 0 * * *',
  timezone: 'UTC',
  interval: 'data',
};

/** Ends a run's execution, as a launcher tells it. */
export async function end(
  world: Rig,
  run: Run,
  state: 'success' | 'failed' | 'cancelled' = 'success',
): Promise<void> {
  if (run.execution !== undefined) world.executions.set(run.execution, 'ended');
  await recordEnd(world, {
    ...keyOfRun(run),
    attempt: run.attempt,
    state,
    endedAt: isoText(world.clock.now()),
    cells: state === 'success' ? 'ss' : 'fu',
    rows: [],
    recorded: { states: new Map(), outputs: new Map(), marks: {}, records: [] },
  });
}

/** All runs of a DAG as `<id> <state>`, oldest first. */
export async function runsOf(world: World, dagId: string): Promise<readonly string[]> {
  const { items } = await world.store.runs.list({ dagId, order: 'oldest', limit: 1000 });
  return items.map(({ id, state }) => `${id} ${state}`);
}

export async function runAt(world: World, dagId: string, runId: string): Promise<Run> {
  const run = await world.store.runs.get({ dagId, runId });
  if (run === undefined) throw new Error(`no run ${runId} of ${dagId}`);
  return run;
}
