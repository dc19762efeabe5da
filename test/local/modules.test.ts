/** Maps, groups with retries, loops and divided DAGs in real handlers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { project } from '../../lib/history/project.ts';
import { runDag } from '../../lib/local/run.ts';
import type { FnContext } from '../../lib/model/context.ts';
import type { GroupNode } from '../../lib/model/dag.ts';
import type { ModuleKind } from '../../lib/model/module.ts';
import { jsonLines, output, temporaryFolder, testDag } from './dag.ts';

const item = (of: string) => ({ $ref: { kind: 'item', of, path: [] } }) as const;

function group(id: string, tasks: readonly string[], does: ModuleKind): GroupNode {
  return { id, tasks, module: { does, upstream: [], triggerRule: 'all_success' } };
}

function mapped(items: readonly unknown[] = ['a', 'b', 'c'], concurrency?: number) {
  return testDag({
    list: { body: () => items },
    load: {
      map: {
        items: output('list'),
        label: item('load'),
        ...(concurrency === undefined ? {} : { concurrency }),
        maxItems: 100,
      },
      call: { kind: 'fn', inputs: { name: item('load') } },
      after: ['list'],
      body: ({ name }, { run, log }: FnContext) => {
        log.info(`loads ${name}`);
        if (name === 'b') throw new Error('no b');
        return { name, at: run.mapIndex };
      },
    },
    all: {
      inputs: { loaded: output('load') },
      triggerRule: 'all_done',
      body: ({ loaded }) => loaded,
    },
  });
}

describe('a mapped task here', () => {
  test('has a log, a place in the list and an output for each instance', async () => {
    const { state, folder, tasks } = await runDag(mapped(), { root: temporaryFolder() });
    expect(state).toBe('success');
    const [, load, all] = tasks;
    expect(load).toMatchObject({ state: 'failed', items: 3, tries: [] });
    expect(load?.instances).toMatchObject([
      { instance: '0', mapIndex: 0, label: 'a', state: 'success' },
      { instance: '1', mapIndex: 1, label: 'b', state: 'failed', tries: [{ error: 'Error', cause: 'no b' }] },
      { instance: '2', mapIndex: 2, label: 'c', state: 'success' },
    ]);
    expect(all).toMatchObject({ state: 'success' });
    expect(readdirSync(join(folder, 'logs')).sort()).toEqual([
      'load@0.1.log',
      'load@1.1.log',
      'load@2.1.log',
    ]);
    expect(jsonLines(join(folder, 'logs', 'load@1.1.log'))).toMatchObject([
      { level: 'info', message: 'loads b' },
      { level: 'error', message: 'Error: no b' },
    ]);
  });

  test('says in each line of its log which instance it is', async () => {
    const lines: string[] = [];
    await runDag(mapped(['a']), {
      root: temporaryFolder(),
      onLog: ({ task, instance, message }) => lines.push(`${task} ${instance} ${message}`),
    });
    expect(lines).toEqual(['load 0 loads a']);
  });

  test('gives its list to whoever reads it', async () => {
    const got: unknown[] = [];
    const dag = testDag({
      load: {
        map: { items: ['x', 'y'] },
        call: { kind: 'fn', inputs: { name: item('load') } },
        body: ({ name }, { run }: FnContext) => ({ name, at: run.mapIndex }),
      },
      all: { inputs: { loaded: output('load') }, body: ({ loaded }) => void got.push(loaded) },
    });
    await runDag(dag, { root: temporaryFolder() });
    expect(got).toEqual([
      [
        { name: 'x', at: 0 },
        { name: 'y', at: 1 },
      ],
    ]);
  });

  test('leaves events from which the run is read again, those of executions of its items too', async () => {
    const { folder, tasks, modules, state, manifest } = await runDag(mapped(), { root: temporaryFolder() });
    const text = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim();
    const events = text.split('\n').map((line) => JSON.parse(line));
    expect(events.filter(({ execution }) => execution !== undefined).length).toBeGreaterThan(0);
    expect(project(manifest, events)).toEqual({ state, tasks, modules });
  });
});

test('a group with retries runs as a whole until it succeeds', async () => {
  const order: string[] = [];
  const dag = testDag(
    {
      'g.a': { body: () => void order.push('a') },
      'g.b': {
        after: ['g.a'],
        body: () => {
          order.push('b');
          if (order.length < 4) throw new Error('not yet');
        },
      },
    },
    { groups: [group('g', ['g.a', 'g.b'], { kind: 'retry', retries: { attempts: 3, delay: '1h' } })] },
  );
  const clock = new VirtualClock(Date.UTC(2026, 0, 2));
  const { state, modules } = await clock.drive(runDag(dag, { root: temporaryFolder(), clock }));
  expect({ state, order }).toEqual({ state: 'success', order: ['a', 'b', 'a', 'b'] });
  expect(modules).toMatchObject([
    { id: 'g', kind: 'retry', instances: [{ state: 'failed' }, { state: 'success' }] },
  ]);
});

test('a divided DAG is one run', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const dag = testDag(
    Object.fromEntries(
      ids.map((id, index) => [id, { after: index < 3 ? [] : [`t${index - 3}`], body: () => id }]),
    ),
  );
  const compiled = compile(dag, { limits: { tasks: 3 } });
  const { state, tasks } = await runDag(dag, { root: temporaryFolder(), compiled });
  expect(Object.keys(compiled.parts ?? {}).length).toBeGreaterThan(0);
  expect({ state, states: new Set(tasks.map((task) => task.state)) }).toEqual({
    state: 'success',
    states: new Set(['success']),
  });
});
