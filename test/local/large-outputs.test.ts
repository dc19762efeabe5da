import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { runDag } from '../../lib/local/run.ts';
import { simulate } from '../../lib/local/simulate.ts';
import { output, temporaryFolder, testDag } from './dag.ts';

const LARGE = 'x'.repeat(300_000);

test('an output larger than a state may carry reaches a function by a file', async () => {
  const got: unknown[] = [];
  const dag = testDag({
    read: { body: () => ({ text: LARGE, rows: 3 }) },
    load: {
      inputs: { text: output('read', 'text'), rows: output('read', 'rows') },
      body: ({ text, rows }) => void got.push(text.length, rows),
    },
  });
  const root = temporaryFolder();
  const { state, folder, id } = await runDag(dag, { root });
  expect({ state, got }).toEqual({ state: 'success', got: [300_000, 3] });
  expect(readdirSync(join(root, '.tutti', 'outputs', id))).toHaveLength(1);
  expect(readFileSync(join(folder, 'events.jsonl'), 'utf8').length).toBeLessThan(50_000);
});

test('what the machine evaluates must be small', async () => {
  const dag = testDag({
    read: { body: () => ({ text: LARGE }) },
    gate: {
      call: {
        kind: 'shortCircuit',
        condition: { $ref: { kind: 'call', op: 'eq', args: [output('read', 'text'), 'x'] } },
        respectTriggerRules: false,
      },
      after: ['read'],
      body: () => undefined,
    },
  });
  const { tasks } = await runDag(dag, { root: temporaryFolder() });
  expect(tasks[0]?.tries).toMatchObject([
    {
      error: 'Dag.OutputTooLarge',
      cause:
        'task "read" › output.text: must be at most 65536 bytes, got 300011; write it with files.write and return its path',
    },
  ]);
});

test('a simulated run keeps large outputs too', async () => {
  const dag = testDag({
    read: { body: () => undefined },
    load: { inputs: { text: output('read', 'text') }, body: () => undefined },
  });
  const got: unknown[] = [];
  const { state } = await simulate(
    compile(dag),
    { read: [{ output: { text: LARGE } }] },
    { onTry: ({ args }) => got.push(args?.['text']) },
  );
  expect({ state, got }).toEqual({ state: 'success', got: [undefined, LARGE] });
});

test.each([
  ['few', 20],
  ['many', 60],
])('a list of large outputs of a map of %s items arrives whole', async (_, length) => {
  const got: string[][] = [];
  const items = Array.from({ length }, (_item, at) => `${at}`);
  const item = { $ref: { kind: 'item', of: 'load', path: [] } } as const;
  const dag = testDag({
    load: {
      map: { items },
      call: { kind: 'fn', inputs: { at: item } },
      body: ({ at }) => ({ text: `${at} ${'x'.repeat(40_000)}` }),
    },
    all: { inputs: { loaded: output('load') }, body: ({ loaded }) => void got.push(loaded) },
  });
  const { state } = await runDag(dag, { root: temporaryFolder() });
  expect(state).toBe('success');
  const first = (got[0] ?? []).map((each) => Object(each).text.split(' ')[0]);
  expect(first).toEqual(items);
});

test('large outputs of tasks side by side arrive together', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `t${index}`);
  const got: number[] = [];
  const dag = testDag({
    ...Object.fromEntries(ids.map((id) => [id, { body: () => ({ text: 'x'.repeat(50_000) }) }])),
    all: {
      inputs: Object.fromEntries(ids.map((id) => [id, output(id, 'text')])),
      body: (inputs) => void got.push(...Object.values(inputs).map((text) => String(text).length)),
    },
  });
  const { state } = await runDag(dag, { root: temporaryFolder() });
  expect({ state, got }).toEqual({ state: 'success', got: ids.map(() => 50_000) });
});
