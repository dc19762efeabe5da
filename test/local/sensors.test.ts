/** Sensors look until something is there, in real handlers and virtual time. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../lib/base/json.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { boundsOf } from '../../lib/compiler/bounds/bounds.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { type RunOptions, runDag } from '../../lib/local/run.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { CallNode, PokeNode } from '../../lib/model/task.ts';
import { FailTask } from '../../lib/model/task-errors.ts';
import { jsonLines, output, param, temporaryFolder, testDag } from './dag.ts';
import { inVirtualTime, START_MS } from './virtual-time.ts';

function sensor(kind: string, args: JsonObject | null, poke: Partial<PokeNode> = {}, connection?: string) {
  const given = { pokeEvery: '1m', backoff: 1, timeout: '1h', softFail: false, ...poke } as const;
  const call: CallNode = { kind: 'sensor', sensor: kind, args, poke: given };
  return connection === undefined ? call : { ...call, connection };
}

/** A function that finds something at its n-th look. */
function foundAt(look: number, value: unknown = { rows: 3 }) {
  let looks = 0;
  return () => (++looks < look ? undefined : value);
}

describe('sensor.fn', () => {
  test('looks every pokeEvery until the function returns something, and gives it on', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      wait: { call: sensor('fn', null), body: foundAt(4) },
      load: { inputs: { rows: output('wait', 'rows') }, body: (inputs) => void seen.push(inputs) },
    });
    const { state, byId } = await inVirtualTime(dag);
    expect({ state, wait: byId['wait'], seen }).toEqual({
      state: 'success',
      wait: { state: 'success', tries: 1, error: undefined, sec: 180 },
      seen: [{ rows: 3 }],
    });
  });

  test.each([[undefined], [null], [false], [0], [''], [[]]])(
    '%j is nothing: it looks again',
    async (nothing) => {
      const given = [nothing, 'there'];
      const dag = testDag({ wait: { call: sensor('fn', null), body: () => given.shift() } });
      expect((await inVirtualTime(dag)).byId['wait']).toMatchObject({ state: 'success', sec: 60 });
    },
  );

  test('is told to be waiting from its first look that found nothing', async () => {
    const states: (string | undefined)[] = [];
    const dag = testDag({
      wait: { call: sensor('fn', null), retries: [{ attempts: 1 }], body: foundAt(5) },
    });
    await inVirtualTime(dag, {
      onProgress: (projector) => {
        const state = projector.tasks()[0]?.state;
        if (state !== states.at(-1)) states.push(state);
      },
    });
    expect(states).toEqual(['none', 'running', 'waiting', 'running', 'success']);
  });

  test('takes its inputs as any function does', async () => {
    const seen: unknown[] = [];
    const dag = testDag(
      {
        wait: {
          call: sensor('fn', { region: param('region') }),
          body: (inputs) => {
            seen.push(inputs);
            return true;
          },
        },
      },
      { params: { region: { type: 'string', default: 'eu' } } },
    );
    await inVirtualTime(dag);
    expect(seen).toEqual([{ region: 'eu' }]);
  });

  test('waits twice as long each time, but no longer than maxPokeEvery', async () => {
    const looks: number[] = [];
    const clock = new VirtualClock(START_MS);
    const poke = { pokeEvery: '1m', backoff: 2, maxPokeEvery: '5m', timeout: '20m' } as const;
    const dag = testDag({
      wait: {
        call: sensor('fn', null, poke),
        body: () => void looks.push((clock.now() - START_MS) / 60_000),
      },
    });
    const { byId } = await inVirtualTime(dag, { clock });
    expect(looks).toEqual([0, 1, 3, 7, 12, 17, 22]);
    expect(byId['wait']).toMatchObject({ state: 'failed', error: 'Dag.SensorTimeout' });
  });

  test('looks once more where its time is over, then fails; no rule of the author retries that', async () => {
    let looks = 0;
    const dag = testDag({
      wait: {
        call: sensor('fn', null, { pokeEvery: '20m' }),
        retries: [
          { on: ['Dag.SensorTimeout'], attempts: 5 },
          { on: ['States.ALL'], attempts: 5 },
        ],
        body: () => void looks++,
      },
      after: { after: ['wait'], body: () => undefined },
    });
    const { state, byId } = await inVirtualTime(dag);
    expect({ state, looks, after: byId['after']?.state }).toEqual({
      state: 'failed',
      looks: 4,
      after: 'upstream_failed',
    });
    expect(byId['wait']).toEqual({ state: 'failed', tries: 1, error: 'Dag.SensorTimeout', sec: 3600 });
  });

  test('ends skipped with softFail, and what follows is skipped with it', async () => {
    const dag = testDag({
      wait: { call: sensor('fn', null, { softFail: true }), body: () => undefined },
      after: { after: ['wait'], body: () => undefined },
    });
    const { state, byId } = await inVirtualTime(dag);
    expect({ state, wait: byId['wait']?.state, after: byId['after']?.state }).toEqual({
      state: 'success',
      wait: 'skipped',
      after: 'skipped',
    });
  });

  test('other errors are tries of the author, looks are none; the time goes on through both', async () => {
    const tries: number[] = [];
    const looks = ['nothing', 'boom', 'nothing', 'nothing', 'there'];
    const dag = testDag({
      wait: {
        call: sensor('fn', null),
        retries: [{ attempts: 1, delay: '10m' }],
        body: ({ run, log }) => {
          tries.push(run.try);
          const look = looks.shift();
          log.info(`saw ${look}`);
          if (look === 'boom') throw new Error('boom');
          return look === 'there';
        },
      },
    });
    const { byId, folder } = await inVirtualTime(dag);
    expect(byId['wait']).toMatchObject({ state: 'success', tries: 2, sec: 60 + 600 + 60 + 60 });
    expect(tries).toEqual([1, 1, 2, 2, 2]);
    const logged = (file: string) => jsonLines(join(folder, 'logs', file)).map(({ message }) => message);
    expect(logged('wait.1.log')).toEqual(['saw nothing', 'saw boom', 'Error: boom']);
    expect(logged('wait.2.log')).toEqual(['saw nothing', 'saw nothing', 'saw there']);
  });

  test('a FailTask ends it at once, a SkipTask too', async () => {
    const dag = testDag({
      wait: {
        call: sensor('fn', null),
        retries: [{ attempts: 3 }],
        body: () => {
          throw new FailTask('never');
        },
      },
    });
    expect((await inVirtualTime(dag)).byId['wait']).toMatchObject({
      state: 'failed',
      error: 'FailTask',
      sec: 0,
    });
  });

  test('a thousand looks are a thousand transitions, and the machine says so before the run', async () => {
    const poke = { pokeEvery: 1, timeout: 1000 };
    const dag = testDag({ wait: { call: sensor('fn', null, poke), body: () => undefined } });
    const compiled = compile(dag);
    const looks = { MaxAttempts: 1000, IntervalSeconds: 1, BackoffRate: 1 };
    const Retry = expect.arrayContaining([{ ErrorEquals: ['Sensor.NotReady'], ...looks }]);
    expect(compiled.definition.States['wait']).toMatchObject({ Retry });
    const { transitions, byId } = await inVirtualTime(dag);
    expect(byId['wait']?.error).toBe('Dag.SensorTimeout');
    // Entered once, looked again a thousand times, and the state in which the run ends.
    expect(transitions).toBe(1 + 1000 + 1);
    // One more for the verdict, which a skipped one would pass.
    expect(boundsOf(dag, compiled).worst.transitions).toBe(transitions + 1);
  });
});

