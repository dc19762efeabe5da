import { describe, expect, test } from 'vitest';
import { dateOf } from '../store/build.ts';
import { asking, seeded } from './seed.ts';

const RUN = `/dags/sales/runs/${dateOf(9)}`;

describe('clearing', () => {
  test('lists what would run again, and then does it', async () => {
    const { world, started } = await seeded();
    const ask = asking(world);
    const dry = await (await ask(`${RUN}:clear?dryRun=1`, { body: { onlyFailed: true } })).json();
    expect(dry).toMatchObject({
      runs: [{ runId: dateOf(9), tasks: ['load', 'publish'], kept: [['extract', 'success']] }],
    });
    expect(await world.store.runs.get({ dagId: 'sales', runId: dateOf(9) })).toMatchObject({
      state: 'failed',
      attempt: 1,
    });
    const done = await (await ask(`${RUN}:clear`, { body: { onlyFailed: true } })).json();
    expect(done).toEqual(dry);
    expect(await world.store.runs.get({ dagId: 'sales', runId: dateOf(9) })).toMatchObject({
      attempt: 2,
      again: ['load', 'publish'],
    });
    expect(started).toContain(`sales-${dateOf(9)}-2`);
  });

  test('is refused of a run that goes on', async () => {
    const { world } = await seeded();
    const response = await asking(world)(`/dags/sales/runs/${dateOf(10)}:clear`, { body: {} });
    expect(await response.json()).toMatchObject({ status: 409, code: 'run-goes-on' });
  });
});

describe('marking', () => {
  test('tells what follows, and what runs again', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const body = { tasks: ['load'], state: 'success' };
    const dry = await (await ask(`${RUN}:mark?dryRun=1`, { body })).json();
    expect(dry).toMatchObject({ runs: [{ runId: dateOf(9), marked: ['load'], runsAgain: ['publish'] }] });
    expect(await world.store.runs.get({ dagId: 'sales', runId: dateOf(9) })).toMatchObject({ cells: 'sfu' });
    await ask(`${RUN}:mark`, { body });
    const now = await world.store.runs.get({ dagId: 'sales', runId: dateOf(9) });
    expect(now).toMatchObject({ attempt: 2 });
    expect(now?.cells.slice(0, 2)).toBe('ss');
  });
});

describe('cancelling', () => {
  test('ends a queued run, and not twice', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const path = `/dags/sales/runs/${encodeURIComponent(`${dateOf(5)}~01J0`)}:cancel`;
    expect(await (await ask(`${path}?dryRun=1`, { body: {} })).json()).toMatchObject({
      run: { state: 'queued' },
    });
    expect(await (await ask(path, { body: {} })).json()).toMatchObject({
      outcome: 'cancelled',
      run: { state: 'cancelled' },
    });
    expect(await (await ask(path, { body: {} })).json()).toMatchObject({ status: 409, code: 'run-ended' });
  });
});

describe('a backfill', () => {
  const body = { dagId: 'sales', from: '2026-01-07', to: '2026-01-10', reprocess: 'failed' };

  test('is listed before it is made, each date with what becomes of it', async () => {
    const { world } = await seeded();
    const dry = await (await asking(world)('/backfills?dryRun=1', { body })).json();
    expect(dry).toMatchObject({
      intervals: [
        [dateOf(7), 'skip', expect.any(String)],
        [dateOf(8), 'skip', expect.any(String)],
        [dateOf(9), 'rerun', 'its run is failed'],
        [dateOf(10), 'skip', expect.any(String)],
      ],
      counts: { create: 0, rerun: 1, skip: 3 },
    });
    expect((await world.store.backfills.list({})).items).toHaveLength(2);
  });

  test('is made, looked at, paused, resumed and ended', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const made = (await (await ask('/backfills', { body })).json()) as { backfill: { id: string } };
    const path = `/backfills/${made.backfill.id}`;
    expect(await (await ask(path)).json()).toMatchObject({
      backfill: { state: 'running' },
      counts: { queued: 1, skipped: 3 },
      dates: [{ logicalDate: dateOf(9), action: 'rerun', state: 'queued', attempt: 2 }, {}, {}, {}],
    });
    expect(await (await ask(`${path}:pause`, { body: {} })).json()).toMatchObject({ state: 'paused' });
    expect(await (await ask(`${path}:resume`, { body: {} })).json()).toMatchObject({ state: 'running' });
    expect(await (await ask(`${path}:cancel`, { body: {} })).json()).toMatchObject({ state: 'cancelled' });
    expect(await (await ask(`${path}:resume`, { body: {} })).json()).toMatchObject({
      status: 409,
      code: 'backfill-ended',
    });
    expect(await (await ask(`${path}:retry`, { body: {} })).json()).toMatchObject({ status: 405 });
  });

  test.each([
    [{ ...body, from: '2026-02-01', to: '2026-01-01' }, 422, 'invalid-range'],
    [{ ...body, dagId: 'old' }, 404, 'unknown-dag'],
    [{ ...body, dagId: 'nope' }, 404, 'unknown-dag'],
    [{ ...body, tasks: ['lod'] }, 404, 'unknown-task'],
    [{ ...body, params: { rows: 0 } }, 422, 'invalid-param'],
    [{ ...body, maxActiveRuns: 0 }, 400, 'invalid-request'],
  ])('that cannot be is refused: %j', async (wrong, status, code) => {
    const { world } = await seeded();
    const response = await asking(world)('/backfills', { body: wrong });
    expect(await response.json()).toMatchObject({ status, code });
    expect((await world.store.backfills.list({})).items).toHaveLength(2);
  });
});

describe('why not', () => {
  test('tells what a queued run waits for, and why a date has no run', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const path = `/dags/sales/runs/${encodeURIComponent(`${dateOf(5)}~01J0`)}/blockers`;
    expect(await (await ask(path)).json()).toMatchObject({ run: { state: 'queued' }, blockers: [] });
    const reasons = (await (await ask('/dags/other/why?date=2026-01-05')).json()) as {
      blockers: { code: string }[];
    };
    expect(reasons.blockers.map(({ code }) => code)).toEqual(['paused']);
  });

  test('is asked of the ledger as a whole', async () => {
    const { world } = await seeded();
    const ledger = await (await asking(world)('/dags/sales/ledger?from=2026-01-08&to=2026-01-10')).json();
    expect(ledger).toMatchObject({
      rows: [{ run: dateOf(8) }, { run: dateOf(9), state: 'failed' }, { run: dateOf(10) }],
      problems: [],
    });
  });
});
