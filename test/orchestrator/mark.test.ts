import { describe, expect, test } from 'vitest';
import { fn } from '../../lib/index.ts';
import { type MarkRequest, markTasks } from '../../lib/orchestrator/mark.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { codeOnlyOf, ended, nothing, sales, versionOfBody, worldOf } from './changes.ts';
import { PERSON, type Rig, runAt } from './rig.ts';

const failedLoad = { load: 'failed', report: 'upstream_failed' } as const;
const outputs = new Map([['first', { rows: 3 }]]);

async function marked(made: Rig, runId: string, request: Pick<MarkRequest, 'tasks' | 'state' | 'dryRun'>) {
  const { runs } = await markTasks(made, PERSON, { dagId: 'd', runs: { runId }, ...request });
  return runs[0];
}

describe('mark', () => {
  test('as success lets run what waited for it', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad, { outputs });
    const told = {
      runId: run.id,
      marked: ['load'],
      follows: [],
      runsAgain: ['report'],
      state: 'queued',
      notes: [],
    };
    const request = { tasks: ['load'], state: 'success' } as const;
    expect(await marked(made, run.id, { ...request, dryRun: true })).toEqual(told);
    expect(await runAt(made, 'd', run.id)).toEqual(run);
    expect(await marked(made, run.id, request)).toEqual(told);
    expect(await runAt(made, 'd', run.id)).toMatchObject({ state: 'running', attempt: 2, cells: 'ss-s' });
    expect(made.starts.at(-1)?.rerun).toMatchObject({ tasks: ['report'], data: {} });
    expect(await made.store.taskRuns.list({ dagId: 'd', runId: run.id })).toMatchObject([
      { task: 'load', state: 'success', markedBy: 'ada', attempt: 1 },
    ]);
    const { items } = await made.store.audit.list({ action: 'mark' });
    expect(items).toMatchObject([
      { actor: 'ada', details: { state: 'success', tasks: ['load'], run: 'queued' } },
    ]);
  });

  test('as skipped skips what waited for it, and the run has succeeded', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad);
    expect(await marked(made, run.id, { tasks: ['load'], state: 'skipped' })).toMatchObject({
      follows: [{ task: 'report', from: 'upstream_failed', to: 'skipped' }],
      runsAgain: [],
      state: 'success',
    });
    const now = await runAt(made, 'd', run.id);
    expect(now).toMatchObject({ state: 'success', attempt: 1, cells: 'skks' });
    expect(now).not.toHaveProperty('failed');
  });

  test('as failed leaves what ran as it is, and fails the run by its leaves alone', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, {});
    expect(await marked(made, run.id, { tasks: ['load'], state: 'failed' })).toMatchObject({
      follows: [],
      state: 'success',
    });
    expect((await marked(made, run.id, { tasks: ['report'], state: 'failed' }))?.state).toBe('failed');
    expect(await runAt(made, 'd', run.id)).toMatchObject({ state: 'failed', cells: 'sffs' });
  });

  test('a task that was not chosen, or cut off, stays skipped', async () => {
    const made = await worldOf(
      versionOfBody(({ task, branch, shortCircuit }) => {
        const first = task('first', nothing);
        const size = branch(
          'size',
          fn(() => 'big'),
          { labels: ['big', 'small'] },
        );
        const some = shortCircuit(
          'some',
          fn(() => false),
        );
        task('small', nothing, { after: [first, size.to('small')] });
        task('big', nothing, { after: [first, size.to('big')] });
        task('cut', nothing, { after: [first, some] });
      }),
    );
    const run = await ended(
      made,
      { first: 'failed', small: 'skipped', big: 'upstream_failed', cut: 'skipped' },
      { marks: { 'size>': '|big|', 'some>': 'x' } },
    );
    expect(await marked(made, run.id, { tasks: ['first'], state: 'success', dryRun: true })).toMatchObject({
      follows: [],
      runsAgain: ['big'],
    });
  });

  test('is refused where what would run reads an output that nobody gave', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, { first: 'failed', load: 'upstream_failed', report: 'upstream_failed' });
    const request = { tasks: ['first'], state: 'success' } as const;
    await expect(marked(made, run.id, request)).rejects.toMatchObject({ code: 'output-not-recorded' });
    await expect(marked(made, run.id, { ...request, tasks: ['x'] })).rejects.toMatchObject({
      code: 'unknown-task',
    });
    await expect(marked(made, run.id, { ...request, state: 'fine' as never })).rejects.toMatchObject({
      code: 'invalid-state',
    });
    expect(await runAt(made, 'd', run.id)).toEqual(run);
  });

  test('is refused where something would run whose code is not here any more', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad, { outputs });
    codeOnlyOf(made);
    await registerDags(made, [versionOfBody(({ task }) => void task('first', nothing))]);
    const request = { tasks: ['load'], state: 'success' } as const;
    for (const dryRun of [true, false])
      await expect(marked(made, run.id, { ...request, dryRun })).rejects.toMatchObject({
        code: 'other-version',
      });
    expect(await runAt(made, 'd', run.id)).toEqual(run);
    // Nothing runs: no code is needed.
    expect((await marked(made, run.id, { ...request, state: 'skipped' }))?.state).toBe('success');
  });
});
