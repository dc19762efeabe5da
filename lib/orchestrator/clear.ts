/** Runs tasks of runs that ended again, in the same runs: another attempt of each (`semantics.md` 8). */
import { RefusedError } from '../base/errors.ts';
import { type RecordedRun, topIds } from '../history/recorded-run.ts';
import { rerunOf, selectedTasks, tasksOf, unrecordedReads } from '../history/rerun.ts';
import type { DagVersion } from '../model/dag-version.ts';
import { isFinal, type Run } from '../model/run.ts';
import { stateOfChar } from '../model/state-chars.ts';
import { type Changing, changeRuns } from './change-runs.ts';
import { type ChosenRuns, chosenTasks } from './chosen-runs.ts';
import { assertCodeHere } from './code-here.ts';
import { dagOf } from './known.ts';
import { note } from './note.ts';
import type { Actor, World } from './ports.ts';
import { recordedOf } from './recorded-of.ts';
import { cellsKept, requeue } from './requeue.ts';

export interface ClearRequest {
  readonly dagId: string;
  readonly runs: ChosenRuns;
  /** `load`, `load+` with everything below, `+load` with everything above. @default all */
  readonly tasks?: readonly string[];
  /** Of these, those that failed, were not reached, or were cancelled. @default false */
  readonly onlyFailed?: boolean;
  /** With the newest version of the DAG; else each run with its own. @default false */
  readonly latest?: boolean;
  readonly note?: string;
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
}

