import { describe, expect, test } from 'vitest';
import type { Run } from '../../lib/model/run.ts';
import { auditLedger } from '../../lib/orchestrator/audit.ts';
import { cancelBackfill, pauseBackfill } from '../../lib/orchestrator/backfill/change.ts';
import { createBackfill } from '../../lib/orchestrator/backfill/create.ts';
import { nextRuns } from '../../lib/orchestrator/next.ts';
import { pauseDag } from '../../lib/orchestrator/pause.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { why } from '../../lib/orchestrator/why.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { HOURLY, PERSON, type Rig, rig, runAt, versionOf } from './rig.ts';

const NOON = '2026-01-05T12:30:00Z';
const DAY = { from: '2026-01-05T11:00:00Z', to: '2026-01-05T16:00:00Z' };

/** Three hours, each with its run. */
async function threeHours(world: Rig): Promise<void> {
  await registerDags(world, [versionOf('d', HOURLY, { catchup: true })]);
  world.at('2026-01-05T15:10:00Z');
  await tick(world, 'd');
}

/** As the ledger would be if somebody had written into it. */
async function planted(world: Rig, changes: Partial<Run>): Promise<void> {
  const run = await runAt(world, 'd', '2026-01-05T13:00:00Z');
  await world.store.runs.create({ ...run, ...changes });
}

describe('an audit', () => {
  test('tells of each interval its run, or why it has none, and finds nothing wrong', async () => {
    const world = rig(NOON);
    await threeHours(world);
    const { rows, problems } = await auditLedger(world, 'd', DAY);
    expect(problems).toEqual([]);
    expect(rows.map(({ logicalDate, code, run }) => [logicalDate.slice(11, 13), code, run?.state])).toEqual([
      ['11', 'before_start', undefined],
      ['12', 'scheduled', 'running'],
      ['13', 'scheduled', 'running'],
      ['14', 'scheduled', 'running'],
      ['15', 'not_complete', undefined],
      ['16', 'not_complete', undefined],
    ]);
  });

  test('finds an interval without its run', async () => {
    const world = rig(NOON);
    await threeHours(world);
    const store = memoryStore();
    const head = await world.store.dags.head('d');
    if (head !== undefined) await store.dags.createHead(head);
    await store.dags.putVersion(versionOf('d', HOURLY, { catchup: true }));
    for (const hour of ['12', '14'])
      await store.runs.create(await runAt(world, 'd', `2026-01-05T${hour}:00:00Z`));
    const { problems } = await auditLedger({ ...world, store }, 'd', DAY);
    expect(problems.map(({ code, logicalDate }) => [code, logicalDate])).toEqual([
      ['gap', '2026-01-05T13:00:00Z'],
    ]);
  });

  test('finds two runs of one interval, and intervals that overlap', async () => {
    const world = rig(NOON);
    await threeHours(world);
    const interval = { start: '2026-01-05T13:00:00Z', end: '2026-01-05T14:00:00Z', date: '2026-01-05' };
    await planted(world, {
      id: '2026-01-05T13:00:00.000Z',
      logicalDate: '2026-01-05T13:00:00.000Z',
      interval,
    });
    const half = { start: '2026-01-05T14:30:00Z', end: '2026-01-05T15:30:00Z', date: '2026-01-05' };
    await planted(world, { id: half.start, logicalDate: half.start, interval: half });
    const { rows, problems } = await auditLedger(world, 'd', DAY);
    expect(problems.map(({ code }) => code).toSorted()).toEqual(['double', 'overlap']);
    expect(rows.filter(({ code }) => code === 'other_schedule')).toHaveLength(2);
  });

  test('takes a run for a whole range for each interval in it', async () => {
    const world = rig(NOON);
    const version = versionOf('d', HOURLY, { catchup: true });
    await threeHours(world);
    const store = memoryStore();
    await store.dags.putVersion(version);
    const head = await world.store.dags.head('d');
    if (head !== undefined) await store.dags.createHead(head);
    const run = await runAt(world, 'd', '2026-01-05T12:00:00Z');
    const interval = { ...run.interval, end: '2026-01-05T15:00:00Z' };
    await store.runs.create({ ...run, type: 'backfill', interval });
    expect((await auditLedger({ ...world, store }, 'd', DAY)).problems).toEqual([]);
  });

  test.each([
    [{ from: '2026-01-06', to: '2026-01-05' }, 'invalid-range'],
    [{ from: '1900-01-01', to: '2026-01-05' }, 'invalid-range'],
    [{ from: 'x', to: '2026-01-05' }, 'invalid-logical-date'],
  ])('refuses a range that is none: case %#', async (range, code) => {
    const world = rig(NOON);
    await threeHours(world);
    await expect(auditLedger(world, 'd', range)).rejects.toMatchObject({ code });
  });
});

