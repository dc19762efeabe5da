/** Starts one run's execution: once, however often, by whomever and after whatever crash it is tried. */
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { nothingRecorded } from '../history/recorded-run.ts';
import { recordsKept, rerunOf } from '../history/rerun.ts';
import type { DagNode } from '../model/dag.ts';
import type { DagVersion } from '../model/dag-version.ts';
import { isFinal, keyOfRun, type Run } from '../model/run.ts';
import { isoText } from '../schedule/run-interval.ts';
import { endRun } from './end.ts';
import { type KnownDag, versionOfRun } from './known.ts';
import { tellEnded } from './notify/run-ended.ts';
import { checkedParams } from './params.ts';
import { leaveLane } from './place.ts';
import type { ExecutionStart, World } from './ports.ts';
import { recordedOf } from './recorded-of.ts';

/** `lost`: somebody else started or cancelled it meanwhile. `refused`: it can never start, and has failed. */
export interface Launched {
  readonly run: Run;
  readonly outcome: 'started' | 'lost' | 'refused';
}

/** Starts a queued run that has a place in its lane. */
export async function launch(world: World, run: Run, dag: KnownDag): Promise<Launched> {
  // The code of a first attempt is that of the day it starts; of a further one, what was chosen when it was cleared.
  const isFirst = run.attempt === 1;
  const version = isFirst || run.version === dag.head.version ? dag.version : await versionOfRun(world, run);
  const nowMs = world.clock.now();
  const hash = version.manifest.hash;
  const starting = await world.store.runs.update(
    keyOfRun(run),
    { states: ['queued'], attempt: run.attempt },
    {
      state: 'starting',
      version: hash,
      params: hash === run.version ? run.params : paramsIn(version.dag, run),
      execution: world.launcher.nameFor({ ...run, version: hash }, nowMs),
      startedAt: isoText(nowMs),
      ...(run.again === undefined ? { cells: '-'.repeat(version.manifest.tasks.length) } : {}),
      ...NOTHING_ENDED,
    },
  );
  if (starting === undefined) {
    await leaveIfOver(world, run);
    return { run, outcome: 'lost' };
  }
  return begin(world, starting, version);
}

/** A version that came after the run was made may have params that it has no values of, and none of some that it has. */
function paramsIn(dag: DagNode, { params }: Run): JsonObject {
  const known = Object.entries(params).filter(([name]) => dag.params[name] !== undefined);
  try {
    return checkedParams(dag, Object.fromEntries(known));
  } catch {
    // Its tasks tell what is wrong better than a run that never starts.
    return params;
  }
}

/** What an attempt has not yet, and the one before may have left. */
const NOTHING_ENDED = {
  endedAt: undefined,
  error: undefined,
  cause: undefined,
  failed: undefined,
  transitions: undefined,
} as const;

/** Starts the execution of a run in state `starting`, or finds that it was, and says so in the ledger. */
export async function begin(world: World, run: Run, version?: DagVersion): Promise<Launched> {
  try {
    await world.launcher.start(await executionStart(world, run, version));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    await endRefused(world, run, error);
    return { run, outcome: 'refused' };
  }
  const running = await markRunning(world, run);
  if (running !== undefined) return { run: running, outcome: 'started' };
  const now = await world.store.runs.get(keyOfRun(run));
  const isOurs = now !== undefined && now.execution === run.execution;
  if (isOurs && !isFinal(now.state)) return { run: now, outcome: 'started' };
  // Cancelled while it was being started: nobody waits for what was started after that. What has ended stays so.
  const { execution = '' } = run;
  await world.launcher.stop(execution, keyOfRun(run), 'the run was cancelled while it started');
  return { run: now ?? run, outcome: isOurs && now.state !== 'cancelled' ? 'started' : 'lost' };
}

/** `starting` → `running`, from now on. */
export async function markRunning({ store, clock }: World, run: Run): Promise<Run | undefined> {
  const expected = { states: ['starting'], attempt: run.attempt } as const;
  return store.runs.update(keyOfRun(run), expected, { state: 'running', startedAt: isoText(clock.now()) });
}

/**
 * All that starting a run's execution takes.
 *
 * @throws {RefusedError} when what it runs again needs outputs that were never recorded
 */
export async function executionStart(world: World, run: Run, known?: DagVersion): Promise<ExecutionStart> {
  const version = known ?? (await versionOfRun(world, run));
  if (run.again === undefined) return { run, version };
  const kept = await recordedOf(world, run);
  const recorded = kept ?? (run.attempt === 1 ? nothingRecorded(version.manifest) : undefined);
  if (recorded === undefined) {
    throw new RefusedError(
      'output-not-recorded',
      `dag "${run.dagId}" › run "${run.id}": kept nothing of what its tasks gave; clear all of its tasks`,
    );
  }
  return {
    run,
    version,
    rerun: rerunOf(version.dag, recorded, run.again),
    records: recordsKept(recorded, run.again),
  };
}

/**
 * Whether an execution that is over, or that nobody runs any more, goes on here, or had its end told. What it would need
 * to go on may be there no more; then it does neither.
 */
export async function isSettled(world: World, run: Run): Promise<boolean> {
  try {
    return (await world.launcher.settle?.(await executionStart(world, run))) ?? false;
  } catch (error) {
    if (error instanceof RefusedError) return false;
    throw error;
  }
}

async function endRefused(world: World, run: Run, { code, message }: RefusedError): Promise<void> {
  const ended = await endRun(world, run, {
    ...keyOfRun(run),
    attempt: run.attempt,
    state: 'failed',
    endedAt: isoText(world.clock.now()),
    cells: run.cells,
    rows: [],
    error: 'Dag.NotStarted',
    cause: `${code}: ${message}`,
  });
  if (ended !== undefined) await tellEnded(world, ended);
}

/** The place of an attempt that is over is given back by whoever took it late. */
async function leaveIfOver(world: World, run: Run): Promise<void> {
  const now = await world.store.runs.get(keyOfRun(run));
  if (now === undefined || now.attempt !== run.attempt || isFinal(now.state)) await leaveLane(world, run);
}
