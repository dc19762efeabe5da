/** Tasks hold places of pools while they run, and give them back whatever happens. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { compile, compileSound } from '../../lib/compiler/compile.ts';
import { openPools, type Place } from '../../lib/local/pool-table.ts';
import { runDag } from '../../lib/local/run.ts';
import type { TaskBody } from '../../lib/model/bodies.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { SkipTask } from '../../lib/model/task-errors.ts';
import { output, type TestTask, temporaryFolder, testDag } from './dag.ts';
import { inVirtualTime, START_MS } from './virtual-time.ts';

const DB = { pool: { name: 'db', slots: 1 } } as const;

function pooled(
  tasks: Readonly<Record<string, TestTask>>,
  slots = 1,
  options: Partial<DagNode> = {},
): DagNode {
  return testDag(tasks, { pools: [{ name: 'db', slots }], ...options });
}

/** Bodies that take some seconds, and note when they ran, seconds from the start. */
function timed(clock: VirtualClock) {
  const spans: (readonly [id: string, from: number, to: number])[] = [];
  const now = () => (clock.now() - START_MS) / 1000;
  const busy =
    (id: string, sec: number, end?: (run: { readonly try: number }) => unknown): TaskBody =>
    async ({ run }) => {
      const from = now();
      await clock.until(clock.now() + sec * 1000);
      spans.push([id, from, now()]);
      return end?.(run);
    };
  return { spans, busy };
}

function fails(): never {
  throw new Error('boom');
}

describe('a pool', () => {
  test('lends its places in the order they are asked for', async () => {
    const clock = new VirtualClock(START_MS);
    const { spans, busy } = timed(clock);
    const dag = pooled({
      a: { ...DB, body: busy('a', 10) },
      b: { ...DB, body: busy('b', 10) },
      c: { ...DB, body: busy('c', 10) },
      free: { body: busy('free', 1) },
    });
    const { state } = await inVirtualTime(dag, { clock });
    expect({ state, spans }).toEqual({
      state: 'success',
      spans: [
        ['free', 0, 1],
        ['a', 0, 10],
        ['b', 10, 20],
        ['c', 20, 30],
      ],
    });
  });

  test('tells who waits for it', async () => {
    const clock = new VirtualClock(START_MS);
    const { busy } = timed(clock);
    const states: (readonly (string | undefined)[])[] = [];
    await inVirtualTime(pooled({ a: { ...DB, body: busy('a', 10) }, b: { ...DB, body: busy('b', 10) } }), {
      clock,
      onProgress: (projector) => void states.push(projector.tasks().map(({ state }) => state)),
    });
    expect(states).toContainEqual(['running', 'queued']);
    expect(states).toContainEqual(['success', 'running']);
  });

  test('lets nobody overtake who needs more places than are free', async () => {
    const clock = new VirtualClock(START_MS);
    const { spans, busy } = timed(clock);
    const dag = pooled(
      {
        one: { ...DB, body: busy('one', 10) },
        both: { pool: { name: 'db', slots: 2 }, body: busy('both', 10) },
        late: { ...DB, body: busy('late', 10) },
      },
      2,
    );
    await inVirtualTime(dag, { clock });
    expect(spans).toEqual([
      ['one', 0, 10],
      ['both', 10, 20],
      ['late', 20, 30],
    ]);
  });

  test('gets its place back from tasks that fail and skip; one that is retried keeps it meanwhile', async () => {
    const clock = new VirtualClock(START_MS);
    const { spans, busy } = timed(clock);
    const skips = () => {
      throw new SkipTask('nothing to do');
    };
    const dag = pooled({
      a: { ...DB, body: busy('a', 5, fails), retries: [{ attempts: 1, delay: 20 }] },
      b: { ...DB, body: busy('b', 5, skips) },
      c: {
        ...DB,
        body: busy('c', 5, ({ try: number }) => (number === 1 ? fails() : 1)),
        retries: [{ attempts: 1, delay: 1 }],
      },
      d: { ...DB, after: ['a'], triggerRule: 'all_failed', body: busy('d', 5) },
      e: { ...DB, after: ['b'], body: busy('e', 5) },
    });
    const { byId } = await inVirtualTime(dag, { clock });
    expect(spans).toEqual([
      ['a', 0, 5],
      ['a', 25, 30],
      ['b', 30, 35],
      ['c', 35, 40],
      ['c', 41, 46],
      ['d', 46, 51],
    ]);
    expect(Object.entries(byId).map(([id, { state }]) => [id, state])).toEqual([
      ['a', 'failed'],
      ['b', 'skipped'],
      ['c', 'success'],
      ['d', 'success'],
      ['e', 'skipped'],
    ]);
  });

  test('costs two transitions, and what the task gives goes on through it', async () => {
    const seen: unknown[] = [];
    const tasks = (own: Partial<TestTask>) => ({
      a: { ...own, body: () => ({ n: 1 }) },
      b: { inputs: { n: output('a', 'n') }, body: (inputs: unknown) => void seen.push(inputs) },
    });
    const without = await inVirtualTime(pooled(tasks({})));
    const within = await inVirtualTime(pooled(tasks(DB)));
    expect(within.transitions - without.transitions).toBe(2);
    expect(seen).toEqual([{ n: 1 }, { n: 1 }]);
    const { States } = compile(pooled(tasks(DB))).definition;
    expect(Object.keys(States)).toEqual(expect.arrayContaining(['a · acquire', 'a', 'a · release']));
  });

  test('is held by branchers and short circuits, which decide all the same', async () => {
    const run = (pool: Partial<TestTask>) =>
      inVirtualTime(
        pooled({
          size: {
            ...pool,
            call: { kind: 'branch', inputs: null, labels: ['big', 'small'] },
            body: () => 'big',
          },
          big: { body: () => undefined },
          small: { body: () => undefined },
          some: {
            ...pool,
            call: { kind: 'shortCircuitFn', inputs: null, respectTriggerRules: false },
            body: () => false,
          },
          below: { after: ['some'], body: () => undefined },
        }),
      );
    const labelled = (dag: Awaited<ReturnType<typeof run>>) => dag.tasks.map(({ id, state }) => [id, state]);
    expect(labelled(await run(DB))).toEqual(labelled(await run({})));
  });

  test('holds every instance of a mapped task back', async () => {
    const clock = new VirtualClock(START_MS);
    const { spans, busy } = timed(clock);
    const body: TaskBody = ({ n }, context) => busy(`load ${n}`, 10)(context);
    const items: TestTask = {
      ...DB,
      map: { items: [1, 2, 3] },
      inputs: { n: { $ref: { kind: 'item', of: 'load', path: [] } } },
      body,
    };
    const { state } = await inVirtualTime(pooled({ load: items }, 2), { clock });
    expect({ state, spans }).toEqual({
      state: 'success',
      spans: [
        ['load 1', 0, 10],
        ['load 2', 0, 10],
        ['load 3', 10, 20],
      ],
    });
  });

  test('that refuses a task fails it', async () => {
    const dag = pooled({
      a: { pool: { name: 'db', slots: 3 }, body: () => undefined },
      b: { ...DB, body: () => 1 },
    });
    // The rules would tell before.
    const { byId } = await inVirtualTime(dag, { compiled: compileSound(dag) });
    expect([byId['a']?.state, byId['b']?.state]).toEqual(['failed', 'success']);
  });

  test('is given back by a run that is cancelled', async () => {
    const root = temporaryFolder();
    const stop = new AbortController();
    const hangs = pooled({
      a: { ...DB, body: () => new Promise(() => stop.abort()) },
      b: { ...DB, body: fails },
    });
    expect(await runDag(hangs, { root, signal: stop.signal })).toMatchObject({ state: 'cancelled' });
    expect(await runDag(pooled({ a: { ...DB, body: () => 1 } }), { root })).toMatchObject({
      state: 'success',
    });
  });
});

