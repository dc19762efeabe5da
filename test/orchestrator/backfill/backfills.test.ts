import { describe, expect, test } from 'vitest';
import type { DagNode } from '../../../lib/model/dag.ts';
import {
  backfillOf,
  backfillProgress,
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  retryFailedDates,
} from '../../../lib/orchestrator/backfill/change.ts';
import { createBackfill } from '../../../lib/orchestrator/backfill/create.ts';
import type { BackfillRequest } from '../../../lib/orchestrator/backfill/preview.ts';
import { pumpBackfills } from '../../../lib/orchestrator/backfill/pump.ts';
import { cancelRun } from '../../../lib/orchestrator/cancel.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { tick } from '../../../lib/orchestrator/tick.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { DAILY, end, PERSON, type Rig, rig, runAt, runsOf, versionOf } from '../rig.ts';

const NOON = '2026-01-20T12:00:00Z';
const day = (date: number) => `2026-01-${String(date).padStart(2, '0')}T00:00:00Z`;
const FIVE: BackfillRequest = { dagId: 'd', from: '2026-01-01', to: '2026-01-05', maxActiveRuns: 2 };

async function world(options: Partial<DagNode> = {}): Promise<Rig> {
  const made = rig(NOON);
  await registerDags(made, [versionOf('d', DAILY, { start: '2026-01-01', ...options })]);
  return made;
}

async function create(made: Rig, request: Partial<BackfillRequest> = {}): Promise<string> {
  const { backfill } = await createBackfill(made, PERSON, { ...FIVE, ...request });
  if (backfill === undefined) throw new Error('nothing to do');
  return backfill.id;
}

/** Ends every run that goes on, until none does; gives how they were started. */
async function drain(made: Rig, state: (runId: string) => 'success' | 'failed' = () => 'success') {
  let most = 0;
  for (;;) {
    const running = (await made.store.runs.open()).filter((run) => run.state === 'running');
    most = Math.max(most, running.length);
    const [run] = running;
    if (run === undefined) return { most, started: made.starts.map((start) => start.run.id) };
    await end(made, run, state(run.id));
  }
}

describe('a backfill', () => {
  test('runs every date once, so many at a time, and has succeeded then', async () => {
    const made = await world();
    const id = await create(made);
    expect(await runsOf(made, 'd')).toEqual([`${day(1)} running`, `${day(2)} running`]);
    expect(await drain(made)).toEqual({ most: 2, started: [1, 2, 3, 4, 5].map(day) });
    expect((await backfillProgress(made, id)).counts).toMatchObject({ success: 5, pending: 0, queued: 0 });
    expect(await backfillOf(made, id)).toMatchObject({ state: 'success', endedAt: NOON, by: 'ada' });
    const third = { type: 'backfill', lane: `BF#${id}`, by: `backfill ${id}` };
    expect(await runAt(made, 'd', day(3))).toMatchObject(third);
  });

  test('begins with the newest where it is asked to', async () => {
    const made = await world();
    await create(made, { order: 'newest', maxActiveRuns: 1 });
    expect((await drain(made)).started).toEqual([5, 4, 3, 2, 1].map(day));
  });

  test('leaves runs alone that are there, and fails where a date failed', async () => {
    const made = await world();
    const first = await create(made, { to: '2026-01-02' });
    await drain(made, (runId) => (runId === day(2) ? 'failed' : 'success'));
    expect((await backfillOf(made, first)).state).toBe('failed');
    const { preview } = await createBackfill(made, PERSON, { ...FIVE, dryRun: true, reprocess: 'failed' });
    expect(preview.dates.map(({ action, reason }) => [action, reason])).toEqual([
      ['skip', 'already exists'],
      ['rerun', 'its run is failed'],
      ['create', undefined],
      ['create', undefined],
      ['create', undefined],
    ]);
    expect(await made.store.backfills.list({})).toMatchObject({ items: [{ id: first }] });
    await create(made, { reprocess: 'failed' });
    await drain(made);
    expect(await runAt(made, 'd', day(2))).toMatchObject({ attempt: 2, state: 'success' });
    expect(await runAt(made, 'd', day(1))).toMatchObject({ attempt: 1 });
  });

  test('passes over a date that somebody else ran meanwhile', async () => {
    const made = await world({ start: '2026-01-17' });
    const id = await create(made, { from: '2026-01-17', to: '2026-01-19', maxActiveRuns: 1 });
    await tick(made, 'd');
    expect(await runAt(made, 'd', day(19))).toMatchObject({
      type: 'scheduled',
      state: 'running',
      lane: 'main',
    });
    await drain(made);
    const dates = await made.store.backfills.dates('d', id);
    expect(dates.map(({ state, reason }) => [state, reason])).toEqual([
      ['success', undefined],
      ['success', undefined],
      ['skipped', expect.stringMatching(/^(in flight|already exists)$/)],
    ]);
    const starts = made.starts.map(({ run }) => `${run.id} ${run.attempt}`);
    expect(new Set(starts)).toEqual(new Set([17, 18, 19].map((at) => `${day(at)} 1`)));
    expect(starts).toHaveLength(3);
  });

  test('neither delays other runs of the DAG, nor waits for them', async () => {
    const made = await world({ maxActiveRuns: 1 });
    await create(made, { maxActiveRuns: 2 });
    await trigger(made, PERSON, { dagId: 'd', now: true });
    expect((await made.store.runs.open()).filter(({ state }) => state === 'running')).toHaveLength(3);
  });

  test('runs of a paused DAG', async () => {
    const made = await world();
    const head = await made.store.dags.head('d');
    await made.store.dags.updateHead('d', head?.rev ?? 0, { paused: true });
    await create(made);
    expect((await drain(made)).started).toHaveLength(5);
  });

  test('may be one run for the whole range', async () => {
    const made = await world();
    const id = await create(made, { asOne: true });
    expect(made.starts[0]?.run).toMatchObject({
      id: `${day(1)}~${id}`,
      interval: { start: day(1), end: day(6), date: '2026-01-01' },
      type: 'backfill',
    });
    await drain(made);
    expect((await backfillOf(made, id)).state).toBe('success');
    expect(made.starts).toHaveLength(1);
  });

  test('whose runs can never start ends as failed', async () => {
    const made = await world();
    made.refuse = 'd';
    const id = await create(made);
    expect(await backfillProgress(made, id)).toMatchObject({
      backfill: { state: 'failed' },
      counts: { failed: 5 },
    });
  });
});

