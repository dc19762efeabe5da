/** Lines of tries: JSON, each with whose it is. */
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { deployedLine } from '../../../lib/deployment/log-line.ts';
import type { FnContext } from '../../../lib/model/context.ts';
import { testDag } from '../../local/dag.ts';
import { Cloud } from './cloud.ts';
import { eventOf, rig, runInput } from './rig.ts';

const cloud = new Cloud();
await cloud.start();
afterAll(() => cloud.stop());
const table = { name: 'none', url: 'http://127.0.0.1:9' };

test('a line says whose it is, and what was printed is one', async () => {
  const dag = testDag({
    work: {
      body: async ({ log }: FnContext) => {
        log.info('loaded', { rows: 3, of: 5n, why: new Error('no') });
        await Promise.resolve();
        const { console } = globalThis;
        console.log('rows: %d\nand more', 3, { deep: [1] });
        console.debug('hidden?');
        const cycle: Record<string, unknown> = {};
        cycle['self'] = cycle;
        log.warn('cycle', cycle);
      },
    },
  });
  const { call, lines, written, close } = rig(dag, { cloud, table, nowMs: () => Date.UTC(2026, 0, 2) });
  onTestFinished(close);
  const execution = runInput({ table }, 'test', { id: 'r', attempt: '3' });
  await call(eventOf('work', execution, { try: 2, instance: '1.0', mapIndex: 0 }));
  const of = { dag: 'test', run: 'r', attempt: '3', task: 'work', try: 2, instance: '1.0', mapIndex: 0 };
  const at = '2026-01-02T00:00:00.000Z';
  expect(lines()).toEqual([
    {
      ...of,
      at,
      level: 'info',
      message: 'loaded',
      fields: { rows: 3, of: '5', why: { name: 'Error', message: 'no' } },
    },
    { ...of, at, level: 'info', message: 'rows: 3\nand more { deep: [ 1 ] }' },
    { ...of, at, level: 'debug', message: 'hidden?' },
    { ...of, at, level: 'warn', message: 'cycle', fields: { text: '[object Object]' } },
  ]);
  expect(written.every((line) => !line.includes('\n'))).toBe(true);
});

test('tries side by side each have their own lines', async () => {
  const dag = testDag({
    work: {
      inputs: { n: 1 },
      body: async ({ n }, { log }: FnContext) => {
        await new Promise(setImmediate);
        const { console } = globalThis;
        console.log(`printed ${n}`);
        log.info(`logged ${n}`);
      },
    },
  });
  const { call, lines, close } = rig(dag, { cloud, table });
  onTestFinished(close);
  const execution = runInput({ table }, 'test');
  await Promise.all(
    [0, 1, 2].map((n) => call(eventOf('work', execution, { instance: String(n), args: { n } }))),
  );
  const told = lines().map(({ instance, message }) => `${instance}: ${message}`);
  expect(told.sort()).toEqual([0, 1, 2].flatMap((n) => [`${n}: logged ${n}`, `${n}: printed ${n}`]).sort());
});

test('a line is never longer than CloudWatch takes', async () => {
  const dag = testDag({
    work: { body: ({ log }: FnContext) => log.info('x'.repeat(500_000), { list: 'y'.repeat(500_000) }) },
  });
  const { call, written, lines, close } = rig(dag, { cloud, table });
  onTestFinished(close);
  await call(eventOf('work', runInput({ table }, 'test')));
  expect(Buffer.byteLength(written[0] ?? '')).toBeLessThan(256_000);
  expect(lines()[0]?.message).toMatch(/^x{30000}… \(500000 characters\)$/);
});

test('what is no line of a try is told apart', () => {
  for (const text of ['REPORT RequestId: 1', '{"level":"info"}', '[]', '{"task":"a"}', ''])
    expect(deployedLine(text)).toBeUndefined();
});
