import { describe, expect, test } from 'vitest';
import type { DagNode } from '../../lib/model/dag.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { auditLedger } from '../../lib/orchestrator/audit.ts';
import { pruneRuns } from '../../lib/orchestrator/prune.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { DAILY, end, HOURLY, PERSON, type Rig, rig, runAt, runsOf, versionOf } from './rig.ts';

const START = { start: '2026-01-01', catchup: true, maxActiveRuns: 100 } as const;

/** Five days, each with its run: all ended at the end of the fifth but the last, which goes on. */
async function fiveDays(options: Partial<DagNode> = START, schedule: ScheduleNode = DAILY): Promise<Rig> {
  const world = rig('2026-01-01T00:00:00Z');
  await registerDags(world, [versionOf('d', schedule, options)]);
  for (const day of [2, 3, 4, 5, 6]) {
    world.at(`2026-01-0${day}T00:00:00Z`);
    await tick(world, 'd');
    if (day < 6) await end(world, await runAt(world, 'd', `2026-01-0${day - 1}T00:00:00Z`));
  }
  return world;
}

const days = (...of: readonly number[]) => of.map((day) => `2026-01-0${day}T00:00:00Z`);
const idsOf = async (world: Rig) => (await runsOf(world, 'd')).map((text) => text.split(' ')[0]);

describe('pruneRuns', () => {
  test('removes what ended longer ago than the age, and tells the audit once', async () => {
    const world = await fiveDays();
    const pruned = await pruneRuns(world, PERSON, { age: '2d' });
    expect(pruned).toEqual({
      endedBefore: '2026-01-04T00:00:00Z',
      runs: [
        { dagId: 'd', runId: '2026-01-02T00:00:00Z' },
        { dagId: 'd', runId: '2026-01-01T00:00:00Z' },
      ],
    });
    expect(await idsOf(world)).toEqual(days(3, 4, 5));
    expect(await pruneRuns(world, PERSON, { age: '2d' })).toMatchObject({ runs: [] });
    expect((await world.store.audit.list({ action: 'prune' })).items).toMatchObject([
      { actor: 'ada', via: 'cli', details: { endedBefore: '2026-01-04T00:00:00Z', runs: 2 } },
    ]);
  });

  test('keeps so many that ended, and what goes on', async () => {
    const world = await fiveDays();
    await pruneRuns(world, PERSON, { keep: 1 });
    expect(await runsOf(world, 'd')).toEqual([`${days(4)[0]} success`, `${days(5)[0]} running`]);
  });

  test('says in a dry run what would go, and changes nothing', async () => {
    const world = await fiveDays();
    const before = await world.store.dags.head('d');
    const dry = await pruneRuns(world, PERSON, { age: '2d', keep: 3 }, { dryRun: true });
    expect(dry.runs.map(({ runId }) => runId)).toEqual(days(2, 1));
    expect(await idsOf(world)).toEqual(days(1, 2, 3, 4, 5));
    expect(await world.store.dags.head('d')).toEqual(before);
    expect((await world.store.audit.list({})).items).toEqual([]);
  });

  test('tells what is to go while it is there', async () => {
    const world = await fiveDays();
    const seen: unknown[] = [];
    const before = async (runs: readonly unknown[]) => {
      seen.push(runs.length, (await idsOf(world)).length);
    };
    await pruneRuns(world, PERSON, { keep: 2 }, { before });
    await pruneRuns(world, PERSON, { keep: 2 }, { before });
    expect(seen).toEqual([2, 5]);
  });

  test.each([
    [{ age: '-1d' }, 'prune › age: must be a duration, got "-1d"'],
    [{ age: 'long' as '1d' }, 'prune › age: must be a duration, got "long"'],
    [{ keep: 1.5 }, 'prune › keep: must be a whole number, got 1.5'],
  ] as const)('refuses %j', async (policy, text) => {
    const world = await fiveDays();
    await expect(pruneRuns(world, PERSON, policy)).rejects.toThrow(text);
    expect(await idsOf(world)).toHaveLength(5);
  });
});

describe('an interval whose run was removed', () => {
  test('is not made again where the schedule changes, and is no gap', async () => {
    const world = await fiveDays();
    await pruneRuns(world, PERSON, { age: '2d' });
    await registerDags(world, [versionOf('d', HOURLY, START)]);
    await tick(world, 'd');
    const ids = await idsOf(world);
    expect(ids.filter((id) => id !== undefined && id < '2026-01-03')).toEqual([]);
    expect(ids).toHaveLength(3 * 24);
    const { rows, problems } = await auditLedger(world, 'd', {
      from: '2026-01-02T22:00:00Z',
      to: '2026-01-03T01:00:00Z',
    });
    expect(rows.map(({ code }) => code)).toEqual(['pruned', 'pruned', 'scheduled', 'scheduled']);
    expect(problems.filter(({ code }) => code === 'gap')).toEqual([]);
  });

  test('of a tick, or of one that goes on and on, is not made again either', async () => {
    const ticks: ScheduleNode = {
      kind: 'cron',
      expression: '0 0 * * *',
      timezone: 'UTC',
      interval: 'trigger',
    };
    const world = await fiveDays({ ...START, start: '2026-01-01' }, ticks);
    await pruneRuns(world, PERSON, { keep: 0 });
    await registerDags(world, [versionOf('d', ticks, { ...START, end: '2027-01-01' })]);
    const before = await idsOf(world);
    await tick(world, 'd');
    expect(await idsOf(world)).toEqual(before);

    const other = rig('2026-01-01T00:00:00Z');
    await registerDags(other, [versionOf('d', { kind: 'continuous', interval: 'trigger' }, START)]);
    other.at('2026-01-02T00:00:00Z');
    await tick(other, 'd');
    await end(other, await runAt(other, 'd', '2026-01-01T00:00:00Z'));
    await pruneRuns(other, PERSON, { keep: 0 });
    other.at('2026-01-03T00:00:00Z');
    await tick(other, 'd');
    const { items } = await other.store.runs.list({ dagId: 'd' });
    expect(items.map(({ interval }) => interval.start).sort()[0]).toBe('2026-01-02T00:00:00Z');
  });

  test('is made where somebody asks for it', async () => {
    const world = await fiveDays();
    await pruneRuns(world, PERSON, { age: '2d' });
    const { run } = await trigger(world, PERSON, { dagId: 'd', logicalDate: '2026-01-01' });
    expect(run.logicalDate).toBe('2026-01-01T00:00:00Z');
  });

  test('does not let the schedule pass over what was not yet due', async () => {
    // A look makes 100 runs: the rest of the year follows.
    const world = rig('2026-12-01T00:00:00Z');
    await registerDags(world, [versionOf('d', DAILY, START)]);
    await tick(world, 'd');
    const { items } = await world.store.runs.list({ dagId: 'd', limit: 1 });
    const through = items[0]?.interval.end;
    const late = await runAt(world, 'd', items[0]?.id ?? '');
    await world.store.runs.create({
      ...late,
      id: '2026-11-01T00:00:00Z',
      logicalDate: '2026-11-01T00:00:00Z',
      interval: { start: '2026-11-01T00:00:00Z', end: '2026-11-02T00:00:00Z', date: '2026-11-01' },
      type: 'backfill',
      state: 'success',
      endedAt: '2026-11-02T00:00:00Z',
    });
    await pruneRuns(world, PERSON, { keep: 0 });
    expect((await world.store.dags.head('d'))?.prunedThrough).toBe(through);
  });
});
