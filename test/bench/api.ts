import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { apiHandler } from '../../lib/api/handle.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { serveHere } from '../../lib/local/serve.ts';
import { openSqliteStore } from '../../lib/local/sqlite/store.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import type { Store } from '../../lib/store/store.ts';
import { placeOf } from '../api/seed.ts';
import { dateOf } from '../store/build.ts';
import { fillGrown, GROWN, grownDagId } from './grown-store.ts';
import { figure, inFolder, note } from './measure.ts';

const REQUESTS = 6_000;
/** Asked by the child before. */
const WARM_UP = 500;
const CHILD = join(import.meta.dirname, 'api-child.ts');

/** The API over HTTP on a store that has grown, asked by another process: a third each of the list of DAGs, a grid, a run. */
export async function apiBench(): Promise<void> {
  await inFolder(async (folder) => {
    const store = openSqliteStore(join(folder, 'store.db'));
    const begin = process.hrtime.bigint();
    await fillGrown(store);
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    note(`${GROWN.dags * GROWN.runsOfDag} runs of ${GROWN.tasks} tasks: built in ${seconds.toFixed(0)} s`);
    await apiFigures(store);
    await store.close();
  });
}

/** Of a store that {@link fillGrown} filled. */
export async function apiFigures(store: Store): Promise<void> {
  const world = { ...placeOf(store).world, clock: systemClock };
  await figure('api.requests_per_s', '1/s', () => requestsPerSec(world, MIX));
  for (const [name, paths] of PARTS)
    await figure(`api.${name}_per_s`, '1/s', () => requestsPerSec(world, paths));
  await figure('api.changing_requests_per_s', '1/s', () =>
    whileChanging(store, () => requestsPerSec(world, MIX)),
  );
}

const LIST = Array.from({ length: 150 }, (_, index) => `/api/v1/dags?runs=14&limit=${50 + (index % 3) * 25}`);
const GRIDS = Array.from({ length: 150 }, (_, index) => `/api/v1/dags/${grownDagId(index)}/grid?runs=60`);
const RUNS = Array.from({ length: 1_500 }, (_, index) => {
  const run = encodeURIComponent(dateOf((index * 37) % GROWN.runsOfDag));
  return `/api/v1/dags/${grownDagId((index * 101) % GROWN.dags)}/runs/${run}`;
});
const MIX = RUNS.flatMap((run, index) => [
  LIST[index % LIST.length] ?? '',
  run,
  GRIDS[index % GRIDS.length] ?? '',
]);
const PARTS = [
  ['dag_list', LIST],
  ['grid', GRIDS],
  ['run', RUNS],
] as const;

async function requestsPerSec(world: World, paths: readonly string[]): Promise<number> {
  const server = await serveHere({ port: 0, answer: apiHandler(world) });
  const before = process.cpuUsage();
  try {
    const perSec = await asked(server.url, paths);
    const { user, system } = process.cpuUsage(before);
    note(`the server's CPU: ${((user + system) / 1000 / (REQUESTS + WARM_UP)).toFixed(2)} ms a request`);
    return perSec;
  } finally {
    await server.close();
  }
}

/** @throws {Error} when an answer is not 200 */
function asked(url: string, paths: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [CHILD, url, String(REQUESTS)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(paths));
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(Number(text)) : reject(new Error(`api-child ended with ${code}`)),
    );
  });
}

/** Ten runs a second change: what was kept is made anew. */
async function whileChanging(store: Store, work: () => Promise<number>): Promise<number> {
  const end = new AbortController();
  const changing = (async () => {
    for (let count = 0; !end.signal.aborted; count++) {
      const key = { dagId: grownDagId(count % GROWN.dags), runId: dateOf(GROWN.runsOfDag - 1) };
      await store.runs.update(key, { states: ['success', 'failed'] }, { note: `seen ${count}` });
      await setTimeout(100);
    }
  })();
  try {
    return await work();
  } finally {
    end.abort();
    await changing;
  }
}
