import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../lib/base/errors.ts';
import { pauseDag, unpauseDag } from '../../lib/orchestrator/pause.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { tick, tickAll } from '../../lib/orchestrator/tick.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { end, HOURLY, PERSON, type Rig, rig, runAt, runsOf, versionOf } from './rig.ts';

const NOON = '2026-01-05T12:30:00Z';

describe('tick', () => {
  test('makes the run of an interval when it has ended, and starts it', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY)]);
    expect(await tick(world, 'd')).toMatchObject({ created: [], started: [] });
    world.at('2026-01-05T13:00:00Z');
    expect(await tick(world, 'd')).toMatchObject({
      created: ['2026-01-05T12:00:00Z'],
      started: ['2026-01-05T12:00:00Z'],
    });
    expect(await runAt(world, 'd', '2026-01-05T12:00:00Z')).toMatchObject({
      type: 'scheduled',
      state: 'running',
      attempt: 1,
      by: 'scheduler',
      cells: '--',
      execution: 'd/2026-01-05T12:00:00Z/1',
      interval: { start: '2026-01-05T12:00:00Z', end: '2026-01-05T13:00:00Z', date: '2026-01-05' },
    });
    expect(await tick(world, 'd')).toMatchObject({ created: [], started: [] });
    expect(world.starts).toHaveLength(1);
  });

  test('makes only the newest without catchup, and all of them with it, oldest first', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('few', HOURLY), versionOf('all', HOURLY, { catchup: true })]);
    world.at('2026-01-05T15:10:00Z');
    await tickAll(world);
    expect(await runsOf(world, 'few')).toEqual(['2026-01-05T14:00:00Z running']);
    expect(await runsOf(world, 'all')).toEqual([
      '2026-01-05T12:00:00Z running',
      '2026-01-05T13:00:00Z running',
      '2026-01-05T14:00:00Z running',
    ]);
  });

  test('makes a hundred runs of a long catchup, and more as those end', async () => {
    const world = rig(NOON);
    const start = '2025-12-29';
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true, start, maxActiveRuns: 40 })]);
    const { created, started, more } = await tick(world, 'd');
    expect([created.length, created[0], started.length, more]).toEqual([
      100,
      '2025-12-29T00:00:00Z',
      40,
      true,
    ]);
    let most = 0;
    let ended = 0;
    for (let open = await world.store.runs.open(); open.length > 0; open = await world.store.runs.open()) {
      most = Math.max(most, open.length);
      for (const run of open.filter(({ state }) => state === 'running')) {
        await end(world, run);
        ended++;
      }
    }
    expect([ended, most <= 140]).toEqual([180, true]);
    expect(await tick(world, 'd')).toMatchObject({ created: [], more: false });
  });

  test('holds runs back above maxActiveRuns, in the order of their logical dates', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true, maxActiveRuns: 2 })]);
    world.at('2026-01-05T16:00:00Z');
    await tick(world, 'd');
    expect((await runsOf(world, 'd')).map((text) => text.slice(21))).toEqual([
      'running',
      'running',
      'queued',
      'queued',
    ]);
    await end(world, await runAt(world, 'd', '2026-01-05T13:00:00Z'));
    expect((await runsOf(world, 'd')).map((text) => text.slice(21))).toEqual([
      'running',
      'success',
      'running',
      'queued',
    ]);
  });

  test('starts what was queued with the code and the params of the day it starts', async () => {
    const world = rig(NOON);
    const of = (options: object) => versionOf('d', HOURLY, { catchup: true, maxActiveRuns: 1, ...options });
    const before = of({ params: { old: { type: 'string', default: 'x' } } });
    await registerDags(world, [before]);
    world.at('2026-01-05T14:00:00Z');
    await tick(world, 'd');
    const params = { added: { type: 'integer', default: 7 } };
    await registerDags(world, [of({ params, tasks: before.dag.tasks.slice(0, 1) })]);
    await end(world, await runAt(world, 'd', '2026-01-05T12:00:00Z'));
    expect(await runAt(world, 'd', '2026-01-05T13:00:00Z')).toMatchObject({
      version: 'v-a',
      params: { added: 7 },
      cells: '-',
    });
  });

  test('tells all problems of one DAG and looks at the others', async () => {
    const world = rig(NOON);
    const params = { who: { type: 'string' } } as const;
    await registerDags(world, [versionOf('bad', HOURLY, { params }), versionOf('good', HOURLY)]);
    world.at('2026-01-05T13:00:00Z');
    const results = await tickAll(world);
    expect(results.map(({ dagId, problems }) => [dagId, problems.length])).toEqual([
      ['bad', 1],
      ['good', 0],
    ]);
  });

  test('refuses a DAG that is not there', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('sales', HOURLY)]);
    await expect(tick(world, 'sale')).rejects.toThrow(
      new RefusedError('unknown-dag', 'dag: must be one of the project, got "sale"; did you mean "sales"?'),
    );
  });
});

const JITTERED = {
  kind: 'cron',
  expression: '0 * * * *',
  timezone: 'UTC',
  interval: 'data',
  jitter: '10m',
} as const;

