import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../lib/base/errors.ts';
import { cancelRun } from '../../lib/orchestrator/cancel.ts';
import { recordProgress } from '../../lib/orchestrator/record.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { sweep } from '../../lib/orchestrator/sweep.ts';
import { tick, tickAll } from '../../lib/orchestrator/tick.ts';
import type { TaskRunRow } from '../../lib/store/store.ts';
import { DAILY, HOURLY, PERSON, rig, runAt, runsOf, versionOf } from './rig.ts';

const NOON = '2026-01-05T12:30:00Z';

function running(task: string): TaskRunRow {
  return { attempt: 1, task, state: 'running', startMs: 1, tries: [{ startMs: 1, state: 'running' }] };
}

describe('a run that can never start', () => {
  test('fails, saying why, and leaves its place to the next', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true, maxActiveRuns: 1 })]);
    world.refuse = 'd';
    world.at('2026-01-05T14:00:00Z');
    await tick(world, 'd');
    expect(await runsOf(world, 'd')).toEqual(['2026-01-05T12:00:00Z failed', '2026-01-05T13:00:00Z failed']);
    expect(await runAt(world, 'd', '2026-01-05T12:00:00Z')).toMatchObject({
      error: 'Dag.NotStarted',
      cause: 'no-code: no code of this version is here',
    });
    expect(await world.store.runs.admitted('d', 'main')).toEqual([]);
  });
});

describe('sweep', () => {
  test('fails a run whose execution is lost, and starts what waited for it', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true, maxActiveRuns: 1 })]);
    world.at('2026-01-05T14:00:00Z');
    await tick(world, 'd');
    const key = { dagId: 'd', runId: '2026-01-05T12:00:00Z', attempt: 1 };
    await recordProgress(world, key, { cells: 'r-', rows: [running('a')] });
    world.executions.set('d/2026-01-05T12:00:00Z/1', 'lost');
    expect(await sweep(world)).toMatchObject({ ended: ['d/2026-01-05T12:00:00Z'] });
    expect(await runAt(world, 'd', '2026-01-05T12:00:00Z')).toMatchObject({
      state: 'failed',
      error: 'Dag.RunAborted',
      cells: 'fu',
    });
    const endMs = Date.parse('2026-01-05T14:00:00Z');
    expect(await world.store.taskRuns.list(key)).toEqual([
      {
        ...running('a'),
        state: 'failed',
        endMs,
        tries: [{ startMs: 1, state: 'failed', endMs, error: 'Dag.RunAborted' }],
      },
    ]);
    expect((await runAt(world, 'd', '2026-01-05T13:00:00Z')).state).toBe('running');
  });

  test('leaves to nobody what is cancelled after its execution was lost', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY)]);
    world.at('2026-01-05T13:00:00Z');
    await tick(world, 'd');
    const key = { dagId: 'd', runId: '2026-01-05T12:00:00Z', attempt: 1 };
    await recordProgress(world, key, { cells: 'r-', rows: [running('a')] });
    world.executions.set('d/2026-01-05T12:00:00Z/1', 'lost');
    const { run } = await cancelRun(world, PERSON, key);
    expect(run).toMatchObject({ state: 'cancelled', cells: 'cc', cause: 'cancelled by ada' });
    const endMs = Date.parse('2026-01-05T13:00:00Z');
    const tries = [{ startMs: 1, state: 'cancelled', endMs }];
    expect(await world.store.taskRuns.list(key)).toEqual([
      { ...running('a'), state: 'cancelled', endMs, tries },
    ]);
  });

  test('lets the launcher go on with what was lost, and fails what it refuses to', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true })]);
    world.at('2026-01-05T14:00:00Z');
    await tick(world, 'd');
    const settled: string[] = [];
    for (const hour of ['12', '13']) world.executions.set(`d/2026-01-05T${hour}:00:00Z/1`, 'lost');
    world.launcher.settle = async ({ run }) => {
      settled.push(run.id);
      if (run.id.includes('T13')) throw new RefusedError('no-code', 'no code of this version is here');
      return true;
    };
    expect(await sweep(world)).toMatchObject({
      resumed: ['d/2026-01-05T12:00:00Z'],
      ended: ['d/2026-01-05T13:00:00Z'],
      problems: [],
    });
    expect(settled).toEqual(['2026-01-05T12:00:00Z', '2026-01-05T13:00:00Z']);
    expect(await runsOf(world, 'd')).toEqual(['2026-01-05T12:00:00Z running', '2026-01-05T13:00:00Z failed']);
  });

  test('changes nothing where nothing is wrong', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY)]);
    world.at('2026-01-05T13:00:00Z');
    await tick(world, 'd');
    const before = await world.store.runs.changes();
    expect(await sweep(world)).toEqual({ resumed: [], ended: [], ticks: [], problems: [] });
    expect(await world.store.runs.changes(before.cursor)).toMatchObject({ runs: [], dags: [] });
  });
});

describe('registering', () => {
  test('tells what is new, what changed, what is gone, and takes back what was', async () => {
    const world = rig(NOON);
    const [one, two] = [versionOf('one', HOURLY), versionOf('two', HOURLY)];
    expect(await registerDags(world, [one, two])).toEqual({
      added: ['one', 'two'],
      changed: [],
      retired: [],
    });
    expect(await registerDags(world, [one, two])).toEqual({ added: [], changed: [], retired: [] });
    expect(await registerDags(world, [versionOf('one', DAILY)])).toEqual({
      added: [],
      changed: ['one'],
      retired: ['two'],
    });
    world.at('2026-01-05T14:00:00Z');
    await tickAll(world);
    expect([await runsOf(world, 'one'), await runsOf(world, 'two')]).toEqual([[], []]);
    expect(await registerDags(world, [versionOf('one', DAILY), two])).toMatchObject({ changed: ['two'] });
    await tickAll(world);
    expect(await runsOf(world, 'two')).toEqual(['2026-01-05T13:00:00Z running']);
  });
});
