/** A world with DAGs that were compiled and runs that went well, badly and not at all, and a caller of its API. */
import { type ApiOptions, apiHandler } from '../../lib/api/handle.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { compile } from '../../lib/compiler/compile.ts';
import type { Question } from '../../lib/model/approval.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { DagHead, DagVersion } from '../../lib/model/dag-version.ts';
import type { Launcher, Message, World } from '../../lib/orchestrator/ports.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store, TryRow } from '../../lib/store/store.ts';
import { emptyDag } from '../build.ts';
import { backfill, backfillDate, dateOf, ended, entry, run } from '../store/build.ts';

/** The day of the world: all that ended did so before. */
export const TODAY = 11;
export const NOW_MS = Date.parse(dateOf(TODAY)) + 7_200_000;

export interface Place {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly sent: readonly Message[];
  /** Names of executions that were started. */
  readonly started: readonly string[];
}

/** What `load` of day 10 waits for. */
const QUESTION: Question = {
  task: 'load',
  message: 'Load it?',
  choices: ['no', 'yes'],
  rejects: ['no'],
  askedAt: dateOf(11),
};

/** A world whose executions start and never end by themselves; `load` of day 10 waits for an answer. */
export function placeOf(store: Store = memoryStore()): Place {
  const clock = new VirtualClock(NOW_MS);
  const sent: Message[] = [];
  const started: string[] = [];
  let made = 0;
  const launcher: Launcher = {
    nameFor: ({ dagId, id, attempt }) => `${dagId}-${id}-${attempt}`,
    async start({ run: { execution = '' } }) {
      if (!started.includes(execution)) started.push(execution);
    },
    stop: async () => {},
    describe: async (execution) => (started.includes(execution) ? 'running' : 'unknown'),
  };
  const questions = [QUESTION];
  const world: World = {
    store,
    approvals: {
      list: async ({ id }) => (id === dateOf(10) ? questions : []),
      answer: async (_, question) => questions.splice(questions.indexOf(question), 1).length === 1,
    },
    launcher,
    notifier: {
      async notify(message) {
        sent.push(message);
      },
    },
    clock,
    newId: () => `01J${String(++made).padStart(23, '0')}`,
  };
  return { world, clock, sent, started };
}

/** `sales`: three tasks every day, since the first of January. */
export function salesDag(over: Partial<DagNode> = {}): DagNode {
  const task = (id: string, upstream: readonly string[] = []) => ({
    id,
    call: { kind: 'fn' as const, inputs: null },
    upstream: upstream.map((above) => ({ task: above })),
    triggerRule: 'all_success' as const,
    retries: [],
  });
  return {
    ...emptyDag('sales'),
    description: 'Sales of a day.',
    owner: 'ann',
    tags: ['daily'],
    schedule: { kind: 'cron', expression: '0 0 * * *', timezone: 'UTC', interval: 'data' },
    start: dateOf(1),
    catchup: true,
    deadline: '1h',
    params: { region: { type: 'string', default: 'eu' }, rows: { type: 'integer', default: 5, minimum: 1 } },
    tasks: [task('extract'), task('load', ['extract']), task('publish', ['load'])],
    ...over,
  };
}

export function versionOf(dag: DagNode): DagVersion {
  return { dag, manifest: compile(dag).manifest };
}

export async function register(store: Store, dag: DagNode, over: Partial<DagHead> = {}): Promise<DagVersion> {
  const version = versionOf(dag);
  await store.dags.putVersion(version);
  await store.dags.createHead({
    dagId: dag.id,
    version: version.manifest.hash,
    ...(dag.description === undefined ? {} : { description: dag.description }),
    ...(dag.owner === undefined ? {} : { owner: dag.owner }),
    tags: dag.tags,
    schedule: version.manifest.schedule,
    paused: false,
    registeredAt: dateOf(1),
    rev: 0,
    ...over,
  });
  return version;
}

/**
 * Days 1 to 8 ended well, day 9 failed, day 10 runs and is late; a manual run of day 5 is queued. `other` is paused and
 * never ran, `old` is retired.
 */
export async function seeded(store?: Store): Promise<Place> {
  const place = placeOf(store);
  const { runs, taskRuns, backfills, audit } = place.world.store;
  const { manifest } = await register(place.world.store, salesDag());
  await register(
    place.world.store,
    { ...salesDag({ tags: [] }), id: 'other' },
    { paused: true, pausedBy: 'ann' },
  );
  await register(
    place.world.store,
    { ...emptyDag('old'), tasks: salesDag().tasks },
    { retiredAt: dateOf(3) },
  );
  const version = manifest.hash;
  for (let day = 1; day <= 8; day++)
    await runs.create(ended(day, { version, cells: 'sss', execution: `e${day}` }));
  const failed = { task: 'load', try: 3, error: 'OutOfMemory', cause: 'the heap was full' };
  await runs.create(
    ended(9, {
      version,
      state: 'failed',
      cells: 'sfu',
      error: 'OutOfMemory',
      failed: [failed],
      execution: 'e9',
    }),
  );
  await runs.create(
    run(10, { version, state: 'running', cells: 'sr-', startedAt: dateOf(11), execution: 'e10' }),
  );
  await runs.create(
    run(5, { version, id: `${dateOf(5)}~01J0`, type: 'manual', cells: '---', by: 'bob', note: 'once more' }),
  );
  const key = { dagId: 'sales', runId: dateOf(9) };
  const at = Date.parse(dateOf(10));
  const failing: TryRow = {
    startMs: at,
    endMs: at + 1_000,
    state: 'failed',
    error: 'OutOfMemory',
    cause: 'heap',
  };
  await taskRuns.put(key, [
    {
      attempt: 1,
      task: 'extract',
      state: 'success',
      startMs: at,
      endMs: at + 500,
      tries: [{ startMs: at, endMs: at + 500, state: 'success' }],
    },
    {
      attempt: 1,
      task: 'load',
      state: 'failed',
      startMs: at + 500,
      endMs: at + 3_500,
      tries: [failing, failing, failing],
    },
    { attempt: 1, task: 'publish', state: 'upstream_failed', endMs: at + 3_500, tries: [] },
  ]);
  await taskRuns.putRecorded(key, {
    states: new Map([
      ['extract', 'success'],
      ['load', 'failed'],
      ['publish', 'upstream_failed'],
    ]),
    outputs: new Map(),
    marks: {},
    records: [],
  });
  await backfills.create(backfill('01JBACKFILL', { from: dateOf(1), to: dateOf(3), maxActiveRuns: 2 }), [
    backfillDate(1, 0, { action: 'skip', state: 'skipped', reason: 'already exists' }),
    backfillDate(2, 1),
    backfillDate(3, 2),
  ]);
  await backfills.create(
    backfill('01JFAILED', { from: dateOf(9), to: dateOf(9), state: 'failed', endedAt: dateOf(10) }),
    [backfillDate(9, 0, { state: 'failed', runId: dateOf(9), attempt: 1 })],
  );
  await audit.append(entry('01JA', { dagId: 'other', action: 'pause' }));
  return place;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type Ask = (path: string, asking?: Asking) => Promise<Response>;

/** Asks the API of a world; `body` goes as JSON, text as it is. */
export function asking(world: World, options?: ApiOptions): Ask {
  const handle = apiHandler(world, options);
  return (path, { method, body, headers = {}, signal } = {}) => {
    const init = {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    };
    return handle(new Request(`http://127.0.0.1/api/v1${path}`, init));
  };
}
