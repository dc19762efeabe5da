/**
 * Removes what `.tutti/` has of runs that are no more: `runs/<execution>` and `outputs/<execution>`. What is to go is
 * first written down, in `.tutti/pruning/`: whatever a crash leaves of it, the next one finishes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../base/json.ts';
import type { Run, RunKey } from '../model/run.ts';
import type { Store } from '../store/store.ts';
import { isHeld, recordOf } from './claimed-folder.ts';
import { isSameAlive, type ProcessMark, thisProcess } from './process-alive.ts';
import { notWritable, type RunRecord, runsFolder } from './run-folder.ts';
import { runIdOf } from './run-id.ts';

/** A run that goes, and the names of all its executions. */
export interface Leaving extends RunKey {
  readonly executions: readonly string[];
}

/** What is written down: by whom, for one that is alive finishes it itself. */
interface Intent {
  readonly by: ProcessMark;
  readonly leaving: readonly Leaving[];
}

/** What goes with each of these runs; asked while they are there. */
export async function leavingOf({ runs }: Store, keys: readonly RunKey[]): Promise<readonly Leaving[]> {
  const leaving: Leaving[] = [];
  for (const key of keys) {
    const run = await runs.get(key);
    if (run !== undefined) leaving.push({ ...key, executions: executionsOf(run) });
  }
  return leaving;
}

/**
 * Writes down what is to go; gives what removes it, of those runs that are gone by then.
 *
 * @throws {RefusedError} `not-writable`; both may be repeated
 */
export function intend(
  store: Store,
  {
    root,
    name,
    leaving,
  }: { readonly root: string; readonly name: string; readonly leaving: readonly Leaving[] },
): (signal?: AbortSignal) => Promise<void> {
  const folder = intentsFolder(root);
  const file = join(folder, `${name}.json`);
  const intent: Intent = { by: thisProcess(), leaving };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(intent));
    renameSync(`${file}.new`, file);
  } catch (error) {
    rmSync(`${file}.new`, { force: true });
    throw notWritable(folder, error);
  }
  return (signal) => carryOut(store, { root, file, leaving }, signal);
}

/**
 * Removes what others that are gone had begun to; gives of how many runs.
 *
 * @throws {RefusedError} `not-writable`
 */
export async function finishPruning(store: Store, root: string, signal?: AbortSignal): Promise<number> {
  let finished = 0;
  const folder = intentsFolder(root);
  for (const name of begunIn(folder)) {
    if (!name.endsWith('.json')) continue;
    const file = join(folder, name);
    const intent = intentIn(file);
    if (intent === undefined || isSameAlive(intent.by)) continue;
    await carryOut(store, { root, file, leaving: intent.leaving }, signal);
    finished += intent.leaving.length;
  }
  return finished;
}

/**
 * Folders of runs that ended before an instant and that the store does not have: it was another one, or their DAG is no
 * more. A run that goes on is none of them, and neither is one that cannot be read.
 */
export async function orphans(
  { runs }: Store,
  root: string,
  endedBefore: string,
): Promise<readonly Leaving[]> {
  const folder = runsFolder(root);
  const stamp = endedBefore.replaceAll(/[-:.]/g, '').replace('Z', '');
  // Names begin with the start of the run, which is before its end.
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name < stamp) : [];
  const found: Leaving[] = [];
  for (const name of names) {
    const record = readable(root, name);
    // No number where the record is none that we wrote.
    if (record === undefined || !(endOf(record) < Date.parse(endedBefore))) continue;
    const key = { dagId: record.dagId, runId: runIdOf(record) };
    if ((await runs.get(key)) === undefined) found.push({ ...key, executions: [name] });
  }
  return found;
}

function begunIn(folder: string): readonly string[] {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch (error) {
    throw notWritable(folder, error);
  }
}

/** `undefined`: somebody else has just finished it, or the disk lost it; what it named is found once it is old. */
function intentIn(file: string): Intent | undefined {
  try {
    const intent: Intent = JSON.parse(readFileSync(file, 'utf8'));
    return intent;
  } catch {
    return undefined;
  }
}

interface Begun {
  readonly root: string;
  /** Where it is written down. */
  readonly file: string;
  readonly leaving: readonly Leaving[];
}

/** Removes it all, or up to the signal: then what is written down stays, for the next one. */
async function carryOut(
  { runs }: Store,
  { root, file, leaving }: Begun,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { executions, ...key } of leaving) {
    if (signal?.aborted) return;
    const run = await runs.get(key);
    // It may have been cleared meanwhile, or made anew: what it has stays.
    const kept = new Set<Json>(run === undefined ? [] : executionsOf(run));
    for (const name of executions) if (!kept.has(name) && !goesOn(root, name)) await remove(root, name);
  }
  rmSync(file, { force: true });
}

async function remove(root: string, name: string): Promise<void> {
  // What is no name of an execution must not lead elsewhere: no text is the folder of all runs.
  if (!/^\w[\w.-]*$/.test(name)) return;
  for (const path of [join(root, '.tutti', 'outputs', name), join(runsFolder(root), name)]) {
    try {
      await rm(path, { recursive: true, force: true });
    } catch (error) {
      throw notWritable(path, error);
    }
  }
}

function executionsOf({ execution, executions = [] }: Run): readonly string[] {
  return [...executions, execution ?? ''].filter((name) => name !== '');
}

function goesOn(root: string, name: string): boolean {
  const record = readable(root, name);
  return record !== undefined && record.state === 'running' && isHeld(record);
}

function readable(root: string, name: string): RunRecord | undefined {
  try {
    return recordOf(root, name);
  } catch {
    return undefined;
  }
}

/** When it ended, or began where nobody knows; never while it goes on. Milliseconds since the epoch. */
function endOf(record: RunRecord): number {
  if (record.endedAt !== undefined) return Date.parse(record.endedAt);
  return isHeld(record) ? Number.POSITIVE_INFINITY : Date.parse(record.startedAt);
}

function intentsFolder(root: string): string {
  return join(root, '.tutti', 'pruning');
}
