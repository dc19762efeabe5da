import { describe, expect, test } from 'vitest';
import { fn } from '../../lib/index.ts';
import { clearRuns } from '../../lib/orchestrator/clear.ts';
import { type MarkRequest, markTasks } from '../../lib/orchestrator/mark.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { sweep } from '../../lib/orchestrator/sweep.ts';
import { codeOnlyOf, ended, endWith, nothing, sales, versionOfBody, worldOf } from './changes.ts';
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

  test('changes nothing where somebody else changes the run meanwhile', async () => {
    const made = await worldOf(sales);
    const run = await ended(made, failedLoad, { outputs });
    const key = { dagId: 'd', runId: run.id };
    const { taskRuns, runs } = made.store;
    const recorded = await taskRuns.recorded(key);
    const hurried = {
      ...runs,
      update: async (...args: Parameters<typeof runs.update>) => {
        await runs.update(key, { states: ['failed'] }, { note: 'mine' });
        return runs.update(...args);
      },
    };
    const late = { ...made, store: { ...made.store, runs: hurried } };
    for (const state of ['success', 'skipped'] as const)
      await expect(marked(late, run.id, { tasks: ['load'], state })).rejects.toMatchObject({
        code: 'run-goes-on',
      });
    expect(await taskRuns.recorded(key)).toEqual(recorded);
    expect(await taskRuns.list(key)).toEqual([]);
    expect(await runAt(made, 'd', run.id)).toMatchObject({ state: 'failed', cells: run.cells, note: 'mine' });
  });

  test.each([
    ['success', undefined],
    ['skipped', 'k'],
  ] as const)('as %s counts as a whole or not at all, wherever its process dies', async (state, told) => {
    let dies = 1;
    while (!(await livesThrough(state, told, dies))) dies++;
    expect(dies).toBeGreaterThan(3);
  });
});

/** True where the process lived; what an attempt to come is told of the marked task is what the run shows of it. */
async function livesThrough(
  state: MarkRequest['state'],
  told: string | undefined,
  dies: number,
): Promise<boolean> {
  const made = await worldOf(sales);
  const run = await ended(made, failedLoad, { outputs });
  const died = await marked(mortal(made, dies), run.id, { tasks: ['load'], state }).catch(() => 'died');
  await sweep(made);
  const now = await runAt(made, 'd', run.id);
  if (now.attempt === 2) await endWith(made, now, {});
  await clearRuns(made, PERSON, { dagId: 'd', runs: { runId: run.id }, tasks: ['report'] });
  expect(made.starts.at(-1)?.rerun?.data['load']).toBe(now.cells === run.cells ? 'f' : told);
  return died !== 'died';
}

/** The world as a process has it that dies instead of its `dies`-th write. */
function mortal(made: Rig, dies: number): Rig {
  let writes = 0;
  const part = <T extends object>(methods: T): T =>
    new Proxy(methods, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          if (['update', 'put', 'putRecorded', 'append', 'admit'].includes(String(name))) writes++;
          if (writes >= dies) throw new Error('died');
          return Reflect.apply(method, target, args);
        };
      },
    });
  const { runs, taskRuns, audit } = made.store;
  const store = { ...made.store, runs: part(runs), taskRuns: part(taskRuns), audit: part(audit) };
  return { ...made, store };
}
