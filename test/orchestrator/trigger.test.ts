import { describe, expect, test } from 'vitest';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { DAILY, PERSON, rig, runsOf, versionOf } from './rig.ts';

const NOON = '2026-01-05T12:30:00Z';

describe('trigger', () => {
  test('names the interval that holds a date, the newest complete one, or an instant', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', DAILY)]);
    const of = async (request: object) =>
      (await trigger(world, PERSON, { dagId: 'd', id: 'x', ...request })).run.interval;
    expect(await of({ logicalDate: '2026-01-03' })).toMatchObject({ start: '2026-01-03T00:00:00Z' });
    expect(await of({})).toMatchObject({ start: '2026-01-04T00:00:00Z', end: '2026-01-05T00:00:00Z' });
    expect(await of({ now: true })).toMatchObject({ start: NOON, end: NOON });
  });

  test('makes one run of one request, and one that is triggered by a DAG', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', DAILY)]);
    const request = { dagId: 'd', id: 'order-7', triggeredBy: 'sales', note: 'again' };
    const first = await trigger(world, PERSON, request);
    const second = await trigger(world, PERSON, request);
    expect([first.created, second.created]).toEqual([true, false]);
    expect(second.run).toMatchObject({
      id: '2026-01-04T00:00:00Z~order-7',
      type: 'triggered',
      by: 'dag sales',
      state: 'running',
    });
    expect(world.starts).toHaveLength(1);
  });

  test('tells in a dry run what would hold it back, and makes nothing', async () => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', DAILY, { maxActiveRuns: 1 })]);
    await trigger(world, PERSON, { dagId: 'd' });
    const { created, blockers } = await trigger(world, PERSON, { dagId: 'd', dryRun: true });
    expect([created, blockers.map(({ code }) => code)]).toEqual([false, ['max_active_runs']]);
    expect(await runsOf(world, 'd')).toHaveLength(1);
  });

  test.each([
    [{ dagId: 'd', id: '../../etc' }, 'invalid-id'],
    [{ dagId: 'd', id: 'x'.repeat(1_000_000) }, 'invalid-id'],
    [{ dagId: 'd', logicalDate: 'soon' }, 'invalid-logical-date'],
    [{ dagId: 'd', logicalDate: '2026-01-03', now: true }, 'invalid-logical-date'],
    [{ dagId: 'd', params: { what: 1 } }, 'unknown-param'],
    [{ dagId: 'x'.repeat(1_000_000) }, 'unknown-dag'],
    [{ dagId: 'gone' }, 'retired-dag'],
  ])('refuses bad input and makes nothing: case %#', async (request, code) => {
    const world = rig(NOON);
    await registerDags(world, [versionOf('d', DAILY), versionOf('gone', DAILY)]);
    await registerDags(world, [versionOf('d', DAILY)]);
    const refusal = await trigger(world, PERSON, request).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code });
    expect(String((refusal as Error).message).length).toBeLessThan(400);
    expect(await runsOf(world, 'd')).toEqual([]);
  });
});
