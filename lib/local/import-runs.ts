/** Takes runs into the store that `tutti run`, or a store that is gone, left in `.tutti/runs`: each once, however often it is asked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Projector } from '../history/project.ts';
import { RecordedRunReader } from '../history/recorded-run.ts';
import type { RunEvent } from '../history/run-event.ts';
import type { Manifest } from '../model/manifest.ts';
import { keyOfRun, type Run } from '../model/run.ts';
import { charOf } from '../model/state-chars.ts';
import { type ExecutionEnd, failuresOf } from '../orchestrator/failures.ts';
import { TAKEN_IN_BY } from '../orchestrator/notify/resend.ts';
import type { World } from '../orchestrator/ports.ts';
import { projectionOf, RUN_ABORTED } from '../orchestrator/projection.ts';
import { isoText } from '../schedule/run-interval.ts';
import { isHeld, recordOf } from './claimed-folder.ts';
import { endIn, readEvents } from './launch/past-events.ts';
import { finishPruning } from './prune-folders.ts';
import { type RunRecord, runsFolder } from './run-folder.ts';
import { runIdOf } from './run-id.ts';

export interface ImportResult {
  /** Names of the executions that are in the store only now. */
  readonly imported: readonly string[];
  /** Those that cannot be read, and why. */
  readonly problems: readonly string[];
}

/** For how long is remembered that a run was taken in: as long as its folder may be there. */
const REMEMBERED_MS = 10 * 365 * 86_400_000;

/**
 * Imports the runs of DAGs that are registered. A run that goes on is left for later; one whose process is gone has
 * failed.
 */
export async function importRuns(world: World, root: string, signal?: AbortSignal): Promise<ImportResult> {
  const imported: string[] = [];
  // Folders of runs that were removed would else be runs again.
  const problems = [...(await unfinished(world, root, signal))];
  const dags = new Set((await world.store.dags.heads()).map(({ dagId }) => dagId));
  for (const name of namesIn(root)) {
    // Thousands are read, and everybody else has a turn.
    await setImmediate();
    if (signal?.aborted) break;
    try {
      if (await isImported(world, { root, name, dags })) imported.push(name);
    } catch (error) {
      problems.push(`run ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { imported, problems };
}

/** What keeps folders of removed runs from going. */
async function unfinished({ store }: World, root: string, signal?: AbortSignal): Promise<readonly string[]> {
  try {
    await finishPruning(store, root, signal);
    return [];
  } catch (error) {
    return [`folders of removed runs: ${error instanceof Error ? error.message : String(error)}`];
  }
}

interface Candidate {
  readonly root: string;
  readonly name: string;
  readonly dags: ReadonlySet<string>;
}

async function isImported(world: World, { root, name, dags }: Candidate): Promise<boolean> {
  const { leases } = world.store;
  const key = `imported ${name}`;
  const nowMs = world.clock.now();
  const untilMs = nowMs + REMEMBERED_MS;
  if ((await leases.once(key, 'begun', untilMs, nowMs)) === 'done') return false;
  const record = recordOf(root, name);
  if (record === undefined || !dags.has(record.dagId)) return false;
  if (record.state === 'running' && (isHeld(record) || (await isKept(world, record)))) return false;
  // Of an attempt of the ledger, the ledger knows best.
  const isNew =
    !(await isKept(world, record)) && (await put(world, { folder: join(runsFolder(root), name), record }));
  await leases.settle(key, 'done', untilMs);
  return isNew;
}

/** True for an attempt of a run that is in this very store: one of another one, that is gone, is as good as any. */
async function isKept({ store }: World, { dagId, input: { run } }: RunRecord): Promise<boolean> {
  return run.type !== undefined && (await store.runs.get({ dagId, runId: run.id })) !== undefined;
}

interface Left {
  readonly folder: string;
  readonly record: RunRecord;
}

async function put({ store }: World, left: Left): Promise<boolean> {
  const manifest: Manifest = JSON.parse(readFileSync(join(left.folder, 'manifest.json'), 'utf8'));
  const { events } = readEvents(left.folder);
  const end = endIn(events) ?? aborted(events, left.record);
  const all = endIn(events) === undefined ? [...events, end] : events;
  const projector = new Projector(manifest);
  const recorded = new RecordedRunReader(manifest);
  for (const event of all) {
    projector.apply(event);
    recorded.apply(event);
  }
  const cells = projector.tasks().map(({ state, masked }) => charOf(masked ? state : 'none'));
  const attempt = Number(left.record.input.run.attempt);
  const projection = projectionOf({ manifest, attempt, cells: cells.join('') }, projector);
  const state = projector.runState();
  const run: Run = {
    ...runOf(left.record),
    version: manifest.hash,
    state: state === 'running' ? 'failed' : state,
    cells: projection.cells,
    endedAt: isoText(end.timestampMs),
    ...(state === 'success' ? {} : failuresOf(manifest, projector, whyOf(left.record, end))),
  };
  const key = keyOfRun(run);
  const isNew = await store.runs.create(run);
  await store.taskRuns.put(key, projection.rows);
  await store.taskRuns.putRecorded(key, recorded.read(projector));
  return isNew;
}

function runOf(record: RunRecord): Omit<Run, 'version' | 'state' | 'cells'> {
  const { id, dagId, startedAt } = record;
  const { run, params } = record.input;
  const at = isoText(Date.parse(startedAt));
  const { type } = run;
  return {
    dagId,
    id: runIdOf(record),
    ...(type === undefined ? { type: 'manual', by: TAKEN_IN_BY.run } : { type, by: TAKEN_IN_BY.store }),
    lane: 'main',
    logicalDate: run.logicalDate,
    interval: run.interval,
    attempt: Number(run.attempt),
    params,
    createdAt: at,
    queuedAt: at,
    startedAt: at,
    execution: id,
    rev: 1,
  };
}

/** What its process would have written last; nobody knows when it died. */
function aborted(events: readonly RunEvent[], { startedAt, error, cause }: RunRecord): RunEvent {
  const own = events.filter(({ execution }) => execution === undefined);
  const previousEventId = own.at(-1)?.id ?? 0;
  const timestampMs = Math.max(Date.parse(startedAt), ...events.map((event) => event.timestampMs));
  const details = { error: error ?? RUN_ABORTED, cause: cause ?? 'its process is gone' };
  return { id: previousEventId + 1, previousEventId, timestampMs, type: 'ExecutionFailed', details };
}

function whyOf({ error, cause }: RunRecord, { details }: RunEvent): ExecutionEnd {
  const why = { error: error ?? details['error'], cause: cause ?? details['cause'] };
  return {
    ...(typeof why.error === 'string' ? { error: why.error } : {}),
    ...(typeof why.cause === 'string' ? { cause: why.cause } : {}),
  };
}

/** Newest first: of several attempts of a run the last one counts. */
function namesIn(root: string): readonly string[] {
  const folder = runsFolder(root);
  return existsSync(folder) ? readdirSync(folder).sort().reverse() : [];
}