/** What is cleared, or would be, of one run. */
export interface ClearedRun {
  readonly runId: string;
  /** Ids of the tasks that run again, if what is above lets them. */
  readonly tasks: readonly string[];
  /** The others, and the states that they keep. */
  readonly kept: readonly { readonly task: string; readonly state: string }[];
  /** What is cleared beyond what was asked for, and why. */
  readonly notes: readonly string[];
  /** Why nothing of this run is cleared. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/**
 * Clears tasks of one run or of a range of dates. A run of a range that cannot be cleared is passed over, and told.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-run`, `unknown-task`, `invalid-logical-date`, `invalid-range`; where one
 * run is meant also `run-goes-on`, `nothing-failed`, `other-version`, `no-code`, `output-not-recorded`,
 * `rerun-too-large`
 */
export async function clearRuns(
  world: World,
  actor: Actor,
  request: ClearRequest,
): Promise<{ readonly runs: readonly ClearedRun[] }> {
  const dag = await dagOf(world, request.dagId);
  const runs = await changeRuns(world, dag, request, {
    one: (clearing) => clearRun(world, actor, clearing),
    refused: ({ id }, problem) => ({ runId: id, tasks: [], kept: [], notes: [], problem }),
  });
  return { runs };
}

type Clearing = Changing<ClearRequest>;

async function clearRun(world: World, actor: Actor, clearing: Clearing): Promise<ClearedRun> {
  const plan = await planOf(world, clearing);
  if (clearing.request.dryRun !== true) await carryOut(world, actor, { ...clearing, plan });
  return plan.told;
}

interface ClearPlan {
  readonly told: ClearedRun;
  readonly version: DagVersion;
  /** Absent: all of the run. */
  readonly again?: readonly string[];
  readonly cells: string;
}

async function planOf(world: World, { run, dag, request }: Clearing): Promise<ClearPlan> {
  if (!isFinal(run.state))
    throw refused(run, 'run-goes-on', `must have ended, got one that is ${run.state}; cancel it before`);
  const own = await world.store.dags.version(run.dagId, run.version);
  const version = request.latest === true ? dag.version : own;
  if (version === undefined || own === undefined)
    throw refused(
      run,
      'other-version',
      'must be of a version that is kept, got one that is not; take the latest',
    );
  await assertCodeHere(world, run, { hash: version.manifest.hash, dag });
  const recorded = recordedFor(version, await recordedOf(world, run));
  const cells = stateByTask(own, run.cells);
  const { units, notes } = chosenTasks(version.manifest, request.tasks);
  const wanted = request.onlyFailed === true ? failedUnits(version, units, { cells, recorded }) : units;
  if (wanted.length === 0) throw refused(run, 'nothing-failed', 'must have tasks that failed, got none');
  const selected = selectionOf(version, { wanted, recorded, takesMore: version !== own });
  const { manifest } = version;
  const isWhole = selected.units.length === topIds(manifest).size;
  if (!isWhole) assertRecorded(run, version, { recorded, units: selected.units });
  const again = isWhole ? undefined : selected.units;
  const ids = tasksOf(manifest, selected.units);
  const told = {
    runId: run.id,
    tasks: manifest.tasks.map(({ id }) => id).filter((id) => ids.has(id)),
    kept: manifest.tasks.flatMap(({ id }) =>
      ids.has(id) ? [] : [{ task: id, state: stateOfChar(cells.get(id) ?? '-') }],
    ),
    notes: [...notes, ...selected.notes],
  };
  const kept = cellsKept(manifest, { manifest: own.manifest, cells: run.cells }, again);
  return { told, version, ...(again === undefined ? {} : { again }), cells: kept };
}

/** What a run recorded, by the tasks of the version that reads it: those that it had not never ran. */
function recordedFor({ manifest }: DagVersion, recorded: RecordedRun | undefined): RecordedRun | undefined {
  if (recorded === undefined) return undefined;
  const states = [...topIds(manifest)].map((id) => [id, recorded.states.get(id) ?? 'none'] as const);
  return { ...recorded, states: new Map(states) };
}

function stateByTask({ manifest }: DagVersion, cells: string): ReadonlyMap<string, string> {
  return new Map(manifest.tasks.map(({ id }, index) => [id, cells[index] ?? '-']));
}

interface Known {
  readonly cells: ReadonlyMap<string, string>;
  readonly recorded: RecordedRun | undefined;
}

/** Those with a task that failed, was not reached, or did not end: a run that died left some. */
function failedUnits(
  { manifest }: DagVersion,
  units: readonly string[],
  { cells, recorded }: Known,
): readonly string[] {
  return units.filter((unit) => {
    const states = [...tasksOf(manifest, [unit])].map((id) => stateOfChar(cells.get(id) ?? '-'));
    // A run of some tasks takes the others as done.
    const isDone = recorded?.states.get(unit) === 'success' && states.every((state) => state === 'none');
    return !isDone && states.some((state) => !GOOD.has(state));
  });
}

const GOOD: ReadonlySet<string> = new Set(['success', 'skipped', 'removed']);

interface Wanted {
  readonly wanted: readonly string[];
  readonly recorded: RecordedRun | undefined;
  /** Other code: what it newly needs runs, too. */
  readonly takesMore: boolean;
}

function selectionOf(
  { dag, manifest }: DagVersion,
  { wanted, recorded, takesMore }: Wanted,
): { readonly units: readonly string[]; readonly notes: readonly string[] } {
  let units = selectedTasks(dag, manifest, wanted);
  if (!takesMore || recorded === undefined) return { units, notes: [] };
  const notes: string[] = [];
  const isNew = [...topIds(manifest)].filter(
    (id) => !units.includes(id) && recorded.states.get(id) === 'none',
  );
  notes.push(...isNew.map((id) => `"${id}" runs, too: it has not run in this run`));
  units = selectedTasks(dag, manifest, [...units, ...isNew]);
  for (;;) {
    const more = unrecordedReads(dag, recorded, units);
    if (more.length === 0) return { units, notes };
    notes.push(...more.map((id) => `"${id}" runs, too: an output of it is needed that was not recorded`));
    units = selectedTasks(dag, manifest, [...units, ...more]);
  }
}

/** @throws {RefusedError} `output-not-recorded`, `rerun-too-large` */
function assertRecorded(
  run: Run,
  { dag }: DagVersion,
  { recorded, units }: { readonly recorded: RecordedRun | undefined; readonly units: readonly string[] },
): void {
  if (recorded === undefined)
    throw refused(run, 'output-not-recorded', 'kept nothing of what its tasks gave; clear all of its tasks');
  rerunOf(dag, recorded, units);
}

async function carryOut(
  world: World,
  actor: Actor,
  { run, request, plan }: Clearing & { readonly plan: ClearPlan },
): Promise<void> {
  const { version, again, cells, told } = plan;
  const patch = request.note === undefined ? {} : { note: request.note };
  const queued = await requeue(world, run, { version, lane: 'main', again, cells, patch });
  if (queued === undefined)
    throw refused(run, 'run-goes-on', 'was changed by somebody else just now; look again');
  await note(world, actor, 'clear', {
    dagId: run.dagId,
    runId: run.id,
    details: {
      attempt: queued.attempt,
      tasks: told.tasks.slice(0, 20),
      ...(told.tasks.length > 20 ? { more: told.tasks.length - 20 } : {}),
      ...(request.latest === true ? { latest: true } : {}),
      ...(request.note === undefined ? {} : { note: request.note.slice(0, 500) }),
    },
  });
}

function refused({ dagId, id }: Run, code: string, message: string): RefusedError {
  return new RefusedError(code, `dag "${dagId}" › run "${id}": ${message}`);
}
