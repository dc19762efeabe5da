import { describe, expect, test } from 'vitest';
import { fn } from '../../lib/index.ts';
import { createBackfill } from '../../lib/orchestrator/backfill/create.ts';
import { type ClearRequest, clearRuns } from '../../lib/orchestrator/clear.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { codeOnlyOf, ended, endWith, nothing, sales, versionOfBody, worldOf } from './changes.ts';
import { PERSON, type Rig, runAt } from './rig.ts';

const failedLoad = { load: 'failed', report: 'upstream_failed' } as const;
const outputs = new Map([['first', { rows: 3 }]]);

async function cleared(made: Rig, request: Omit<ClearRequest, 'dagId'>) {
  const { runs } = await clearRuns(made, PERSON, { dagId: 'd', ...request });
  return runs;
}

describe('clear', () => {
  test('runs what failed again, in the same run, with what the others gave', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad, { outputs });
    const request = { runs: { runId: run.id }, onlyFailed: true } as const;
    const told = [
      {
        runId: run.id,
        tasks: ['load', 'report'],
        kept: [
          { task: 'first', state: 'success' },
          { task: 'other', state: 'success' },
        ],
        notes: [],
      },
    ];
    expect(await cleared(made, { ...request, dryRun: true })).toEqual(told);
    expect(await runAt(made, 'd', run.id)).toEqual(run);
    expect(await cleared(made, { ...request, note: 'the file is there' })).toEqual(told);
    const again = await runAt(made, 'd', run.id);
    expect(again).toMatchObject({ state: 'running', attempt: 2, cells: 's--s', note: 'the file is there' });
    expect(made.starts.at(-1)).toMatchObject({
      run: { again: ['load', 'report'] },
      rerun: { tasks: ['load', 'report'], data: {}, outputs: { first: { rows: 3 } } },
    });
    expect(again).not.toHaveProperty('endedAt');
    const { items } = await made.store.audit.list({ action: 'clear' });
    expect(items).toMatchObject([{ actor: 'ada', runId: run.id, details: { tasks: ['load', 'report'] } }]);
  });

  test.each([
    [['report'], ['report']],
    [['load+'], ['load', 'report']],
    [['+load'], ['first', 'load']],
    [
      ['first', 'other'],
      ['first', 'other'],
    ],
    [undefined, ['first', 'load', 'report', 'other']],
  ])('%j means %j', async (tasks, expected) => {
    const made = await worldOf(sales);
    const run = await ended(made, {}, { outputs });
    const [told] = await cleared(made, {
      runs: { runId: run.id },
      ...(tasks ? { tasks } : {}),
      dryRun: true,
    });
    expect(told?.tasks).toEqual(expected);
  });

  test('of work its setup and teardown run again, too; of an item the whole map', async () => {
    const made = await worldOf(
      versionOfBody(({ task }) => {
        const up = task('up', nothing);
        const work = task.map('work', [1, 2, 3], () => nothing, { after: up });
        task('down', nothing, { after: work, teardownOf: up });
        task('aside', nothing);
      }),
    );
    const run = await ended(made, {});
    const [told] = await cleared(made, { runs: { runId: run.id }, tasks: ['work[2]'], dryRun: true });
    expect(told).toMatchObject({
      tasks: ['up', 'work', 'down'],
      notes: ['item 2 of "work" cannot be taken by itself: all of them are'],
    });
  });

  test('takes every run of a range, and tells those that it passes over', async () => {
    const made = await worldOf(sales);
    const first = await ended(made, failedLoad, { outputs, logicalDate: '2026-01-05' });
    const fine = await ended(made, {}, { outputs, logicalDate: '2026-01-06' });
    const last = await ended(made, failedLoad, { outputs, logicalDate: '2026-01-07' });
    const range = { from: '2026-01-05', to: '2026-01-07' };
    const runs = await cleared(made, { runs: range, onlyFailed: true });
    expect(runs.map(({ runId, tasks, problem }) => [runId, tasks.length, problem?.code])).toEqual([
      [first.id, 2, undefined],
      [fine.id, 0, 'nothing-failed'],
      [last.id, 2, undefined],
    ]);
    expect((await cleared(made, { runs: range }))[0]?.problem?.code).toBe('run-goes-on');
  });

  test('is refused where it cannot be, and nothing is written', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad);
    const runs = { runId: run.id };
    const code = (request: Omit<ClearRequest, 'dagId'>) =>
      cleared(made, request).then(
        () => 'none',
        (error) => error.code,
      );
    expect([
      await code({ runs: { runId: 'x' } }),
      await code({ runs, tasks: ['laod'] }),
      // What `first` gave was not recorded.
      await code({ runs, tasks: ['load'] }),
      await code({ runs: { from: '2026-01-05', to: '2026-01-04' } }),
      await code({ runs: { from: '2025-01-05', to: '2025-01-06' } }),
    ]).toEqual(['unknown-run', 'unknown-task', 'output-not-recorded', 'invalid-range', 'unknown-run']);
    expect(await runAt(made, 'd', run.id)).toEqual(run);
    await cleared(made, { runs });
    expect(await code({ runs })).toBe('run-goes-on');
  });

  test('of what failed leaves out what a run of some tasks took as done', async () => {
    const made = await worldOf(sales);
    const range = { from: '2026-01-05', to: '2026-01-05' };
    await createBackfill(made, PERSON, { dagId: 'd', ...range, tasks: ['report'] });
    const runId = '2026-01-05T00:00:00Z';
    await endWith(made, await runAt(made, 'd', runId), { report: 'failed' }, { cells: '--f-' });
    const runs = { runId };
    expect((await cleared(made, { runs, onlyFailed: true, dryRun: true }))[0]?.tasks).toEqual(['report']);
    expect((await cleared(made, { runs, dryRun: true }))[0]?.tasks).toHaveLength(4);
  });

  test('of all tasks is a run like the first one', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad);
    await cleared(made, { runs: { runId: run.id } });
    const again = await runAt(made, 'd', run.id);
    expect(again).toMatchObject({ attempt: 2, cells: '----' });
    expect(again).not.toHaveProperty('again');
    await endWith(made, again, {});
    expect(await runAt(made, 'd', run.id)).toMatchObject({ state: 'success', cells: 'ssss', attempt: 2 });
  });
});

