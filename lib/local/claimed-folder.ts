/**
 * Folders of executions whose name is known before they begin: made beside the others and moved there whole, so that of
 * all who start one of that name one does, and nobody sees a part of it.
 */
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RefusedError } from '../base/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import { isNamed } from '../runtime/named-error.ts';
import { isSameAlive, type ProcessMark, thisProcess } from './process-alive.ts';
import {
  notWritable,
  openRunFolder,
  type RunFolder,
  type RunRecord,
  recordText,
  runsFolder,
  saveRecord,
} from './run-folder.ts';

export interface ClaimedRun {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly manifest: Manifest;
  readonly record: RunRecord;
  /** Called once when a line of events or logs can no longer be written. */
  readonly onError: (error: RefusedError) => void;
}

/**
 * Creates the folder of the execution `name`; `undefined` where it has been there before, whoever made it.
 *
 * @throws {RefusedError} `not-writable`; nothing is left behind
 */
export function claimRunFolder({ root, name, manifest, record, onError }: ClaimedRun): RunFolder | undefined {
  const path = join(runsFolder(root), name);
  if (existsSync(path)) return undefined;
  const draft = join(root, '.tutti', 'new', `${name}.${process.pid}`);
  try {
    makeDraft(root, draft);
    linkManifest(root, draft, manifest);
    writeFileSync(join(draft, 'run.json'), recordText(record));
    if (!moved(draft, path)) return undefined;
    return openRunFolder(path, {
      events: 'events.jsonl',
      onError: (error) => onError(notWritable(path, error)),
    });
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw notWritable(path, error);
  }
}

/** Its record; `undefined` where there is no such execution. */
export function recordOf(root: string, name: string): RunRecord | undefined {
  try {
    const record: RunRecord = JSON.parse(readFileSync(join(runsFolder(root), name, 'run.json'), 'utf8'));
    return record;
  } catch (error) {
    if (isNamed(error, 'ENOENT') || isNamed(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** True where the process that runs it is there. */
export function isHeld(record: RunRecord): boolean {
  return isSameAlive(markOf(record));
}

/**
 * Makes this process the one that goes on with an execution that nobody runs; `undefined` where another one does. Of
 * several that try, one succeeds.
 */
export function takeOver(root: string, record: RunRecord): RunRecord | undefined {
  const path = join(runsFolder(root), record.id);
  const self = thisProcess();
  for (let count = (record.resumed ?? 0) + 1; ; count++) {
    const other = claimed(join(path, `resumed.${count}`), self);
    if (other === undefined) {
      const taken = { ...record, ...self, resumed: count };
      saveRecord(path, taken);
      return taken;
    }
    if (isSameAlive(other)) return undefined;
  }
}

/** Writes who claims; gives who was faster. */
function claimed(file: string, self: ProcessMark): ProcessMark | undefined {
  const draft = `${file}.${self.pid}`;
  writeFileSync(draft, JSON.stringify(self));
  try {
    // Whole or not at all, and never over another one.
    linkSync(draft, file);
    return undefined;
  } catch (error) {
    if (!isNamed(error, 'EEXIST')) throw error;
    const other: ProcessMark = JSON.parse(readFileSync(file, 'utf8'));
    return other;
  } finally {
    rmSync(draft, { force: true });
  }
}

function markOf({ pid, since }: RunRecord): ProcessMark {
  return { pid, ...(since === undefined ? {} : { since }) };
}

/** Where runs were before, one call makes it: each is a millisecond on a slow disk. */
function makeDraft(root: string, draft: string): void {
  try {
    mkdirSync(draft);
  } catch (error) {
    if (!isNamed(error, 'ENOENT')) throw error;
    mkdirSync(runsFolder(root), { recursive: true });
    mkdirSync(draft, { recursive: true });
  }
}

function moved(draft: string, path: string): boolean {
  try {
    renameSync(draft, path);
    return true;
  } catch (error) {
    if (!isNamed(error, 'ENOTEMPTY') && !isNamed(error, 'EEXIST')) throw error;
    rmSync(draft, { recursive: true, force: true });
    return false;
  }
}

/** Of manifests that were written: their files. */
const written = new WeakMap<Manifest, Map<string, string>>();

/** A version's manifest is written once, and every run of it has it by another name. */
function linkManifest(root: string, folder: string, manifest: Manifest): void {
  const target = join(folder, 'manifest.json');
  const known = written.get(manifest)?.get(root);
  try {
    linkSync(known ?? writtenManifest(root, manifest), target);
  } catch (error) {
    // Removed meanwhile, or a file system without links.
    if (known !== undefined && isNamed(error, 'ENOENT')) written.delete(manifest);
    writeFileSync(target, textOf(manifest));
  }
}

function writtenManifest(root: string, manifest: Manifest): string {
  const text = textOf(manifest);
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const file = join(root, '.tutti', 'versions', `${name}.json`);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  }
  const files = written.get(manifest) ?? new Map<string, string>();
  files.set(root, file);
  written.set(manifest, files);
  return file;
}

function textOf(manifest: Manifest): string {
  return `${JSON.stringify(manifest)}\n`;
}
