/**
 * What a run leaves behind: `.tutti/runs/<id>/{manifest.json, run.json, events.jsonl, logs/<task>.<try>.log}`; logs of a
 * task that may run several times are `logs/<task>@<instance>.<try>.log`.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RefusedError } from '../base/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RunInput } from '../model/run-input.ts';
import { isNamed } from '../runtime/named-error.ts';
import { LineFile } from './line-file.ts';

/** `run.json`: replaced as a whole when the run ends. */
export interface RunRecord {
  readonly id: string;
  readonly dagId: string;
  readonly state: 'running' | 'success' | 'failed' | 'cancelled';
  readonly input: RunInput;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Process that runs it: a run whose process is gone is running no more. */
  readonly pid: number;
  /** When that process began. Absent: this system does not tell. */
  readonly since?: string;
  /** How often another process went on with it. @default 0 */
  readonly resumed?: number;
  /** Tasks that were simulated or replaced by a command: nothing real happened there. */
  readonly simulated: readonly string[];
  readonly error?: string;
  readonly cause?: string;
}

/** The open folder of one run. */
export interface RunFolder {
  readonly id: string;
  /** Absolute. */
  readonly path: string;
  readonly events: LineFile;
  /** The log of one try, created by its first line. */
  readonly log: (of: LoggedTry) => LineFile;
  readonly save: (record: RunRecord) => void;
}

/** What a log is of. */
export interface LoggedTry {
  readonly task: string;
  /** `3`, `2.0`: of a task that may run several times. */
  readonly instance?: string;
  readonly try: number;
}

export interface NewRun {
  /** The project's folder. */
  readonly root: string;
  readonly dagId: string;
  readonly startMs: number;
  readonly manifest: Manifest;
  /** The record as the run begins, once its id is known. */
  readonly record: (id: string) => RunRecord;
  /** Called once when a line of events or logs can no longer be written. */
  readonly onError: (error: RefusedError) => void;
}

/**
 * Creates a run's folder with everything that is known at its start.
 *
 * @throws {RefusedError} `not-writable`; nothing is left behind
 */
export function createRunFolder(run: NewRun): RunFolder {
  const runs = runsFolder(run.root);
  const { id, path } = refusing(runs, () => reserve(runs, run));
  const onError = (error: unknown) => run.onError(notWritable(path, error));
  try {
    mkdirSync(join(path, 'logs'));
    writeFileSync(join(path, 'manifest.json'), `${JSON.stringify(run.manifest)}\n`);
    saveRecord(path, run.record(id));
    return openRunFolder(path, { events: 'events.jsonl', onError });
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw notWritable(path, error);
  }
}

/** A run's folder that is there, to be written. @throws the file system's error */
export function openRunFolder(
  path: string,
  { events, onError }: { readonly events: string; readonly onError: (error: unknown) => void },
): RunFolder {
  let hasLogs = false;
  return {
    id: basename(path),
    path,
    events: new LineFile(join(path, events), onError, { hold: true }),
    log(of) {
      // Most runs of small tasks write none.
      if (!hasLogs) mkdirSync(join(path, 'logs'), { recursive: true });
      hasLogs = true;
      return new LineFile(logFile(path, of), onError);
    },
    save: (record) => refusing(path, () => saveRecord(path, record)),
  };
}

/** Where the log of a try is; there is none where the try wrote nothing. */
export function logFile(folder: string, { task, instance, try: tryNumber }: LoggedTry): string {
  const run = instance === undefined || instance === '' ? task : `${task}@${instance}`;
  return join(folder, 'logs', `${run}.${tryNumber}.log`);
}

/** The try that a log's file name tells; `undefined` for other files. */
export function loggedTry(name: string): LoggedTry | undefined {
  const [, task, instance, tryNumber] = /^([^@]+?)(?:@([\d.]+))?\.(\d+)\.log$/.exec(name) ?? [];
  if (task === undefined || tryNumber === undefined) return undefined;
  return { task, ...(instance === undefined ? {} : { instance }), try: Number(tryNumber) };
}

/** What a record gains when its run has ended. */
export function endOf({
  state,
  endMs,
  error,
  cause,
}: Pick<RunRecord, 'state' | 'error' | 'cause'> & { readonly endMs: number }): Partial<RunRecord> {
  return {
    state,
    endedAt: new Date(endMs).toISOString(),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Where the runs of a project are. */
export function runsFolder(root: string): string {
  return join(root, '.tutti', 'runs');
}

/** Ids sort by the run's start. The folder is the reservation: two runs of one instant get two ids. */
function reserve(runs: string, { startMs, dagId }: NewRun): { readonly id: string; readonly path: string } {
  mkdirSync(runs, { recursive: true });
  const stamp = new Date(startMs).toISOString().replaceAll(/[-:.]/g, '');
  for (let count = 1; ; count++) {
    const id = count === 1 ? `${stamp}-${dagId}` : `${stamp}-${dagId}-${count}`;
    const path = join(runs, id);
    if (created(path)) return { id, path };
  }
}

function created(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (isNamed(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A record as it stands in its file. */
export function recordText(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Writes a run's record, whole. */
export function saveRecord(path: string, record: RunRecord): void {
  const file = join(path, 'run.json');
  writeFileSync(`${file}.new`, recordText(record));
  renameSync(`${file}.new`, file);
}

function refusing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw notWritable(path, error);
  }
}

/** The refusal of a folder that cannot be written. */
export function notWritable(path: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RefusedError(
    'not-writable',
    `run › ${path}: must be a folder that can be written, got ${why}; free some space or change its owner`,
    { cause },
  );
}