describe('runs of one project', () => {
  test('share a pool', async () => {
    const root = temporaryFolder();
    let running = 0;
    let most = 0;
    const body = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
    };
    const dag = pooled({ a: { ...DB, body }, b: { ...DB, body }, c: { body } });
    const runs = await Promise.all([runDag(dag, { root }), runDag(dag, { root }), runDag(dag, { root })]);
    expect(runs.map(({ state }) => state)).toEqual(['success', 'success', 'success']);
    expect(most).toBeLessThanOrEqual(1 + 3);
    expect(most).toBeGreaterThan(1);
  });

  test('in other processes too; one that is killed leaves its places to the next', async () => {
    const root = temporaryFolder();
    const holder = started(root);
    await said(holder, 'running');
    const waiter = started(root);
    await said(waiter, 'asked');
    holder.kill('SIGKILL');
    await said(waiter, 'running');
  });
});

/** A process that runs a DAG whose task holds the only place for ever. */
function started(root: string): ChildProcess {
  const child = fork(fileURLToPath(new URL('pool-main.ts', import.meta.url)), [root]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message === word) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was ${word}`)));
  });
}

describe('the table of pools', () => {
  const place = (holder: string, more: Partial<Place> = {}): Place => ({
    pool: 'db',
    holder,
    slots: 1,
    limit: 1,
    leaseMs: 1000,
    pid: process.pid,
    ...more,
  });

  test('takes back what was lent for too long', async () => {
    const table = await openPools(':memory:');
    expect(table.ask(place('a'), 0)).toEqual(['a']);
    expect(table.ask(place('b'), 500)).toEqual([]);
    expect(table.look('db', process.pid, 999)).toEqual(['a']);
    expect(table.look('db', process.pid, 1000)).toEqual(['b']);
  });

  test('keeps the place of who asks again, with a new lease', async () => {
    const table = await openPools(':memory:');
    table.ask(place('a'), 0);
    table.ask(place('b'), 0);
    table.ask(place('c'), 0);
    table.ask(place('b'), 0);
    expect(table.ask(place('a'), 900)).toEqual([]);
    expect(table.look('db', process.pid, 1800)).toEqual(['a']);
    expect(table.leave('db', 'a', 1800)).toEqual(['b']);
  });

  test('giving back twice, or what was never held, changes nothing', async () => {
    const table = await openPools(':memory:');
    table.ask(place('a'), 0);
    table.ask(place('b'), 0);
    expect(table.leave('db', 'nobody', 0)).toEqual([]);
    expect(table.leave('db', 'a', 0)).toEqual(['b']);
    expect(table.leave('db', 'a', 0)).toEqual([]);
    expect(table.look('db', process.pid, 0)).toEqual(['b']);
  });

  test('forgets processes that are gone', async () => {
    const table = await openPools(':memory:');
    const gone = spawn(process.execPath, ['--version']);
    await new Promise((resolve) => gone.once('exit', resolve));
    table.ask(place('dead', { pid: gone.pid ?? 0 }), 0);
    expect(table.ask(place('alive'), 0)).toEqual([]);
    expect(table.look('db', process.pid, 0)).toEqual(['alive']);
  });
});
