/** Where a DAG is run to see what it does: a copy of its project, of which runs change nothing. */
import { constants, existsSync, realpathSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Environment } from '../../model/environment.ts';
import { databaseFile } from '../engines/databases.ts';

export interface Scratch {
  readonly root: string;
  /** For what is compared later. */
  readonly keep: string;
  /** The same connections, their databases copies. */
  readonly environment: Environment;
  /** Files of the databases, by connection. */
  readonly databases: ReadonlyMap<string, string>;
  remove(): Promise<void>;
}

/** What of `.tutti` a run may read: data and the state of tasks. */
const COPIED = ['data', 'state'];

/** Copies data, state and databases; everything else of the project is there by links. */
export async function scratchProject(project: string, environment: Environment): Promise<Scratch> {
  const root = realpathSync(await mkdtemp(join(tmpdir(), 'tutti-test-')));
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    for (const name of await readdir(project)) {
      if (name !== '.tutti') await symlink(resolve(project, name), join(root, name), 'junction');
    }
    await mkdir(join(root, '.tutti'));
    for (const name of COPIED) {
      const from = join(project, '.tutti', name);
      if (existsSync(from)) await cp(from, join(root, '.tutti', name), { recursive: true, ...CHEAPLY });
    }
    return { root, keep: join(root, '.tutti'), remove, ...(await withDatabases(project, root, environment)) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The project itself, for runs that may change it. */
export async function projectItself(root: string, environment: Environment): Promise<Scratch> {
  const keep = await mkdtemp(join(tmpdir(), 'tutti-test-'));
  const databases = Object.entries(environment.connections).flatMap(([name, config]) =>
    config.kind === 'sql' ? [[name, databaseFile(root, name, config)] as const] : [],
  );
  const remove = () => rm(keep, { recursive: true, force: true });
  return { root, keep, environment, databases: new Map(databases), remove };
}

/** Copies a database, with what was not yet written into it. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  for (const ending of ['', '.wal']) {
    if (existsSync(from + ending)) await copyFile(from + ending, to + ending, CHEAPLY.mode);
    else await rm(to + ending, { force: true });
  }
}

/** Shares the blocks of a file where the file system can. */
const CHEAPLY = { mode: constants.COPYFILE_FICLONE };

async function withDatabases(
  project: string,
  root: string,
  environment: Environment,
): Promise<Pick<Scratch, 'environment' | 'databases'>> {
  const copies = new Map<string, string>();
  const databases = new Map<string, string>();
  const connections = { ...environment.connections };
  for (const [name, config] of Object.entries(connections)) {
    if (config.kind !== 'sql') continue;
    const file = databaseFile(project, name, config);
    const copy = copies.get(file) ?? join(root, '.tutti', `${copies.size}-${basename(file)}`);
    if (!copies.has(file)) await copyDatabase(file, copy);
    copies.set(file, copy);
    databases.set(name, copy);
    connections[name] = { ...config, database: copy };
  }
  return { environment: { ...environment, connections }, databases };
}