describe('the past', () => {
  const past = {
    dagId: 'd',
    from: '2026-01-02',
    to: '2026-01-04',
    reprocess: 'failed',
    maxActiveRuns: 3,
  } as const;

  async function behindFailure(): Promise<Rig> {
    const tasks = versionOf('d', DAILY).dag.tasks.map((task) => ({ ...task, dependsOnPast: true }));
    const made = await world({ tasks });
    await create(made, { to: '2026-01-01', reprocess: 'failed' });
    await drain(made, () => 'failed');
    return made;
  }

  test('holds back all runs but the first of a backfill', async () => {
    const made = await behindFailure();
    await createBackfill(made, PERSON, past);
    expect(await runsOf(made, 'd')).toEqual([
      `${day(1)} failed`,
      `${day(2)} running`,
      `${day(3)} queued`,
      `${day(4)} queued`,
    ]);
    expect((await drain(made)).started.slice(1)).toEqual([2, 3, 4].map(day));
  });

  test('runs a failed date again though those that wait for it fill all places', async () => {
    const made = await behindFailure();
    const { backfill } = await createBackfill(made, PERSON, { ...past, maxActiveRuns: 1 });
    await drain(made, (runId) => (runId === day(2) ? 'failed' : 'success'));
    await retryFailedDates(made, PERSON, backfill?.id ?? '');
    expect((await drain(made)).started.slice(1)).toEqual([2, 2, 3, 4].map(day));
    expect((await backfillOf(made, backfill?.id ?? '')).state).toBe('success');
  });
});

describe('under way', () => {
  test('is paused and resumed', async () => {
    const made = await world();
    const id = await create(made);
    await pauseBackfill(made, PERSON, id);
    await drain(made);
    await pumpBackfills(made);
    const { counts } = await backfillProgress(made, id);
    expect(counts).toMatchObject({ success: 2, pending: 3, queued: 0 });
    expect(await resumeBackfill(made, PERSON, id)).toMatchObject({ state: 'running' });
    await drain(made);
    expect(await backfillOf(made, id)).toMatchObject({ state: 'success' });
    const { items } = await made.store.audit.list({ dagId: 'd' });
    expect(items.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      'ada backfill.resume',
      'ada backfill.pause',
      'ada backfill.create',
    ]);
  });

  test('is cancelled: what runs goes on, or is stopped where that is asked', async () => {
    const made = await world();
    const id = await create(made);
    await cancelBackfill(made, PERSON, id);
    expect((await backfillProgress(made, id)).counts).toMatchObject({ queued: 2, cancelled: 3 });
    await drain(made);
    expect(await backfillProgress(made, id)).toMatchObject({
      backfill: { state: 'cancelled' },
      counts: { success: 2, cancelled: 3 },
    });
    const other = await create(made, { from: '2026-01-06', to: '2026-01-08' });
    await cancelBackfill(made, PERSON, other, { stopRunning: true });
    expect((await backfillProgress(made, other)).counts).toMatchObject({ cancelled: 3 });
    expect(await made.store.runs.open()).toEqual([]);
    await expect(cancelBackfill(made, PERSON, other)).rejects.toMatchObject({ code: 'backfill-ended' });
  });

  test('runs again what failed, when it is asked to', async () => {
    const made = await world();
    const id = await create(made);
    await drain(made, (runId) => (runId === day(3) || runId === day(4) ? 'failed' : 'success'));
    expect((await backfillOf(made, id)).state).toBe('failed');
    await retryFailedDates(made, PERSON, id);
    expect((await backfillProgress(made, id)).counts).toMatchObject({ success: 3, queued: 2 });
    await drain(made);
    expect((await backfillOf(made, id)).state).toBe('success');
    expect((await runAt(made, 'd', day(3))).attempt).toBe(2);
    expect((await runAt(made, 'd', day(2))).attempt).toBe(1);
    await expect(retryFailedDates(made, PERSON, id)).rejects.toMatchObject({ code: 'nothing-failed' });
  });

  test('a run of it that is cancelled counts as not done, and the next one starts', async () => {
    const made = await world();
    const id = await create(made, { maxActiveRuns: 1 });
    await cancelRun(made, PERSON, { dagId: 'd', runId: day(1) });
    const { counts } = await backfillProgress(made, id);
    expect(counts).toMatchObject({ cancelled: 1, queued: 1, pending: 3 });
    await drain(made);
    expect((await backfillOf(made, id)).state).toBe('failed');
  });
});

