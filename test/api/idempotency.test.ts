import { describe, expect, test } from 'vitest';
import { dateOf } from '../store/build.ts';
import { asking, seeded } from './seed.ts';

const KEY = { 'idempotency-key': 'k-1' };
const BODY = { logicalDate: '2026-01-04', params: { rows: 3 } };

async function manualRuns(world: Awaited<ReturnType<typeof seeded>>['world']): Promise<readonly string[]> {
  const { items } = await world.store.runs.list({
    dagId: 'sales',
    types: ['manual'],
    from: dateOf(4),
    to: dateOf(4),
  });
  return items.map(({ id }) => id);
}

describe('a write with an Idempotency-Key', () => {
  test('is done once, and answers the same again', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const first = await ask('/dags/sales/runs', { body: BODY, headers: KEY });
    const second = await ask('/dags/sales/runs', { body: BODY, headers: KEY });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await second.text()).toBe(await first.text());
    expect(await manualRuns(world)).toHaveLength(1);
  });

  test('is another one with another key, or none', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    await ask('/dags/sales/runs', { body: BODY, headers: KEY });
    await ask('/dags/sales/runs', { body: BODY, headers: { 'idempotency-key': 'k-2' } });
    await ask('/dags/sales/runs', { body: BODY });
    expect(await manualRuns(world)).toHaveLength(3);
  });

  test('is refused where the key was of another request', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    await ask('/dags/sales/runs', { body: BODY, headers: KEY });
    const other = await ask('/dags/sales/runs', { body: { ...BODY, note: 'x' }, headers: KEY });
    expect(await other.json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    const elsewhere = await ask('/dags/other/runs', { body: BODY, headers: KEY });
    expect(await elsewhere.json()).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    expect(await manualRuns(world)).toHaveLength(1);
  });

  test('may use the key of somebody else', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    await ask('/dags/sales/runs', { body: BODY, headers: { ...KEY, 'x-tutti-actor': 'ann' } });
    await ask('/dags/sales/runs', { body: BODY, headers: { ...KEY, 'x-tutti-actor': 'bob' } });
    expect(await manualRuns(world)).toHaveLength(2);
  });

  test('waits for no answer of the first, and is told that it is not there yet', async () => {
    const { world } = await seeded();
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const launcher = { ...world.launcher, start: () => gate };
    const ask = asking({ ...world, launcher });
    const first = ask('/dags/sales/runs', { body: BODY, headers: KEY });
    await new Promise((resolve) => setImmediate(resolve));
    const second = await ask('/dags/sales/runs', { body: BODY, headers: KEY });
    expect(await second.json()).toMatchObject({ status: 409, code: 'idempotency-key-in-use' });
    go();
    expect((await first).status).toBe(200);
    expect(await manualRuns(world)).toHaveLength(1);
  });

  test('is done again where the first was never answered: it is the same run', async () => {
    const { world } = await seeded();
    const launcher = { ...world.launcher, start: () => Promise.reject(new Error('killed')) };
    const killed = await asking({ ...world, launcher })('/dags/sales/runs', { body: BODY, headers: KEY });
    const again = await asking(world)('/dags/sales/runs', { body: BODY, headers: KEY });
    expect(again.status).toBe(200);
    expect([200, 500]).toContain(killed.status);
    expect(await manualRuns(world)).toHaveLength(1);
  });

  test('is refused again as it was, a dry run never', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const wrong = { params: { rows: 0 } };
    const first = await ask('/dags/sales/runs', { body: wrong, headers: KEY });
    const second = await ask('/dags/sales/runs', { body: wrong, headers: KEY });
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([
      422,
      422,
      'true',
    ]);
    const dry = await ask('/dags/sales/runs?dryRun=1', { body: BODY, headers: KEY });
    expect(await dry.json()).toMatchObject({ created: false });
  });

  test('is forgotten after a day', async () => {
    const { world, clock } = await seeded();
    const ask = asking(world);
    await ask('/dags/other:pause', { body: {}, headers: KEY });
    await clock.drive(clock.until(clock.now() + 86_400_001));
    const later = await ask('/dags/sales:pause', { body: {}, headers: KEY });
    expect(later.status).toBe(200);
  });
});

test('a dry run writes nothing', async () => {
  const { world } = await seeded();
  const before = (await world.store.runs.changes()).cursor;
  const reply = await (await asking(world)('/dags/sales/runs?dryRun=1', { body: BODY })).json();
  expect(reply).toMatchObject({ created: false, run: { logicalDate: dateOf(4), type: 'manual' } });
  expect((await world.store.runs.changes()).cursor).toBe(before);
});

test('what was asked is in the audit with who asked', async () => {
  const { world } = await seeded();
  await asking(world)('/dags/sales:pause', { body: {}, headers: { 'x-tutti-actor': 'ann' } });
  const audit = await (await asking(world)('/audit?dag=sales')).json();
  expect(audit).toMatchObject({ items: [{ actor: 'ann', via: 'api', action: 'pause', dagId: 'sales' }] });
});
