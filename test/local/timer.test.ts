/** The loop of `tutti dev`, in virtual time. */
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { startTimer, type Timer } from '../../lib/local/timer.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import type { Run } from '../../lib/model/run.ts';
import { pauseDag } from '../../lib/orchestrator/pause.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { DAILY, HOURLY, PERSON, type Rig, rig, runsOf, versionOf } from '../orchestrator/rig.ts';

interface Timed {
  readonly world: Rig;
  readonly timer: Timer;
  readonly errors: readonly string[];
  readonly changed: readonly Run[];
  /** Lets the time pass until then. */
  readonly until: (text: string) => Promise<void>;
}

/** A timer over these DAGs, from an instant on; its first round is over. */
async function timed(now: string, versions: readonly DagVersion[]): Promise<Timed> {
  const clock = new VirtualClock(Date.parse(now));
  const world: Rig = Object.assign(rig(now), { clock });
  await registerDags(world, versions);
  const stop = new AbortController();
  const errors: string[] = [];
  const changed: Run[] = [];
  const timer = startTimer({
    world,
    dags: () => versions.map(({ dag }) => dag),
    signal: stop.signal,
    onError: (error) => errors.push(String(error)),
    onRuns: (runs) => changed.push(...runs),
  });
  onTestFinished(async () => {
    stop.abort();
    await timer.done;
  });
  await timer.first;
  const until = (text: string) => clock.drive(clock.until(Date.parse(text)));
  return { world, timer, errors, changed, until };
}

/** When each execution began. */
async function startsOf({ world }: Timed): Promise<readonly string[]> {
  const runs = await Promise.all(
    world.starts.map(({ run: { dagId, id } }) => world.store.runs.get({ dagId, runId: id })),
  );
  return runs.map((run) => `${run?.dagId} ${run?.logicalDate} at ${run?.startedAt}`);
}

test('ticks every DAG at the very instant it is due, and no sooner', async () => {
  const one = await timed('2026-03-01T22:50:00Z', [versionOf('hourly', HOURLY), versionOf('daily', DAILY)]);
  await one.until('2026-03-01T22:59:59.999Z');
  expect(await startsOf(one)).toEqual([]);
  await one.until('2026-03-01T23:10:00Z');
  expect(await startsOf(one)).toEqual(['hourly 2026-03-01T22:00:00Z at 2026-03-01T23:00:00Z']);
  await one.until('2026-03-02T00:00:01Z');
  expect((await startsOf(one)).slice(1).toSorted()).toEqual([
    'daily 2026-03-01T00:00:00Z at 2026-03-02T00:00:00Z',
    'hourly 2026-03-01T23:00:00Z at 2026-03-02T00:00:00Z',
  ]);
  expect(one.errors).toEqual([]);
});

test('starts within half a second what another process wrote', async () => {
  const one = await timed('2026-03-01T10:20:00Z', [versionOf('hourly', HOURLY)]);
  const { runs } = one.world.store;
  // A process that starts nothing finds no places.
  const placeless = { ...one.world.store, runs: { ...runs, admit: async () => false } };
  await trigger({ ...one.world, store: placeless }, PERSON, { dagId: 'hourly' });
  expect(one.world.starts).toEqual([]);
  await one.until('2026-03-01T10:20:00.500Z');
  expect(one.world.starts).toHaveLength(1);
  expect(one.changed.map(({ state }) => state)).toContain('running');
});

test('looks at once at what somebody unpaused', async () => {
  const one = await timed('2026-03-01T10:50:00Z', [versionOf('hourly', HOURLY)]);
  await pauseDag(one.world, PERSON, 'hourly');
  await one.until('2026-03-01T11:10:00Z');
  expect(one.world.starts).toEqual([]);
  // As another process would: the head changes, and nothing else.
  const head = await one.world.store.dags.head('hourly');
  await one.world.store.dags.updateHead('hourly', head?.rev ?? 0, { paused: false });
  await one.until('2026-03-01T11:10:00.500Z');
  expect(await startsOf(one)).toEqual(['hourly 2026-03-01T10:00:00Z at 2026-03-01T11:10:00.250Z']);
});

test('held, makes no runs of schedules; let go on, makes what was missed', async () => {
  const one = await timed('2026-03-01T10:50:00Z', [versionOf('hourly', HOURLY)]);
  one.timer.hold(true);
  await one.until('2026-03-01T11:20:00Z');
  expect(await runsOf(one.world, 'hourly')).toEqual([]);
  await trigger(one.world, PERSON, { dagId: 'hourly', now: true });
  expect(one.world.starts).toHaveLength(1);
  one.timer.hold(false);
  await one.until('2026-03-01T11:20:01Z');
  expect((await startsOf(one)).at(-1)).toBe('hourly 2026-03-01T10:00:00Z at 2026-03-01T11:20:00.250Z');
});

test('goes on when a look fails, says so once, and looks again', async () => {
  const one = await timed('2026-03-01T10:58:00Z', [versionOf('hourly', HOURLY), versionOf('other', HOURLY)]);
  const { create } = one.world.store.runs;
  const failing = async (run: Run) => {
    if (run.dagId === 'hourly') throw new Error('the disk is full');
    return create(run);
  };
  Object.assign(one.world.store.runs, { create: failing });
  await one.until('2026-03-01T11:02:00Z');
  expect(await startsOf(one)).toEqual(['other 2026-03-01T10:00:00Z at 2026-03-01T11:00:00Z']);
  expect(one.errors.length).toBeLessThanOrEqual(2);
  expect(one.errors.join()).toContain('the disk is full');
  Object.assign(one.world.store.runs, { create });
  await one.until('2026-03-01T11:04:00Z');
  expect(await runsOf(one.world, 'hourly')).toEqual(['2026-03-01T10:00:00Z running']);
});

test('a new DAG is due when it is told of', async () => {
  const versions = [versionOf('hourly', HOURLY)];
  const one = await timed('2026-03-01T10:20:00Z', versions);
  versions.push(versionOf('late', DAILY, { start: '2026-02-27' }));
  await registerDags(one.world, versions);
  one.timer.reschedule(['late']);
  await one.until('2026-03-01T10:20:01Z');
  expect(await startsOf(one)).toEqual(['late 2026-02-28T00:00:00Z at 2026-03-01T10:20:00.250Z']);
});