describe('what is asked for', () => {
  test('must be confirmed where it is much', async () => {
    const made = await world({ start: '2020-01-01' });
    const much: BackfillRequest = { dagId: 'd', from: '2022-01-01', to: '2025-12-31' };
    await expect(createBackfill(made, PERSON, much)).rejects.toThrow(
      'dag "d" › backfill: must be confirmed from 1001 dates on, got 1461; look at its dry run, then confirm',
    );
    expect((await made.store.backfills.list({})).items).toEqual([]);
    const { preview } = await createBackfill(made, PERSON, { ...much, dryRun: true });
    expect(preview.counts.create).toBe(1461);
    const confirmed = { ...much, confirmed: true, maxActiveRuns: 1 };
    expect((await createBackfill(made, PERSON, confirmed)).backfill).toBeDefined();
  });

  test('is estimated by past runs', async () => {
    const made = await world();
    const { items } = { items: [1, 2] };
    for (const at of items) {
      await create(made, { from: day(at), to: day(at) });
      const run = await runAt(made, 'd', day(at));
      await made.store.runs.update(
        { dagId: 'd', runId: run.id },
        { states: ['running'] },
        {
          state: 'success',
          startedAt: day(at),
          endedAt: `2026-01-0${at}T00:0${at}:00Z`,
          transitions: at * 10,
        },
      );
    }
    const { preview } = await createBackfill(made, PERSON, { ...FIVE, from: '2026-01-03', dryRun: true });
    // 3 runs of 15 transitions, 2 at a time, 90 seconds each.
    expect(preview.estimate).toEqual({ transitions: 45, dollars: 0.001125, seconds: 180, by: 'past runs' });
  });

  test('of some tasks takes those above them as done in a new run, and says so', async () => {
    const made = await world();
    await create(made, { to: '2026-01-01' });
    await drain(made);
    const request = { ...FIVE, to: '2026-01-02', reprocess: 'completed', dryRun: true } as const;
    const reasons = async (more: Partial<BackfillRequest>) =>
      (await createBackfill(made, PERSON, { ...request, ...more })).preview.dates.map(({ reason }) => reason);
    const note = 'upstream a does not run and is taken as done';
    expect(await reasons({ tasks: ['b'] })).toEqual(['its run is success', note]);
    expect(await reasons({ tasks: ['a+'] })).toEqual(['its run is success', undefined]);
    const [whole] = await reasons({ tasks: ['b'], asOne: true });
    expect(whole).toBe(`one run for 2 dates; 1 of them have runs, which stay as they are; ${note}`);
    await create(made, { from: '2026-01-02', to: '2026-01-02', tasks: ['b'] });
    expect(made.starts.at(-1)).toMatchObject({ run: { again: ['b'] }, rerun: { tasks: ['b'], data: {} } });
  });

  test('is refused where it cannot be, and nothing is written', async () => {
    const made = await world();
    const refusals: readonly Partial<BackfillRequest>[] = [
      { dagId: 'x' },
      { tasks: ['c'] },
      { params: { colour: 'red' } },
      { maxActiveRuns: 0 },
      { from: '2026-01-05', to: '2026-01-01' },
    ];
    const codes: unknown[] = [];
    for (const request of refusals)
      codes.push(await createBackfill(made, PERSON, { ...FIVE, ...request }).catch((error) => error.code));
    expect(codes).toEqual(['unknown-dag', 'unknown-task', 'unknown-param', 'invalid-range', 'invalid-range']);
    expect((await made.store.backfills.list({})).items).toEqual([]);
    expect((await made.store.audit.list({})).items).toEqual([]);
  });

  test('is nothing where every date has its run', async () => {
    const made = await world();
    await create(made);
    await drain(made);
    const counts = { create: 0, rerun: 0, skip: 5 };
    expect(await createBackfill(made, PERSON, FIVE)).toMatchObject({ preview: { counts } });
    expect((await made.store.backfills.list({})).items).toHaveLength(1);
  });
});
