import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { runDag } from '../../lib/local/run.ts';
import { fact, output, temporaryFolder, testDag } from './dag.ts';

/** A→C, A→D, B→D, and across: no nesting of parallel branches says that, so latches do. */
function tangle(order: string[], slow: string) {
  const body = (id: string) => async (inputs: Record<string, unknown>) => {
    if (id === slow) await new Promise((resolve) => setTimeout(resolve, 30));
    order.push(id);
    return { id, got: inputs ?? null };
  };
  return testDag({
    a: { inputs: { day: fact('interval', 'date') }, body: body('a') },
    b: { inputs: { day: fact('interval', 'date') }, body: body('b') },
    c: { inputs: { a: output('a', 'id') }, body: body('c') },
    d: { inputs: { a: output('a', 'id'), b: output('b') }, body: body('d') },
    e: { inputs: { c: output('c', 'got', 'a'), d: output('d', 'got', 'b', 'id') }, body: body('e') },
  });
}

describe('a DAG that is not series-parallel', () => {
  test.each(['a', 'b', 'c', 'none'])('has every output where it is read, with %s slow', async (slow) => {
    const order: string[] = [];
    const dag = tangle(order, slow);
    expect(compile(dag).plan).toHaveProperty('latches.0');
    const outcome = await runDag(dag, { root: temporaryFolder(), logicalDate: '2026-01-01' });
    expect(outcome).toMatchObject({ state: 'success' });
    expect(order).toHaveLength(5);
    expect(order.indexOf('d')).toBeGreaterThan(Math.max(order.indexOf('a'), order.indexOf('b')));
    expect(order.at(-1)).toBe('e');
  });

  test('gives e what came through c and d', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      a: { body: () => ({ id: 'a' }) },
      b: { body: () => ({ id: 'b', list: [1, 2] }) },
      c: { inputs: { a: output('a', 'id') }, body: (inputs) => inputs },
      d: { inputs: { a: output('a', 'id'), b: output('b') }, body: (inputs) => void seen.push(inputs) },
      e: {
        inputs: { c: output('c', 'a'), b: output('b', 'list', 1) },
        after: ['d'],
        body: (inputs) => void seen.push(inputs),
      },
    });
    await runDag(dag, { root: temporaryFolder() });
    expect(seen).toEqual([
      { a: 'a', b: { id: 'b', list: [1, 2] } },
      { c: 'a', b: 2 },
    ]);
  });
});

test('running a date twice leaves identical files', async () => {
  const root = temporaryFolder();
  const dag = testDag({
    write: {
      inputs: { day: fact('interval', 'date') },
      body: ({ day }, { files }) => files.write(`raw/date=${day}/rows.json`, [{ day, rows: [1, 2, 3] }]),
    },
  });
  const contents: string[] = [];
  for (let run = 0; run < 2; run++) {
    await runDag(dag, { root, logicalDate: '2026-01-01' });
    contents.push(readFileSync(join(root, '.tutti/data/raw/date=2026-01-01/rows.json'), 'utf8'));
  }
  expect(contents[1]).toBe(contents[0]);
});
