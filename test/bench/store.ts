import { statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openSqliteStore } from '../../lib/local/sqlite/store.ts';
import type { Run } from '../../lib/model/run.ts';
import type { Store, TaskRunRow } from '../../lib/store/store.ts';
import { head, row, run } from '../store/build.ts';
import { figure, inFolder, note } from './measure.ts';

const DAGS = 250;
const RUNS_OF_DAG = 400;
const TASKS = 20;
const CALLS = 300;

/** Reads of a store that has grown: 100,000 runs of 20 tasks, in one SQLite file. */
export async function storeBench(): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, 'store.db');
    const store = openSqliteStore(file);
    const sec = await secondsOf(() => fill(store));
    const bytes = statSync(file).size;
    const runs = DAGS * RUNS_OF_DAG;
    note(`${runs} runs of ${TASKS} tasks: built in ${sec.toFixed(0)} s, ${(bytes / 1e6).toFixed(0)} MB`);
    await gridFigures(store);
    const dagOf = chosen(DAGS);
    const dayOf = chosen(RUNS_OF_DAG);
    await figure('store.dag_list_ms', 'ms', () =>
      percentile95(async () => {
        await store.dags.heads();
        // The first of these has read them all; now as they go on.
        const of = { dagId: dagId(dagOf()), runId: run(RUNS_OF_DAG - 1).id };
        await store.runs.update(of, { states: ['success', 'failed'] }, {});
        return (await store.dags.recent(14)).length === DAGS + 1;
      }),
    );
    await figure('store.grid_ms', 'ms', () =>
      percentile95(
        async () => (await store.runs.list({ dagId: dagId(dagOf()), limit: 100 })).items.length === 100,
      ),
    );
    await figure('store.run_ms', 'ms', () =>
      percentile95(async () => {
        const key = { dagId: dagId(dagOf()), runId: run(dayOf()).id };
        const [found, tasks] = [await store.runs.get(key), await store.taskRuns.list(key)];
        return found !== undefined && tasks.length === TASKS;
      }),
    );
    await figure('store.failed_ms', 'ms', () =>
      percentile95(async () => (await store.runs.list({ states: ['failed'] })).items.length === 100),
    );
    const { cursor } = await store.runs.changes();
    await figure('store.changes_ms', 'ms', () =>
      percentile95(async () => (await store.runs.changes(cursor)).runs.length === 0),
    );
    await store.close();
  });
}

/** One DAG of 500 tasks: what its grid of 100 runs takes to read, and to send. */
async function gridFigures(store: Store): Promise<void> {
  await store.dags.createHead(head('wide'));
  for (let day = 0; day < 100; day++)
    await store.runs.create(ended(day, { dagId: 'wide', cells: cellsOf(day, 500) }));
  const read = async () => (await store.runs.list({ dagId: 'wide', limit: 100 })).items;
  await figure('grid.100x500_ms', 'ms', () => percentile95(async () => (await read()).length === 100));
  await figure('grid.100x500_gzip_kb', 'kB', async () => {
    const runs = (await read()).map(({ id, type, state, startedAt, endedAt, attempt, cells }) => ({
      id,
      type,
      state,
      startedAt,
      endedAt,
      attempt,
      cells,
    }));
    return gzipSync(JSON.stringify({ runs })).length / 1_000;
  });
}

/** As a project that has been at it for a year: each run with all its task runs. */
async function fill(store: Store): Promise<void> {
  for (let dag = 0; dag < DAGS; dag++) {
    await store.dags.createHead(head(dagId(dag), { description: 'Orders by country', owner: 'data' }));
    for (let day = 0; day < RUNS_OF_DAG; day++) {
      const one = ended(day, { dagId: dagId(dag), cells: cellsOf(day + dag, TASKS) });
      await store.runs.create(one);
      await store.taskRuns.put({ dagId: one.dagId, runId: one.id }, rowsOf(day));
    }
  }
}

function ended(day: number, over: Partial<Run>): Run {
  const { createdAt } = run(day);
  const state = (over.cells ?? '').includes('f') ? 'failed' : 'success';
  const execution = `${over.dagId}-${createdAt}-1`;
  return run(day, { state, startedAt: createdAt, endedAt: createdAt, transitions: 61, execution, ...over });
}

/** States of a run's tasks: nine of ten succeeded, the others are anything, nothing that compresses well. */
function cellsOf(seed: number, tasks: number): string {
  const next = chosen(200, seed * 31 + 7);
  return Array.from({ length: tasks }, () => 'fukktkuskk'.charAt(next()) || 's').join('');
}

function rowsOf(day: number): readonly TaskRunRow[] {
  return Array.from({ length: TASKS }, (_, task) => {
    const startMs = Date.UTC(2026, 0, day + 1, 0, task);
    const times = { startMs, endMs: startMs + 40_000 };
    return row(`load_country_${task}`, { ...times, tries: [{ ...times, state: 'success' }] });
  });
}

function dagId(index: number): string {
  return `orders_${String(index).padStart(3, '0')}`;
}

/** Numbers below `count` all over the range, the same in each run of the bench. */
function chosen(count: number, seed = 1): () => number {
  let last = seed;
  return () => {
    last = (last * 48_271) % 2_147_483_647;
    return last % count;
  };
}

/** Milliseconds that 95 of 100 calls stay below. @throws {Error} when an answer is wrong: its time would mean nothing */
async function percentile95(call: () => Promise<boolean>): Promise<number> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index++) {
    const begin = process.hrtime.bigint();
    const isRight = await call();
    times.push(Number(process.hrtime.bigint() - begin) / 1e6);
    if (!isRight) throw new Error('a wrong answer');
  }
  const { user, system } = process.cpuUsage(before);
  // What it takes itself, whatever else this machine does.
  note(`${((user + system) / 1e3 / CALLS).toFixed(2)} ms of processor time a call`);
  return times.sort((a, b) => a - b)[Math.floor(CALLS * 0.95)] ?? Number.NaN;
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const begin = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begin) / 1e9;
}
