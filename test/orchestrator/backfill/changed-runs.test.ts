/** Runs of a backfill that somebody cleared or marked: each date is what its run is now, and so is the backfill. */
import { describe, expect, test } from 'vitest';
import type { RecordedRun } from '../../../lib/history/recorded-run.ts';
import {
  backfillProgress,
  pauseBackfill,
  resumeBackfill,
  retryFailedDates,
} from '../../../lib/orchestrator/backfill/change.ts';
import { createBackfill } from '../../../lib/orchestrator/backfill/create.ts';
import { cancelRun } from '../../../lib/orchestrator/cancel.ts';
import { clearRuns } from '../../../lib/orchestrator/clear.ts';
import { markTasks } from '../../../lib/orchestrator/mark.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { DAILY, end, PERSON, type Rig, rig, runAt, versionOf } from '../rig.ts';

const day = (date: number) => `2026-01-0${date}T00:00:00Z`;
const FAILED = day(2);

/** A backfill of three days, the second of which has failed; the third one has not run where `stops`. */
async function backfill({ stops = false } = {}): Promise<{ readonly made: Rig; readonly id: string }> {
  const made = rig('2026-01-20T12:00:00Z');
  await registerDags(made, [versionOf('d', DAILY, { start: '2026-01-01', catchup: false })]);
  const range = { dagId: 'd', from: '2026-01-01', to: '2026-01-03', maxActiveRuns: 1 };
  const created = await createBackfill(made, PERSON, range);
  const id = created.backfill?.id ?? '';
  await endNext(made);
  if (stops) await pauseBackfill(made, PERSON, id);
  await endNext(made, 'failed');
  if (!stops) await endNext(made);
  return { made, id };
}

async function endNext(made: Rig, state: 'success' | 'failed' = 'success'): Promise<void> {
  const run = (await made.store.runs.open()).find((open) => open.state === 'running');
  if (run === undefined) throw new Error('nothing runs');
  await end(made, run, state);
}

async function toldOf(made: Rig, id: string) {
  const { backfill: told, counts } = await backfillProgress(made, id);
  return [told.state, counts.success, counts.failed + counts.cancelled, counts.pending + counts.queued];
}

const clear = (made: Rig, runId: string) => clearRuns(made, PERSON, { dagId: 'd', runs: { runId } });

const BOTH_FAILED: RecordedRun = {
  states: new Map([['a', 'failed'] as const, ['b', 'upstream_failed'] as const]),
  outputs: new Map(),
  marks: {},
  records: [],
};

describe('a backfill that has ended', () => {
  test('has succeeded once its failed run is cleared and succeeds, and failed once that fails again', async () => {
    const { made, id } = await backfill();
    expect(await toldOf(made, id)).toEqual(['failed', 2, 1, 0]);
    await clear(made, FAILED);
    expect(await runAt(made, 'd', FAILED)).toMatchObject({ lane: 'main', backfill: id, attempt: 2 });
    await endNext(made);
    expect(await toldOf(made, id)).toEqual(['success', 3, 0, 0]);
    await expect(retryFailedDates(made, PERSON, id)).rejects.toMatchObject({ code: 'nothing-failed' });
    await clear(made, FAILED);
    await endNext(made, 'failed');
    expect(await toldOf(made, id)).toEqual(['failed', 2, 1, 0]);
    await clear(made, FAILED);
    await cancelRun(made, PERSON, { dagId: 'd', runId: FAILED });
    expect((await runAt(made, 'd', FAILED)).attempt).toBe(4);
    expect(await toldOf(made, id)).toEqual(['failed', 2, 1, 0]);
  });

  test.each(['lives', 'sweep', 'retry'] as const)(
    'has succeeded once its failed run is marked, even where who did so dies: %s',
    async (then) => {
      const { made, id } = await backfill();
      await sweep(made);
      await made.store.taskRuns.putRecorded({ dagId: 'd', runId: FAILED }, BOTH_FAILED);
      const updateDate = () => Promise.reject(new Error('died'));
      const mortal = { ...made.store, backfills: { ...made.store.backfills, updateDate } };
      const marking = markTasks(then === 'lives' ? made : { ...made, store: mortal }, PERSON, {
        dagId: 'd',
        runs: { runId: FAILED },
        tasks: ['a', 'b'],
        state: 'success',
      });
      if (then === 'lives') await marking;
      else await expect(marking).rejects.toThrow('died');
      expect((await toldOf(made, id))[0]).toBe(then === 'lives' ? 'success' : 'failed');
      if (then === 'sweep') await sweep(made);
      if (then === 'retry') await retryFailedDates(made, PERSON, id);
      expect(await toldOf(made, id)).toEqual(['success', 3, 0, 0]);
      expect((await runAt(made, 'd', FAILED)).attempt).toBe(1);
    },
  );

  test('waits for a run that is cleared as its date is retried', async () => {
    const { made, id } = await backfill();
    await clear(made, FAILED);
    await retryFailedDates(made, PERSON, id);
    expect(await toldOf(made, id)).toEqual(['running', 2, 0, 1]);
    await endNext(made);
    expect(await toldOf(made, id)).toEqual(['success', 3, 0, 0]);
    expect(made.starts.map(({ run }) => run.id)).toEqual([1, 2, 3, 2].map(day));
  });

  test('retries a date of a run that was cleared and failed, in its own lane again', async () => {
    const { made, id } = await backfill();
    await clear(made, FAILED);
    await endNext(made, 'failed');
    await retryFailedDates(made, PERSON, id);
    const run = await runAt(made, 'd', FAILED);
    expect(run).toMatchObject({ lane: `BF#${id}`, attempt: 3 });
    expect(run).not.toHaveProperty('backfill');
    const { items } = await made.store.audit.list({ dagId: 'd', action: 'backfill.retry' });
    expect(items[0]?.details).toEqual({ backfill: id, from: 'failed', dates: 1 });
    await endNext(made);
    expect(await toldOf(made, id)).toEqual(['success', 3, 0, 0]);
  });
});

describe('a backfill under way', () => {
  test('goes on beside a run of it that is cleared, which is in the main lane', async () => {
    const { made, id } = await backfill({ stops: true });
    await clear(made, FAILED);
    const cleared = await runAt(made, 'd', FAILED);
    expect(cleared).toMatchObject({ state: 'running', lane: 'main', executions: [`d/${FAILED}/1`] });
    expect(cleared).not.toHaveProperty('again');
    expect(await made.store.runs.admitted('d', `BF#${id}`)).toEqual([]);
    await resumeBackfill(made, PERSON, id);
    expect(await made.store.runs.admitted('d', 'main')).toEqual([`${FAILED}#2`]);
    expect(await made.store.runs.admitted('d', `BF#${id}`)).toEqual([`${day(3)}#1`]);
    await end(made, await runAt(made, 'd', FAILED));
    expect(await toldOf(made, id)).toEqual(['running', 2, 0, 1]);
    await endNext(made);
    expect(await toldOf(made, id)).toEqual(['success', 3, 0, 0]);
    expect(await made.store.runs.admitted('d', 'main')).toEqual([]);
  });
});
