/** A scheduler that dies at any write of a backfill: whoever comes after it runs every date once. */
import { expect, test } from 'vitest';
import {
  backfillProgress,
  resumeBackfill,
  retryFailedDates,
} from '../../../lib/orchestrator/backfill/change.ts';
import { createBackfill } from '../../../lib/orchestrator/backfill/create.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { memoryStore } from '../../../lib/store/memory.ts';
import type { Store } from '../../../lib/store/store.ts';
import { DAILY, end, PERSON, type Rig, rig, versionOf } from '../rig.ts';

const WRITES = ['create', 'update', 'updateDate', 'admit', 'release', 'append', 'putRecorded', 'updateHead'];

class Killed extends Error {}

/** The store as a process sees it that dies at its `last` write: before it, or once it is done. */
function mortal(store: Store, last: number, when: 'before' | 'after'): Store {
  let writes = 0;
  const live = () => {
    if (writes >= last) throw new Killed();
  };
  const part = <T extends object>(methods: T): T =>
    new Proxy(methods, {
      get: (target, name, self) => {
        const method: unknown = Reflect.get(target, name, self);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          // Who catches its own death can do nothing more.
          live();
          if (WRITES.includes(String(name))) writes++;
          if (when === 'before') live();
          const answer: unknown = await Reflect.apply(method, target, args);
          live();
          return answer;
        };
      },
    });
  const { runs, backfills, taskRuns, audit, dags } = store;
  return {
    ...store,
    runs: part(runs),
    backfills: part(backfills),
    taskRuns: part(taskRuns),
    audit: part(audit),
    dags: part(dags),
  };
}

/** One date has failed before, one has succeeded, and two have no run. */
async function scene(): Promise<{ readonly store: Store; readonly before: Rig }> {
  const store = memoryStore();
  const before = rig('2026-01-20T12:00:00Z', store);
  await registerDags(before, [versionOf('d', DAILY, { start: '2026-01-01' })]);
  await createBackfill(before, PERSON, { dagId: 'd', from: '2026-01-01', to: '2026-01-02' });
  const [first, second] = await store.runs.open();
  if (first === undefined || second === undefined) throw new Error('must have two runs');
  await end(before, first, 'failed');
  await end(before, second);
  return { store, before };
}

/** Another backfill, one of whose dates fails and is retried. */
async function work(world: Rig): Promise<void> {
  const { backfill } = await createBackfill(world, PERSON, {
    dagId: 'd',
    from: '2026-01-01',
    to: '2026-01-04',
    reprocess: 'failed',
    maxActiveRuns: 2,
  });
  await drain(world, '2026-01-03');
  if (backfill !== undefined) await retryFailedDates(world, PERSON, backfill.id);
  await drain(world);
}

async function drain(world: Rig, failing = 'none'): Promise<void> {
  for (;;) {
    const run = (await world.store.runs.open()).find(({ state }) => state === 'running');
    if (run === undefined) return;
    await end(world, run, run.id.startsWith(failing) && run.attempt === 1 ? 'failed' : 'success');
  }
}

/** True where the process lived to the end. */
async function diesAt(last: number, when: 'before' | 'after'): Promise<boolean> {
  const { store, before } = await scene();
  // Executions outlive the process that started them.
  const process = Object.assign(rig('2026-01-20T12:01:00Z', mortal(store, last, when)), {
    launcher: before.launcher,
  });
  Object.assign(process, { executions: before.executions, newId: before.newId });
  const outcome = await work(process).catch((error: unknown) => error);
  if (outcome !== undefined && !(outcome instanceof Killed)) throw outcome;
  for (let round = 0; round < 3; round++) {
    for (const { id, state } of (await store.backfills.list({})).items)
      if (state === 'paused') await resumeBackfill(before, PERSON, id);
    await sweep(before);
    await drain(before);
  }
  const names = before.starts.map(({ run }) => run.execution);
  expect(names).toHaveLength(new Set(names).size);
  expect(await store.runs.open()).toEqual([]);
  for (const { id, state } of (await store.backfills.list({})).items) {
    expect([last, when, state]).toEqual([last, when, expect.stringMatching(/^(success|failed)$/)]);
    const { counts } = await backfillProgress(before, id);
    expect([last, when, counts.pending + counts.queued]).toEqual([last, when, 0]);
  }
  const attempts = (await store.runs.list({ dagId: 'd', limit: 10 })).items.map((run) => run.attempt);
  // Each attempt of each run was started once, and none was forgotten.
  expect(names).toHaveLength(attempts.reduce((sum, attempt) => sum + attempt, 0));
  return outcome === undefined;
}

test.each(['before', 'after'] as const)('dies %s each of its writes', async (when) => {
  let last = 1;
  while (!(await diesAt(last, when))) last++;
  // It lived, so every write was the last one once.
  expect(last).toBeGreaterThan(30);
});
