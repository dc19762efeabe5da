/** Says how tasks of runs that ended are to count, whatever became of them (`semantics.md` 8). */
import { RefusedError } from '../base/errors.ts';
import { consequencesOf, type MarkedState } from '../history/mark.ts';
import { type RecordedRun, topIds } from '../history/recorded-run.ts';
import { rerunOf, tasksOf } from '../history/rerun.ts';
import type { TaskRunState } from '../history/task-run.ts';
import type { DagVersion } from '../model/dag-version.ts';
import { isFinal, keyOfRun, type Run } from '../model/run.ts';
import { decidingTasks } from '../model/run-state.ts';
import { charOf, stateOfChar } from '../model/state-chars.ts';
import type { TaskRunRow } from '../store/store.ts';
import { followRun } from './backfill/follow.ts';
import { type Changing, changeRuns } from './change-runs.ts';
import { type ChosenRuns, chosenTasks } from './chosen-runs.ts';
import { assertCodeHere } from './code-here.ts';
import { dagOf } from './known.ts';
import { note } from './note.ts';
import type { Actor, World } from './ports.ts';
import { recordedOf } from './recorded-of.ts';
import { cellsKept, requeue } from './requeue.ts';

export interface MarkRequest {
  readonly dagId: string;
  readonly runs: ChosenRuns;
  /** `load`, `load+` with everything below, `+load` with everything above. */
  readonly tasks: readonly string[];
  readonly state: MarkedState;
  readonly note?: string;
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
}

