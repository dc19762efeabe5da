import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importRuns } from '../../lib/local/import-runs.ts';
import { runDag } from '../../lib/local/run.ts';
import { openLocalWorld } from '../../lib/local/world.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { output, temporaryFolder, testDag } from './dag.ts';
import { versionOf } from './launched.ts';

async function worldOf(root: string, dag: DagNode) {
  const world = await openLocalWorld({ root, store: memoryStore(), codeOf: () => dag });
  await registerDags(world, [versionOf(dag)]);
  return world;
}

describe('what tutti run left', () => {
  test('is in the store, once, with its task runs and outputs', async () => {
    const root = temporaryFolder();
    const dag = testDag({
      a: { body: () => ({ n: 1 }) },
      b: { inputs: { n: output('a', 'n') }, body: () => Promise.reject(new Error('broken')) },
    });
    const { id } = await runDag(dag, { root, logicalDate: '2026-01-05T00:00:00Z', params: {} });
    const world = await worldOf(root, dag);
    expect(await importRuns(world, root)).toEqual({ imported: [id], problems: [] });
    expect(await importRuns(world, root)).toEqual({ imported: [], problems: [] });
    const { items } = await world.store.runs.list({ dagId: dag.id });
    expect(items).toHaveLength(1);
    const [run] = items;
    if (run === undefined) throw new Error('nothing was imported');
    expect(run).toMatchObject({
      id: expect.stringMatching(/^2026-01-05T00:00:00Z~[0-9A-HJKMNP-TV-Z]{26}$/),
      type: 'manual',
      state: 'failed',
      cells: 'sf',
      by: 'tutti run',
      execution: id,
      version: versionOf(dag).manifest.hash,
      error: 'Error',
      cause: 'broken',
      failed: [{ task: 'b', try: 1, error: 'Error' }],
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
    const key = { dagId: run.dagId, runId: run.id };
    expect((await world.store.taskRuns.list(key)).map(({ task, state }) => [task, state])).toEqual([
      ['a', 'success'],
      ['b', 'failed'],
    ]);
    expect((await world.store.taskRuns.recorded(key))?.outputs.get('a')).toEqual({ n: 1 });
  });

  test('by a process that is gone has failed; a run that goes on is left for later', async () => {
    const root = temporaryFolder();
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => undefined } });
    const { folder } = await runDag(dag, { root });
    const events = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n');
    const last = events.findIndex((line) => line.includes('"TaskStateExited"'));
    writeFileSync(join(folder, 'events.jsonl'), `${events.slice(0, last + 1).join('\n')}\n{"id":`);
    const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    const write = (more: object) =>
      writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...record, state: 'running', ...more }));
    const world = await worldOf(root, dag);
    write({});
    expect((await importRuns(world, root)).imported).toEqual([]);
    write({ pid: 999_999_999 });
    expect((await importRuns(world, root)).imported).toHaveLength(1);
    expect((await world.store.runs.list({ dagId: dag.id })).items).toMatchObject([
      { state: 'failed', cells: 'su', error: 'Dag.RunAborted', cause: 'its process is gone' },
    ]);
  });

  test('of a store that is gone is there again, once', async () => {
    const root = temporaryFolder();
    const dag = testDag({ a: { body: () => undefined } });
    const first = await worldOf(root, dag);
    const { run } = await trigger(first, { name: 'ann', via: 'cli' }, { dagId: dag.id, now: true });
    await first.launcher.idle();
    expect((await importRuns(first, root)).imported).toEqual([]);
    const world = await worldOf(root, dag);
    expect((await importRuns(world, root)).imported).toHaveLength(1);
    expect((await importRuns(world, root)).imported).toEqual([]);
    expect((await world.store.runs.list({})).items).toMatchObject([
      { id: run.id, type: 'manual', state: 'success', by: 'an earlier store', cells: 's' },
    ]);
  });

  test('of a DAG that is not here, or unreadable, stays where it is', async () => {
    const root = temporaryFolder();
    const dag = testDag({ a: { body: () => undefined } });
    await runDag(testDag({ a: { body: () => undefined } }, { id: 'other' }), { root });
    const { id, folder } = await runDag(dag, { root });
    writeFileSync(join(folder, 'manifest.json'), 'nonsense');
    const world = await worldOf(root, dag);
    expect(await importRuns(world, root)).toEqual({
      imported: [],
      problems: [expect.stringContaining(`run ${id}: `)],
    });
    expect((await world.store.runs.list({})).items).toEqual([]);
  });
});