describe('the latest version', () => {
  const newer = versionOfBody(({ task }) => {
    const first = task(
      'first',
      fn(() => ({ rows: 3, path: 'x' })),
    );
    const load = task(
      'load',
      fn({ rows: first.output.rows }, () => undefined),
    );
    const count = task('count', nothing, { after: first });
    task(
      'report',
      fn({ path: first.output.path }, () => undefined),
      { after: [load, count] },
    );
    task('other', nothing);
  });

  test('is taken where it is asked for, and with it what it newly needs', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, { report: 'failed' }, { outputs: new Map() });
    await registerDags(made, [newer]);
    const runs = { runId: run.id };
    const [own] = await cleared(made, { runs, onlyFailed: true, dryRun: true });
    expect(own?.tasks).toEqual(['report']);
    const [latest] = await cleared(made, { runs, tasks: ['report'], latest: true });
    expect(latest).toMatchObject({
      tasks: ['first', 'count', 'report'],
      notes: [
        '"count" runs, too: it has not run in this run',
        '"first" runs, too: an output of it is needed that was not recorded',
      ],
    });
    expect(await runAt(made, 'd', run.id)).toMatchObject({
      version: newer.manifest.hash,
      cells: '-s--s',
      again: ['first', 'count', 'report'],
    });
  });

  test('is what a run must take whose own code is not here any more', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad, { outputs });
    await registerDags(made, [newer]);
    codeOnlyOf(made, newer);
    const runs = { runId: run.id };
    for (const request of [{ onlyFailed: true }, {}, { dryRun: true }])
      await expect(cleared(made, { runs, ...request })).rejects.toMatchObject({
        code: 'other-version',
        message: expect.stringContaining('clear it with the latest (--latest, latest: true)'),
      });
    const range = { from: '2026-01-05', to: '2026-01-05' };
    expect((await cleared(made, { runs: range }))[0]).toMatchObject({
      tasks: [],
      problem: { code: 'other-version' },
    });
    expect(await runAt(made, 'd', run.id)).toEqual(run);
    codeOnlyOf(made);
    await expect(cleared(made, { runs, latest: true })).rejects.toMatchObject({ code: 'no-code' });
    codeOnlyOf(made, newer);
    expect((await cleared(made, { runs, latest: true }))[0]?.tasks).toContain('load');
    expect(await runAt(made, 'd', run.id)).toMatchObject({ state: 'running', attempt: 2 });
  });
});