/** What is marked, or would be, in one run. */
export interface MarkedRun {
  readonly runId: string;
  /** Ids of tasks and modules whose states are set. */
  readonly marked: readonly string[];
  /** What did not run, and is decided otherwise now. */
  readonly follows: readonly { readonly task: string; readonly from: string; readonly to: string }[];
  /** Ids of the tasks that run now, in another attempt of the run. */
  readonly runsAgain: readonly string[];
  /** What the run is then. */
  readonly state: Run['state'];
  readonly notes: readonly string[];
  /** Why nothing of this run is marked. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/**
 * Marks tasks of one run or of a range of dates. A run of a range that cannot be marked is passed over, and told.
 *
 * @throws {RefusedError} as {@link clearRuns} does, and `invalid-state`
 */
export async function markTasks(
  world: World,
  actor: Actor,
  request: MarkRequest,
): Promise<{ readonly runs: readonly MarkedRun[] }> {
  const dag = await dagOf(world, request.dagId);
  if (!STATES.has(request.state))
    throw new RefusedError(
      'invalid-state',
      `dag "${request.dagId}" › mark: must be success, failed or skipped, got "${String(request.state).slice(0, 40)}"`,
    );
  const runs = await changeRuns(world, dag, request, {
    one: (marking) => markRun(world, actor, marking),
    refused: ({ id, state }, problem) => ({
      runId: id,
      marked: [],
      follows: [],
      runsAgain: [],
      state,
      notes: [],
      problem,
    }),
  });
  return { runs };
}

const STATES: ReadonlySet<string> = new Set(['success', 'failed', 'skipped']);

type Marking = Changing<MarkRequest>;

async function markRun(world: World, actor: Actor, marking: Marking): Promise<MarkedRun> {
  const { run, request } = marking;
  const plan = await planOf(world, marking);
  if (request.dryRun !== true) await carryOut(world, actor, { run, request, plan });
  return plan.told;
}

interface MarkPlan {
  readonly told: MarkedRun;
  readonly version: DagVersion;
  /** What was recorded before. */
  readonly before: RecordedRun;
  /** States that are set, with those that were. */
  readonly marks: NonNullable<Run['marked']>;
  /** Of all tasks, as they are then. */
  readonly cells: string;
  /** What runs again. Empty: nothing does. */
  readonly again: readonly string[];
}

async function planOf(world: World, { run, dag, request }: Marking): Promise<MarkPlan> {
  if (!isFinal(run.state))
    throw refused(run, 'run-goes-on', `must have ended, got one that is ${run.state}; cancel it before`);
  const version = await world.store.dags.version(run.dagId, run.version);
  if (version === undefined)
    throw refused(run, 'other-version', 'must be of a version that is kept, got one that is not');
  const { manifest } = version;
  const { units, notes } = chosenTasks(manifest, request.tasks);
  const before = await statesOf(world, run, version);
  const { states, again } = consequencesOf(version, before, { units, state: request.state });
  if (again.length > 0) {
    await assertCodeHere(world, run, { hash: manifest.hash, dag });
    rerunOf(version.dag, { ...before, states }, again);
  }
  const changed = [...states].filter(([id, state]) => before.states.get(id) !== state || units.includes(id));
  const cells = cellsAs(version, run.cells, changed);
  const follows = changed.flatMap(([task, to]) =>
    units.includes(task) || again.includes(task)
      ? []
      : [{ task, from: before.states.get(task) ?? 'none', to }],
  );
  const rerun = tasksOf(manifest, again);
  const runsAgain = manifest.tasks.map(({ id }) => id).filter((id) => rerun.has(id));
  const state = again.length > 0 ? 'queued' : runStateOf(version, states, run.state);
  return {
    told: { runId: run.id, marked: units, follows, runsAgain, state, notes },
    version,
    before,
    marks: { ...run.marked, ...Object.fromEntries(changed) },
    cells: again.length > 0 ? cellsKept(manifest, { manifest, cells }, again) : cells,
    again,
  };
}

/** What the run recorded; of one that kept nothing, what its cells say. */
async function statesOf(world: World, run: Run, { manifest }: DagVersion): Promise<RecordedRun> {
  const kept = await recordedOf(world, run);
  const cells = new Map(manifest.tasks.map(({ id }, index) => [id, stateOfChar(run.cells[index] ?? '-')]));
  const states = [...topIds(manifest)].map((id) => {
    const own = [...tasksOf(manifest, [id])].map((task) => cells.get(task) ?? 'none');
    return [id, kept?.states.get(id) ?? worstOf(own)] as const;
  });
  return { outputs: new Map(), marks: {}, records: [], ...kept, states: new Map(states) };
}

const WORST = ['failed', 'upstream_failed', 'cancelled', 'none', 'skipped'] as const;

function worstOf(states: readonly string[]): TaskRunState {
  if (states.length > 0 && states.every((state) => state === 'skipped')) return 'skipped';
  return WORST.find((state) => state !== 'skipped' && states.includes(state)) ?? 'success';
}

function cellsAs(
  { manifest }: DagVersion,
  cells: string,
  changed: readonly (readonly [string, TaskRunState])[],
): string {
  const chars = new Map(
    changed.flatMap(([unit, state]) =>
      [...tasksOf(manifest, [unit])].map((id) => [id, charOf(state)] as const),
    ),
  );
  return manifest.tasks.map(({ id }, index) => chars.get(id) ?? cells[index] ?? '-').join('');
}

/** By its leaves; one that was cut short stays as it is as long as one of them never ended. */
function runStateOf(
  { manifest }: DagVersion,
  states: ReadonlyMap<string, TaskRunState>,
  before: Run['state'],
): Run['state'] {
  const tasks = [...manifest.tasks, ...(manifest.modules ?? [])].filter(({ module }) => module === undefined);
  const deciding = decidingTasks({ runState: manifest.runState, tasks }).map((id) => states.get(id));
  if (deciding.some((state) => state === 'failed' || state === 'upstream_failed')) return 'failed';
  return deciding.every((state) => state === 'success' || state === 'skipped') ? 'success' : before;
}

interface Carrying {
  readonly run: Run;
  readonly request: MarkRequest;
  readonly plan: MarkPlan;
}

/**
 * One write changes the run and the states that it counts for its tasks, or nothing where somebody was faster. What is
 * written before says nothing new, and what comes after, who marked, counts for nobody.
 */
async function carryOut(world: World, actor: Actor, { run, request, plan }: Carrying): Promise<void> {
  const { version, again, cells, told, before, marks } = plan;
  const { taskRuns } = world.store;
  const key = keyOfRun(run);
  // An attempt after this one reads what this one recorded: of one that died before it did, what its cells say.
  if (again.length > 0 && (await taskRuns.recorded(key)) === undefined)
    await taskRuns.putRecorded(key, before);
  const patch = { marked: marks, ...(request.note === undefined ? {} : { note: request.note }) };
  const isFine = told.state === 'success';
  const changed =
    again.length > 0
      ? await requeue(world, run, { version, lane: 'main', again, cells, patch })
      : await world.store.runs.update(
          key,
          { states: [run.state], attempt: run.attempt, rev: run.rev },
          {
            ...patch,
            state: told.state,
            cells,
            ...(isFine ? { error: undefined, cause: undefined, failed: undefined } : {}),
          },
        );
  if (changed === undefined)
    throw refused(run, 'run-goes-on', 'was changed by somebody else just now; look again');
  await taskRuns.put(key, await rowsOf(world, actor, { run, request, plan }));
  await note(world, actor, 'mark', {
    dagId: run.dagId,
    runId: run.id,
    details: {
      state: request.state,
      tasks: told.marked.slice(0, 20),
      run: told.state,
      ...(request.note === undefined ? {} : { note: request.note.slice(0, 500) }),
    },
  });
  if (told.state !== run.state && isFinal(told.state)) await world.notifier.ended?.(changed);
  await followRun(world, changed);
}

/** A marked task keeps its tries: they happened. */
async function rowsOf(
  world: World,
  actor: Actor,
  { run, request, plan }: Carrying,
): Promise<readonly TaskRunRow[]> {
  const { attempt } = run;
  const rows = await world.store.taskRuns.list(keyOfRun(run));
  return [...tasksOf(plan.version.manifest, plan.told.marked)].map((task) => {
    const before = rows.findLast((row) => row.task === task && row.instance === undefined);
    const endMs = before?.endMs ?? world.clock.now();
    return { tries: [], ...before, attempt, task, state: request.state, endMs, markedBy: actor.name };
  });
}

function refused({ dagId, id }: Run, code: string, message: string): RefusedError {
  return new RefusedError(code, `dag "${dagId}" › run "${id}": ${message}`);
}
