/** What a DAG's function is sent: everything that is no call of it is refused, with the place and the rule. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../lib/base/json.ts';
import { testDag } from '../../local/dag.ts';
import { Cloud } from './cloud.ts';
import { eventOf, rig, runInput } from './rig.ts';

const cloud = new Cloud();
await cloud.start();
const table = { name: 'none', url: 'http://127.0.0.1:9' };
const dag = testDag({ work: { body: () => 1 } });
const jobs: unknown[] = [];
const { call, close, lines, written } = rig(dag, {
  cloud,
  table,
  endJobs: async (event, { log, table: name, file }) => {
    jobs.push([event, name, file.environment]);
    log.info('2 jobs');
    return { cancelled: 2 };
  },
});
afterAll(() => {
  close();
  cloud.stop();
});

const SOUND = eventOf('work', runInput({ table }, 'test'), {
  poke: { timeout: 1, softFail: false },
  since: '2026-01-01T00:00:00Z',
});

function changed(path: string, value: unknown): JsonObject {
  const event = structuredClone(SOUND) as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const inside = names.reduce<Record<string, unknown>>(
    (at, name) => at[name] as Record<string, unknown>,
    event,
  );
  inside[last] = value;
  return event as JsonObject;
}

test.each([
  ['task', undefined, 'event › task: must be text, got nothing'],
  ['task', 7, 'event › task: must be text, got 7'],
  ['try', '1', 'event › try: must be a whole number from 1, got "1"'],
  ['try', 0, 'event › try: must be a whole number from 1, got 0'],
  ['instance', '1-2', 'event › instance: must be counters, "3" or "2.0", got "1-2"'],
  ['mapIndex', -1, 'event › mapIndex: must be a whole number from 0, got -1'],
  ['since', 'today', 'event › since: must be an instant in ISO 8601, got "today"'],
  ['args', [], 'event › args: must be an object, got []'],
  ['want', 'rows', 'event › want: must be a list of texts, got "rows"'],
  ['record', 'yes', 'event › record: must be true or false, got "yes"'],
  ['execution', null, 'event › execution: must be an object, got null'],
  ['execution.params', undefined, 'event › execution.params: must be an object, got nothing'],
  ['execution.run.table', '', 'event › execution.run.table: must be text, got ""'],
  ['execution.run.attempt', 1, 'event › execution.run.attempt: must be a whole number as text, got 1'],
  ['execution.run.expires', 'x', 'event › execution.run.expires: must be a whole number as text, got "x"'],
  [
    'execution.run.interval',
    {},
    'event › execution.run.interval.start: must be an instant in ISO 8601, got nothing',
  ],
  [
    'execution.run.dagId',
    'sales',
    'event › execution.run.dagId: must be "test", whose function this is, got "sales"',
  ],
  ['execution.rerun', { tasks: 'a' }, 'event › execution.rerun.tasks: must be a list of texts, got "a"'],
  ['poke', { timeout: '1' }, 'event › poke.timeout: must be seconds from 0, got "1"'],
])('%s = %j is refused', async (path, value, message) => {
  await expect(call(changed(path, value))).rejects.toMatchObject({
    name: 'Dag.UnknownCall',
    message: `dag "test" › ${message}; send what the DAG's state machine sends: a task's event, or { kind: 'cancel', … }`,
  });
});

test('what is no object is refused', async () => {
  for (const sent of [undefined, null, 'work', 1, [SOUND]])
    await expect(call(sent)).rejects.toMatchObject({
      name: 'Dag.UnknownCall',
      message: expect.stringContaining('dag "test" › event: must be an object'),
    });
});

test('any JSON is refused by name, and never by chance', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (sent) => {
      await expect(call(sent)).rejects.toMatchObject({ name: 'Dag.UnknownCall' });
    }),
    { numRuns: 200 },
  );
});

test('a run’s jobs are ended where Core asks for it', async () => {
  const event = { kind: 'cancel', dagId: 'test', runId: 'r', attempt: 2, cause: 'ann' };
  expect(await call(event)).toEqual({ cancelled: 2 });
  expect(jobs).toEqual([[event, 'tutti-test', 'test']]);
  expect(JSON.parse(written.at(-1) ?? '')).toMatchObject({
    dag: 'test',
    run: 'r',
    attempt: '2',
    message: '2 jobs',
  });
  // A line of no task is no line of a try.
  expect(lines()).toEqual([]);
  await expect(call({ ...event, attempt: '2' })).rejects.toMatchObject({
    message: expect.stringContaining('event › attempt: must be a whole number from 1, got "2"'),
  });
  await expect(call({ ...event, dagId: 'sales' })).rejects.toMatchObject({ name: 'Dag.UnknownCall' });
});
