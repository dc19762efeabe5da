/** Executions that a process left behind, and what becomes of them. */
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { questionsIn, writeAnswer } from '../../lib/local/approval-files.ts';
import { openPools } from '../../lib/local/pool-table.ts';
import type { FnContext } from '../../lib/model/context.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { Run } from '../../lib/model/run.ts';
import { jsonLines, output, type TestTask, temporaryFolder, testDag } from './dag.ts';
import { launcherIn, startingRun, versionOf } from './launched.ts';

const GONE = 999_999_999;

/** Lets a run come to its end, and then leaves of it what a process that died after those events would have. */
async function interrupted(dag: DagNode, { until, more = 0, root = temporaryFolder() }: Interruption) {
  const { launcher } = launcherIn(root, [dag]);
  const run = startingRun(dag);
  await launcher.start({ run, version: versionOf(dag) });
  await launcher.idle();
  const folder = join(root, '.tutti', 'runs', run.execution ?? '');
  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n');
  const at = lines.findIndex((line) => until.every((text) => line.includes(text)));
  if (at < 0) throw new Error(`no event with ${until.join(' and ')}`);
  const kept = lines.slice(0, at + 1 + more);
  writeFileSync(join(folder, 'events.jsonl'), kept.map((line) => `${line}\n`).join(''));
  const {
    endedAt: _,
    error: _error,
    cause: _cause,
    ...record
  } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...record, state: 'running', pid: GONE }));
  return { root, run, folder, kept };
}

interface Interruption {
  /** The last event that was written holds all of these. */
  readonly until: readonly string[];
  /** And so many after it. @default 0 */
  readonly more?: number;
  readonly root?: string;
}

/** Another process finds it. */
async function settled(root: string, dag: DagNode, run: Run, dags = [dag]) {
  const found = launcherIn(root, dags);
  const name = run.execution ?? '';
  const described = await found.launcher.describe(name, { dagId: dag.id, runId: run.id });
  await found.launcher.settle?.({ run, version: versionOf(dag) });
  await found.launcher.idle();
  expect(found.errors).toEqual([]);
  return { ...found, described };
}