describe('why', () => {
  const codes = async (world: Rig, date: string) => {
    const { run, blockers } = await why(world, 'd', date);
    return [run?.state, ...blockers.map(({ code }) => code)];
  };

  test('tells what holds a run, or that nothing does', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { catchup: true, maxActiveRuns: 1 })]);
    world.at('2026-01-05T15:10:00Z');
    await tick(world, 'd');
    expect(await codes(world, '2026-01-05T12:30:00Z')).toEqual(['running']);
    expect(await codes(world, '2026-01-05T13:00:00Z')).toEqual(['queued', 'max_active_runs']);
    await pauseDag(world, PERSON, 'd');
    expect(await codes(world, '2026-01-05T14:00:00Z')).toEqual(['queued', 'paused']);
    const { run } = await trigger(world, PERSON, { dagId: 'd', now: true });
    expect(await codes(world, run.id)).toEqual(['queued', 'max_active_runs']);
  });

  test('tells why a date has no run', async () => {
    const world = rig(NOON);
    await threeHours(world);
    expect(await codes(world, '2026-01-05T15:00:00Z')).toEqual([undefined, 'not_complete']);
    expect(await codes(world, '2026-01-01')).toEqual([undefined, 'before_start']);
  });

  test('tells of a date without its run what else is there: a backfill, runs beside it', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY)]);
    world.at('2026-01-05T16:10:00Z');
    const range = { dagId: 'd', from: '2026-01-05T12:00:00Z', to: '2026-01-05T14:00:00Z', maxActiveRuns: 1 };
    const { backfill } = await createBackfill(world, PERSON, range);
    const { run } = await trigger(world, PERSON, { dagId: 'd', logicalDate: '2026-01-05T14:00:00Z' });
    const texts = async () => (await why(world, 'd', run.logicalDate)).blockers.map(({ text }) => text);
    const id = backfill?.id ?? '';
    const beside = `beside it ${run.id}, manual by ada, is running`;
    expect((await texts()).slice(1)).toEqual([
      `it waits in backfill ${id}, which has other dates before it`,
      beside,
    ]);
    await pauseBackfill(world, PERSON, id);
    expect((await texts()).slice(1)).toEqual([`it waits in backfill ${id}, which is paused`, beside]);
    await cancelBackfill(world, PERSON, id);
    expect((await texts()).slice(1)).toEqual([beside]);
  });

  test('refuses what is neither a run nor a date', async () => {
    const world = rig(NOON);
    await threeHours(world);
    await expect(why(world, 'd', '../x')).rejects.toMatchObject({ code: 'invalid-logical-date' });
  });
});

describe('the next runs', () => {
  test('are those of intervals that have not ended, from the running one on', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', HOURLY, { end: '2026-01-05T14:00:00Z' })]);
    expect(
      (await nextRuns(world, 'd', 10)).map(({ logicalDate, runAt }) => `${logicalDate} ${runAt}`),
    ).toEqual(['2026-01-05T12:00:00Z 2026-01-05T13:00:00Z', '2026-01-05T13:00:00Z 2026-01-05T14:00:00Z']);
  });

  test('are the coming ticks of a schedule that triggers, and none of a manual one', async () => {
    const world = rig(NOON);
    const ticks = { kind: 'every', period: '1h', interval: 'trigger' } as const;
    await registerDags(world, [versionOf('t', ticks), versionOf('m', { kind: 'manual' })]);
    expect((await nextRuns(world, 't', 2)).map(({ runAt }) => runAt)).toEqual([
      '2026-01-05T13:00:00Z',
      '2026-01-05T14:00:00Z',
    ]);
    expect(await nextRuns(world, 'm', 2)).toEqual([]);
  });
});
