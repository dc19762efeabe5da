import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import type { Run } from '../../../lib/model/run.ts';
import { keyOfRun } from '../../../lib/model/run.ts';
import { dateOf, row } from '../../store/build.ts';
import { newFolder } from './folder.ts';

const ROUNDS = 150;

test('processes that make one store and write to it at once do everything once', async () => {
  const file = join(newFolder(), 'store.db');
  const names = ['ann', 'bob', 'cem', 'dee'];
  const results = await Promise.all(
    names.map(async (name) => {
      const child = start(new URL('hammer-main.ts', import.meta.url), file, name);
      const [answer] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      return JSON.parse(answer) as Readonly<Record<string, number>>;
    }),
  );
  const sum = (of: string) => results.reduce((total, result) => total + (result[of] ?? 0), 0);
  const store = openSqliteStore(file);
  const runs = (await store.runs.list({ order: 'oldest', limit: 1_000 })).items;
  expect(sum('created')).toBe(ROUNDS);
  expect(runs.map(({ id }) => id)).toEqual(Array.from({ length: ROUNDS + 1 }, (_, day) => dateOf(day)));
  expect(sum('noted')).toBe(ROUNDS * names.length);
  expect(runs[0]?.rev).toBe(sum('updated') + sum('noted'));
  expect((await store.dags.head('sales'))?.rev).toBe(sum('headUpdated'));
  expect(sum('first')).toBe(ROUNDS);
  expect(Math.max(...results.map(({ most }) => most ?? 0))).toBeLessThanOrEqual(3);
  expect(await store.runs.admitted('sales', 'main')).toEqual([]);
  for (const { id } of runs.slice(1)) {
    const tasks = await store.taskRuns.list({ dagId: 'sales', runId: id });
    expect(tasks.map(({ task }) => task).sort()).toEqual(['all', ...names]);
  }
  await store.close();
});

test('a process killed amid its writes leaves all of them up to one, and a sound file', async () => {
  const file = join(newFolder(), 'store.db');
  let from = 0;
  for (const writes of [1, 40, 85]) {
    const child = start(new URL('write-main.ts', import.meta.url), file, String(from));
    const told = await killedAfter(child, writes);
    const store = openSqliteStore(file);
    const runs = (await store.runs.list({ order: 'oldest', limit: 1_000 })).items;
    expect(runs.map(({ id }) => id)).toEqual(runs.map((_, day) => dateOf(day)));
    expect(runs.length).toBeGreaterThanOrEqual(told + 1);
    // Of the last run any number of its writes: the next process goes on after it.
    for (const run of runs.slice(from, -1)) await expectWhole(run);
    from = runs.length;
    await store.close();

    async function expectWhole(run: Run): Promise<void> {
      expect(run).toMatchObject({ state: 'success', rev: 2 });
      expect(await store.taskRuns.list(keyOfRun(run))).toEqual([row('a'), row('b'), row('c')]);
    }
  }
  const database = new DatabaseSync(file);
  expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
});

type Child = ChildProcessByStdio<null, Readable, null>;

function start(script: URL, ...args: readonly string[]): Child {
  return spawn(process.execPath, [fileURLToPath(script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Kills a process once it has told of so many runs; gives the last it told of. */
async function killedAfter(child: Child, runs: number): Promise<number> {
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    if (told.split('\n').length > runs) child.kill('SIGKILL');
  });
  // Its output too, to the end.
  await once(child, 'close');
  return Number(told.trimEnd().split('\n').at(-1));
}
