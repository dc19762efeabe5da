import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import type { RunEvent } from '../history/run-event.ts';
import { isAlive } from '../local/process-alive.ts';
import { type LoggedTry, loggedTry, type RunRecord, runsFolder } from '../local/run-folder.ts';
import type { LogLine } from '../model/log-line.ts';
import type { Manifest } from '../model/manifest.ts';

/** A run as its folder tells it, whether it ended or its process died. */
export interface PastRun {
  readonly folder: string;
  readonly record: RunRecord;
  /** False where the record says `running` and no process of that id is there. */
  readonly alive: boolean;
  readonly manifest: Manifest;
  readonly events: readonly RunEvent[];
}

/** Log lines of one try. */
export interface TryLog extends LoggedTry {
  readonly lines: readonly LogLine[];
}

/**
 * Reads the run `id`, the beginning of one, or `latest`, for a command.
 *
 * @throws {RefusedError} `unknown-run`
 */
export function readRun(root: string, id: string, command = 'logs'): PastRun {
  const folder = join(runsFolder(root), findRun(root, id, command));
  const record: RunRecord = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const alive = record.state !== 'running' || isAlive(record.pid);
  return { folder, record, alive, manifest, events: readLines<RunEvent>(join(folder, 'events.jsonl')) };
}

/** The last run of a DAG that succeeded; `undefined`: none did. */
export function lastSuccess(root: string, dagId: string): PastRun | undefined {
  return newestRun(root, dagId, ({ state }) => state === 'success');
}

/** The newest run of a DAG whose record is wanted; older records are not read. `undefined`: there is none. */
export function newestRun(
  root: string,
  dagId: string,
  isWanted: (record: RunRecord) => boolean,
): PastRun | undefined {
  const folder = runsFolder(root);
  const id = runIds(root).findLast((runId) => {
    if (!runId.includes(dagId)) return false;
    const record: RunRecord = JSON.parse(readFileSync(join(folder, runId, 'run.json'), 'utf8'));
    return record.dagId === dagId && isWanted(record);
  });
  return id === undefined ? undefined : readRun(root, id);
}

/** True where this very run left its folder. */
export function hasRun(root: string, id: string): boolean {
  return existsSync(join(runsFolder(root), id, 'run.json'));
}

/** Logs of a run by task and try; `task` keeps only its own. */
export function readLogs({ folder }: PastRun, task?: string): readonly TryLog[] {
  const path = join(folder, 'logs');
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .flatMap((name): readonly TryLog[] => {
      const of = loggedTry(name);
      if (of === undefined || (task !== undefined && task !== of.task)) return [];
      return [{ ...of, lines: readLines<LogLine>(join(path, name)) }];
    })
    .sort((a, b) => (a.task === b.task ? a.try - b.try : a.task < b.task ? -1 : 1));
}

/** Full id of the run that `id` means. */
function findRun(root: string, id: string, command: string): string {
  const ids = runIds(root);
  const exact = ids.find((other) => other === id);
  const newest = ids.at(-1);
  if (exact !== undefined) return exact;
  if (id === 'latest' && newest !== undefined) return newest;
  const begun = ids.filter((other) => other.startsWith(id) || other.endsWith(id));
  if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  throw new RefusedError(
    'unknown-run',
    `tutti ${command} › run: must be the id of a run, got "${id}"; ${remedy(id, ids)}`,
  );
}

function remedy(id: string, ids: readonly string[]): string {
  if (ids.length === 0) return 'nothing ran here yet: start with tutti run <dag>';
  const near = nearest(id, ids);
  return near === undefined
    ? `the newest are ${ids.slice(-3).reverse().join(', ')}`
    : `did you mean "${near}"?`;
}

/** Oldest first: ids begin with the instant the run started. */
function runIds(root: string): readonly string[] {
  const folder = runsFolder(root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => hasRun(root, name))
    .sort();
}

/** The whole lines of a file of JSON lines: a crash may have torn the last one. */
function readLines<T>(file: string): readonly T[] {
  if (!existsSync(file)) return [];
  const read: T[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const value = line === '' ? undefined : parsed<T>(line);
    if (value === undefined) break;
    read.push(value);
  }
  return read;
}

function parsed<T>(line: string): T | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