/** In real time: files, databases and servers know no other. */
async function inRealTime(dag: DagNode, options: Partial<RunOptions> = {}) {
  const { tasks } = await runDag(dag, { root: temporaryFolder(), ...options });
  return Object.fromEntries(
    tasks.map(({ id, state, tries }) => [id, { state, tries: tries.length, error: tries.at(-1)?.error }]),
  );
}

const SOON = { pokeEvery: 1, timeout: 60 } as const;
const ONCE = { pokeEvery: 1, timeout: 1, softFail: true } as const;

describe('sensor.file', () => {
  test('waits for files that match, and gives their paths', async () => {
    const folder = temporaryFolder();
    await mkdir(join(folder, 'orders', 'deep'), { recursive: true });
    await writeFile(join(folder, 'orders', 'notes.txt'), '');
    await writeFile(join(folder, 'orders', 'deep', 'c.csv'), '');
    const seen: unknown[] = [];
    const dag = testDag({
      none: { call: sensor('file.exists', { path: 'missing/*' }, ONCE) },
      deep: { call: sensor('file.exists', { path: 'orders/**.csv' }, SOON) },
      arrive: {
        after: ['none', 'deep'],
        triggerRule: 'none_failed',
        body: async ({ files }) => {
          await files.write('orders/b.csv', '');
          await files.write('orders/a.csv', '');
        },
      },
      wait: { call: sensor('file.exists', { path: 'orders/*.csv' }, SOON) },
      load: {
        inputs: { found: output('wait'), deep: output('deep', 'path') },
        body: (inputs) => void seen.push(inputs),
      },
    });
    expect(await inRealTime(dag, { filesFolder: folder })).toMatchObject({
      none: { state: 'skipped' },
      wait: { state: 'success', tries: 1 },
      load: { state: 'success' },
    });
    const [{ found, deep } = { found: undefined, deep: undefined }] = seen as {
      found: unknown;
      deep: unknown;
    }[];
    expect(found).toMatchObject({ paths: expect.arrayContaining(['orders/b.csv']) });
    expect(deep).toBe('orders/deep/c.csv');
  });
});