describe('a schedule', () => {
  test('that is continuous goes on as each run ends, one at a time', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', { kind: 'continuous', interval: 'trigger' })]);
    world.at('2026-01-05T12:31:00Z');
    await tick(world, 'd');
    world.at('2026-01-05T12:40:00Z');
    await tick(world, 'd');
    expect(await runsOf(world, 'd')).toEqual(['2026-01-05T12:30:00Z running']);
    await end(world, await runAt(world, 'd', '2026-01-05T12:30:00Z'));
    const next = await runAt(world, 'd', '2026-01-05T12:31:00Z');
    expect([next.state, next.interval.end]).toEqual(['running', '2026-01-05T12:40:00Z']);
  });

  test('of once runs once: at its start, or when it was registered', async () => {
    const world = rig('2026-01-05T12:30:00.250Z');
    const once = { kind: 'once', interval: 'trigger' } as const;
    const at = '2026-01-06T00:00:00Z';
    await registerDags(world, [versionOf('now', once), versionOf('then', { ...once, at }, { start: at })]);
    await tickAll(world);
    world.at('2026-01-07T00:00:00Z');
    await tickAll(world);
    await tickAll(world);
    expect(await runsOf(world, 'now')).toEqual(['2026-01-05T12:30:00Z running']);
    expect(await runsOf(world, 'then')).toEqual(['2026-01-06T00:00:00Z running']);
  });

  test('with jitter starts each run a little later, the same for everybody who asks', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', JITTERED)]);
    world.at('2026-01-05T13:00:00Z');
    await tick(world, 'd');
    const { notBefore = '', state } = await runAt(world, 'd', '2026-01-05T12:00:00Z');
    expect(state).toBe('queued');
    expect(notBefore > '2026-01-05T13:00:00Z' && notBefore < '2026-01-05T13:10:00Z').toBe(true);
    world.at(notBefore);
    await tickAll(world);
    expect((await runAt(world, 'd', '2026-01-05T12:00:00Z')).state).toBe('running');
  });
});

describe('a paused DAG', () => {
  test('makes and starts no scheduled runs, and catches up when it is unpaused', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true })]);
    await pauseDag(world, PERSON, 'd');
    world.at('2026-01-05T14:00:00Z');
    await tickAll(world);
    expect(await runsOf(world, 'd')).toEqual([]);
    await unpauseDag(world, PERSON, 'd');
    expect(await runsOf(world, 'd')).toEqual([
      '2026-01-05T12:00:00Z running',
      '2026-01-05T13:00:00Z running',
    ]);
    const { items } = await world.store.audit.list({ dagId: 'd' });
    expect(items.map(({ actor, action }) => `${actor} ${action}`)).toEqual(['ada unpause', 'ada pause']);
  });

  test('goes on with what somebody asks for', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY)], { pausedByDefault: true });
    const { run, blockers } = await trigger(world, PERSON, { dagId: 'd' });
    expect([run.state, blockers]).toEqual(['running', []]);
  });
});

describe('runs that fail one after the other', () => {
  const failing = async (world: Rig, hour: string) => {
    world.at(`2026-01-05T${hour}:00:00Z`);
    await tick(world, 'd');
    for (const run of await world.store.runs.open({ dagId: 'd' })) await end(world, run, 'failed');
  };

  test('pause the DAG, which tells so; unpaused, it is given as many again', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { maxConsecutiveFailedRuns: 2 })]);
    await failing(world, '13');
    await failing(world, '14');
    await failing(world, '15');
    expect(await world.store.dags.head('d')).toMatchObject({
      paused: true,
      pausedBy: 'tutti: 2 scheduled runs failed one after the other',
    });
    expect(await runsOf(world, 'd')).toHaveLength(2);
    expect(world.messages.map(({ kind, command }) => [kind, command])).toEqual([
      ['failed', 'tutti clear d 2026-01-05T12:00:00Z --failed'],
      ['paused', 'tutti unpause d'],
      ['failed', 'tutti clear d 2026-01-05T13:00:00Z --failed'],
    ]);
    world.at('2026-01-05T15:30:00Z');
    await unpauseDag(world, PERSON, 'd');
    await failing(world, '16');
    expect((await world.store.dags.head('d'))?.paused).toBe(true);
    expect(await runsOf(world, 'd')).toHaveLength(4);
  });
});

describe('a failure that nobody acted upon', () => {
  test('pauses the DAG with the next look, before a further run is made', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { maxConsecutiveFailedRuns: 1 })]);
    world.at('2026-01-05T13:00:00Z');
    await tick(world, 'd');
    const key = { dagId: 'd', runId: '2026-01-05T12:00:00Z' };
    const failed = { state: 'failed', endedAt: '2026-01-05T13:01:00Z' } as const;
    // As if its recorder had died right after this.
    await world.store.runs.update(key, { states: ['running'] }, failed);
    world.at('2026-01-05T14:00:00Z');
    expect(await tick(world, 'd')).toMatchObject({ created: [] });
    expect(await world.store.dags.head('d')).toMatchObject({ paused: true });
  });
});

describe('dependsOnPast', () => {
  test('holds a run back until the run before has what it needs', async () => {
    const world = rig(NOON);
    const { dag } = versionOf('d', HOURLY);
    const tasks = dag.tasks.map((task) => (task.id === 'b' ? { ...task, dependsOnPast: true } : task));
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true, tasks })]);
    world.at('2026-01-05T15:00:00Z');
    const { started, held } = await tick(world, 'd');
    expect(started).toEqual(['2026-01-05T12:00:00Z']);
    expect(held.map(({ runId, code }) => [runId, code])).toEqual([
      ['2026-01-05T13:00:00Z', 'depends_on_past'],
      ['2026-01-05T14:00:00Z', 'depends_on_past'],
    ]);
    await end(world, await runAt(world, 'd', '2026-01-05T12:00:00Z'));
    expect((await runAt(world, 'd', '2026-01-05T13:00:00Z')).state).toBe('running');
    await end(world, await runAt(world, 'd', '2026-01-05T13:00:00Z'), 'failed');
    const last = await tick(world, 'd');
    expect(last.held.map(({ text }) => text)).toEqual([
      'waits for the run before, of 2026-01-05T13:00:00Z, where task "b" is upstream_failed',
    ]);
  });
});