describe('an execution that is lost', () => {
  test('goes on: what had ended stays so, what was under way is tried again', async () => {
    const began: string[] = [];
    const dag = testDag({
      a: {
        body: () => {
          began.push('a');
          return { n: 1 };
        },
      },
      b: {
        retries: [{ attempts: 1, delay: 1 }],
        inputs: { n: output('a', 'n') },
        body: ({ n }, { run }: FnContext) => void began.push(`b ${n} try ${run.try}`),
      },
    });
    const { root, run, kept } = await interrupted(dag, {
      until: ['"TaskScheduled"', '\\"task\\":\\"b\\"'],
      more: 1,
    });
    expect(kept.at(-2)).toContain('"task\\":\\"b');
    began.length = 0;
    const { ended, described } = await settled(root, dag, run);
    expect(described).toBe('lost');
    expect(began).toEqual(['b 1 try 2']);
    expect(ended).toMatchObject([{ state: 'success', cells: 'ss' }]);
    expect(ended[0]?.rows[1]?.tries).toMatchObject([
      { state: 'failed', error: 'Dag.TryLost', cause: expect.stringContaining('a process that was gone at') },
      { state: 'success' },
    ]);
  });

  test('fails where its policy does not try again', async () => {
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => undefined } });
    const { root, run } = await interrupted(dag, { until: ['"TaskStarted"'] });
    const { ended } = await settled(root, dag, run);
    expect(ended).toMatchObject([
      {
        state: 'failed',
        cells: 'fu',
        error: 'Dag.TryLost',
        failed: [{ task: 'a', try: 1, error: 'Dag.TryLost' }],
      },
    ]);
  });

  test('does not mind a torn last line', async () => {
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => undefined } });
    const { root, run, folder } = await interrupted(dag, { until: ['"TaskStateExited"'] });
    appendFileSync(join(folder, 'events.jsonl'), '{"id":7,"prev');
    const { ended } = await settled(root, dag, run);
    expect(ended).toMatchObject([{ state: 'success', cells: 'ss' }]);
    const events = jsonLines(join(folder, 'events.jsonl'));
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
  });

  test('is recorded as failed where its events cannot be read', async () => {
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => undefined } });
    const { root, run, folder, kept } = await interrupted(dag, { until: ['"TaskStateExited"'] });
    const torn = kept.map((line, index) => (index === 2 ? 'nonsense' : line));
    writeFileSync(join(folder, 'events.jsonl'), torn.join('\n'));
    const { ended } = await settled(root, dag, run);
    expect(ended).toMatchObject([
      {
        state: 'failed',
        cells: 'fu',
        error: 'Dag.RunAborted',
        cause: expect.stringContaining('cannot be read'),
      },
    ]);
  });

  test.each<[string, readonly DagNode[], string]>([
    ['gone', [], 'must be among the pipelines here, got none'],
  ])('is recorded as failed where its code is %s', async (_, dags, cause) => {
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => undefined } });
    const { root, run } = await interrupted(dag, { until: ['"TaskStateExited"'] });
    const { ended } = await settled(root, dag, run, [...dags]);
    expect(ended).toMatchObject([
      { state: 'failed', cells: 'su', error: 'Dag.RunAborted', cause: expect.stringContaining(cause) },
    ]);
  });

  test('is recorded as cancelled where somebody stopped it meanwhile', async () => {
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => undefined } });
    const { root, run } = await interrupted(dag, { until: ['"TaskStateExited"'] });
    const other = launcherIn(root, [dag]);
    await other.launcher.stop(run.execution ?? '', { dagId: dag.id, runId: run.id }, 'ann said so');
    const { ended } = await settled(root, dag, run);
    expect(ended).toMatchObject([{ state: 'cancelled', cells: 'sc', cause: 'ann said so' }]);
  });

  test('that had ended, but was not told, is told', async () => {
    const dag = testDag({ a: { body: () => Promise.reject(new Error('broken')) } });
    const { root, run, folder } = await interrupted(dag, { until: ['"ExecutionFailed"'] });
    const first = await settled(root, dag, run);
    const again = await settled(root, dag, run);
    expect(first.ended).toMatchObject([{ state: 'failed', cells: 'f', error: 'Error', cause: 'broken' }]);
    expect(again.described).toBe('ended');
    expect(again.ended).toEqual(first.ended);
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({ state: 'failed' });
  });

  test('is gone on with by one process of several', async () => {
    let began = 0;
    const dag = testDag({ a: { body: () => undefined }, b: { after: ['a'], body: () => void began++ } });
    const { root, run } = await interrupted(dag, { until: ['"TaskStateExited"'] });
    began = 0;
    const found = [launcherIn(root, [dag]), launcherIn(root, [dag]), launcherIn(root, [dag])];
    const start = { run, version: versionOf(dag) };
    await Promise.all(found.map(({ launcher }) => launcher.settle?.(start)));
    await Promise.all(found.map(({ launcher }) => launcher.idle()));
    expect(began).toBe(1);
    expect(found.flatMap(({ ended }) => ended)).toHaveLength(1);
  });

  test('hears what a person answered meanwhile', async () => {
    const dag = testDag({
      gate: { call: { kind: 'approve', message: 'go on?', choices: ['yes', 'no'], rejects: ['no'] } },
      b: { after: ['gate'], body: () => undefined },
    });
    const root = temporaryFolder();
    const first = launcherIn(root, [dag]);
    const run = startingRun(dag);
    await first.launcher.start({ run, version: versionOf(dag) });
    await expect
      .poll(() =>
        existsSync(join(root, '.tutti', 'runs', run.execution ?? '', 'approvals', 'gate.question.json')),
      )
      .toBe(true);
    // As a process that died would leave it.
    cpSync(root, `${root}-after`, { recursive: true });
    onTestFinished(() => rmSync(`${root}-after`, { recursive: true }));
    await first.launcher.stop(
      run.execution ?? '',
      { dagId: dag.id, runId: run.id },
      'the test needs it no more',
    );
    await first.launcher.idle();
    const folder = join(`${root}-after`, '.tutti', 'runs', run.execution ?? '');
    const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...record, pid: GONE }));
    const [question] = questionsIn(folder);
    if (question === undefined) throw new Error('nothing was asked');
    writeAnswer(folder, question, { choice: 'yes', by: 'ann', at: '2026-01-05T00:00:00Z' });
    const { ended } = await settled(`${root}-after`, dag, run);
    expect(ended).toMatchObject([{ state: 'success', cells: 'ss' }]);
  });

  test('takes its places of a pool again before what was under way is tried again', async () => {
    const order: string[] = [];
    const task: TestTask = {
      pool: { name: 'db', slots: 1 },
      retries: [{ attempts: 1, delay: 1 }],
      body: () => void order.push('runs'),
    };
    const dag = testDag({ a: task }, { pools: [{ name: 'db', slots: 1 }] });
    const { root, run } = await interrupted(dag, {
      until: ['"TaskScheduled"', '\\"task\\":\\"a\\"'],
      more: 1,
    });
    order.length = 0;
    const table = await openPools(join(root, '.tutti', 'pools.sqlite'));
    const nowMs = Date.now();
    table.ask({ pool: 'db', holder: 'other', slots: 1, limit: 1, leaseMs: 60_000, pid: process.pid }, nowMs);
    const found = launcherIn(root, [dag]);
    await found.launcher.settle?.({ run, version: versionOf(dag) });
    await expect.poll(() => table.look('db', GONE, nowMs) && waitingIn(root)).toBe(1);
    order.push('given back');
    table.leave('db', 'other', nowMs);
    await found.launcher.idle();
    table.close();
    expect(order).toEqual(['given back', 'runs']);
    expect(found.ended).toMatchObject([{ state: 'success' }]);
  });
});

/** How many wait for places. */
async function waitingIn(root: string): Promise<number> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(root, '.tutti', 'pools.sqlite'), { readOnly: true });
  const [row] = database.prepare('select count(*) as count from places where until_ms is null').all();
  database.close();
  return Number(row?.['count']);
}
