/** Real processes that meet on one file and are killed there. */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { versionOf } from '../rig.ts';
import { faultsOf, freely, recover } from './check.ts';
import { fileExecutions } from './executions.ts';
import { Place } from './place.ts';
import { MINUTE, START_MS } from './work.ts';

export const LIMIT = 2;

const DAG: DagNode = {
  ...versionOf('one', { kind: 'every', period: '1m', interval: 'data' }).dag,
  catchup: true,
  maxActiveRuns: LIMIT,
};

export function storeFile(folder: string): string {
  return join(folder, 'store.sqlite');
}

export interface Killed {
  /** How many of the processes died where they were told to. */
  readonly kills: number;
  readonly faults: readonly string[];
}

/** Lets a process start for each of the points, all at once; then one that lives looks after what they left. */
export async function killedAt(points: readonly number[]): Promise<Killed> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-killed-'));
  const store = openSqliteStore(storeFile(folder));
  const limits = new Map([['one', LIMIT]]);
  const place = new Place(1, {
    startMs: START_MS,
    limits,
    store,
    executions: fileExecutions(folder),
    process: 'z',
  });
  try {
    await registerDags(place.world(freely), [versionOf('one', DAG.schedule, DAG)]);
    place.nowMs += 4 * MINUTE;
    const processes = points.map((point, index) => child(folder, ['abc'[index] ?? 'd', point, place.nowMs]));
    const kills = (await Promise.all(processes)).filter((signal) => signal === 'SIGKILL').length;
    await recover(place, [DAG]);
    return { kills, faults: await faultsOf(place, [DAG], new Map()) };
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Gives the signal that ended it; a process that fails by itself is a fault of the test. */
function child(folder: string, args: readonly (string | number)[]): Promise<string | null> {
  const main = fileURLToPath(new URL('killed-main.ts', import.meta.url));
  const started = fork(main, [folder, ...args.map(String)], { execArgv: [] });
  return new Promise((resolve, reject) => {
    started.on('error', reject);
    started.on('exit', (code, signal) => {
      if (code === null || code === 0) resolve(signal);
      else reject(new Error(`a scheduler ended with code ${code}`));
    });
  });
}