describe('sensor.sql', () => {
  test('there is what has a first value that is something', async () => {
    const looks = {
      no_row: 'select 1 where false',
      empty: "select '' as a",
      zero_text: "select '0' as a",
      zero: 'select count(*) as n from range(0)',
      none: 'select null as a, 1 as b',
      no: 'select false as there',
      some: 'select count(*) as n from range(3)',
      text: "select 'x' as a, null as b",
    };
    const tasks = Object.entries(looks).map(([id, statement]) => {
      const args = { statements: [{ parts: [statement] }] };
      return [id, { call: sensor('sql.query', args, ONCE, 'warehouse') }] as const;
    });
    const dag = testDag(Object.fromEntries(tasks), { connections: [{ name: 'warehouse', kind: 'sql' }] });
    const environment = { name: 'local', connections: { warehouse: { kind: 'sql' } } } as const;
    const byId = await inRealTime(dag, { environment });
    const states = Object.entries(byId).map(([id, { state }]) => [id, state]);
    const there = ['some', 'text'];
    expect(states).toEqual(Object.keys(looks).map((id) => [id, there.includes(id) ? 'success' : 'skipped']));
  });
});

describe('sensor.http', () => {
  test('looks again at 404, or at the statuses of notYet; another one above 400 fails the try', async () => {
    const statuses: Record<string, number[]> = { '/a': [404, 200], '/b': [202, 425, 201], '/c': [500] };
    const server = createServer(({ url = '' }, response) => {
      response
        .writeHead(statuses[url]?.shift() ?? 200, { 'content-type': 'application/json' })
        .end('{"n": 1}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const environment = { name: 'local', connections: { api: { kind: 'http', baseUrl } } } as const;
    const waiting = (args: JsonObject) => ({
      call: sensor('http.request', { method: 'GET', ...args }, SOON, 'api'),
    });
    const dag = testDag(
      {
        a: waiting({ path: '/a' }),
        b: waiting({ path: '/b', notYet: [202, 425] }),
        c: waiting({ path: '/c' }),
      },
      { connections: [{ name: 'api', kind: 'http' }] },
    );
    expect(await inRealTime(dag, { environment })).toMatchObject({
      a: { state: 'success', tries: 1 },
      b: { state: 'success', tries: 1 },
      c: { state: 'failed', error: 'Http.500' },
    });
    expect(Object.values(statuses).flat()).toEqual([]);
  });
});

test('a connection that a sensor looks by must be configured, whoever else only plays with it', async () => {
  const dag = testDag(
    {
      wait: { call: sensor('sql.query', { statements: [{ parts: ['select 1'] }] }, {}, 'warehouse') },
      load: {
        call: {
          kind: 'engine',
          engine: 'sql.query',
          connection: 'warehouse',
          args: { statements: [{ parts: ['select 1'] }] },
          local: { kind: 'simulate' },
        },
      },
    },
    { connections: [{ name: 'warehouse', kind: 'sql' }] },
  );
  await expect(runDag(dag, { root: temporaryFolder() })).rejects.toThrow(
    'connections.warehouse: must be configured',
  );
});
