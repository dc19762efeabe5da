/**
 * A week in which everything goes wrong, on real parts in virtual time: the API is down for a day, a load breaks after
 * it has written a part, a file comes 26 hours late, the DAG is paused over a weekend, the clock changes, the process is
 * killed in the midst of a load, and a bug is found, fixed and backfilled. In the end the data is what a clean week gives.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compile } from '../lib/compiler/compile.ts';
import type { ScheduleEvent } from '../lib/local/virtual/agenda.ts';
import { playSchedule } from '../lib/local/virtual/play-schedule.ts';
import type { DagVersion } from '../lib/model/dag-version.ts';
import { auditLedger } from '../lib/orchestrator/audit.ts';
import { createBackfill } from '../lib/orchestrator/backfill/create.ts';
import { clearRuns } from '../lib/orchestrator/clear.ts';
import { registerDags } from '../lib/orchestrator/register.ts';
import { isoText } from '../lib/schedule/run-interval.ts';
import { Place } from './bad-week/place.ts';
import { type Mistakes, ratesOf, salesDag } from './bad-week/sales.ts';
import { startShop } from './bad-week/shop.ts';

const FROM = '2026-03-20T12:00:00Z';
const TO = '2026-03-30T23:00:00Z';
/** Logical dates: from Friday to the Sunday on which the clock changes. */
const DAYS = Array.from({ length: 10 }, (_, index) => `2026-03-${20 + index}`);

interface Week {
  readonly mistakes: Mistakes;
  /** From … to: the API answers 503. */
  readonly down?: readonly [from: string, to: string];
  /** When the rates of a day come. @default the evening of that day */
  readonly ratesAt?: Readonly<Record<string, string>>;
  readonly events?: (place: Place) => readonly ScheduleEvent[];
}

async function lived(week: Week): Promise<Place> {
  const [downFrom, downTo] = (week.down ?? [TO, TO]).map((at) => Date.parse(at));
  let now = () => 0;
  const shop = await startShop(() => now() >= Number(downFrom) && now() < Number(downTo));
  onTestFinished(() => shop.close());
  const place = await Place.open(Date.parse(FROM), shop.url);
  onTestFinished(() => place.close());
  now = () => place.clock.now();
  place.dag = salesDag(() => place.hands(), week.mistakes);
  const deliveries = DAYS.map((day) => ({
    at: week.ratesAt?.[day] ?? `${day}T20:00:00Z`,
    act: async () => deliver(place, day),
  }));
  const { world } = place;
  const problems = await place.clock.drive(
    playSchedule({
      world,
      dags: [versionOf(place)],
      fromMs: Date.parse(FROM),
      toMs: Date.parse(TO),
      events: [...deliveries, ...(week.events?.(place) ?? [])],
      kill: () => place.kill(),
    }),
  );
  expect(problems).toEqual([]);
  return place;
}

function versionOf({ dag }: Place): DagVersion {
  if (dag === undefined) throw new Error('unreachable: a place without its DAG');
  return { dag, manifest: compile(dag).manifest };
}

function deliver({ root }: Place, day: string): void {
  const file = join(root, '.tutti', 'data', ratesOf(day));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ rate: 1 + Number(day.slice(-2)) / 100 }));
}

/** Days whose totals a bug gets wrong. */
const BUGGY = DAYS.slice(4, 7);

const SOUND: Mistakes = { bugOn: [], breaks: () => false };

const BAD_WEEK: Week = {
  mistakes: { bugOn: BUGGY, breaks: (day, tryNumber) => day === '2026-03-24' && tryNumber === 1 },
  down: ['2026-03-24T00:00:00Z', '2026-03-25T00:00:00Z'],
  ratesAt: { '2026-03-25': '2026-03-27T02:55:00Z' },
  events: (place) => [
    { at: '2026-03-20T22:00:00Z', pause: 'sales' },
    { at: '2026-03-23T07:00:00Z', unpause: 'sales' },
    {
      at: '2026-03-25T09:00:00Z',
      act: (world, actor) =>
        clearRuns(world, actor, {
          dagId: 'sales',
          runs: { runId: '2026-03-23T01:00:00Z' },
          onlyFailed: true,
        }),
    },
    // The load of the 26th has written its first half, and a sensor waits.
    { at: '2026-03-27T01:00:10Z', kill: true },
    {
      at: '2026-03-30T09:00:00Z',
      act: async (world, actor) => {
        place.dag = salesDag(() => place.hands(), SOUND);
        await registerDags(world, [versionOf(place)]);
        const dates = { from: BUGGY[0] ?? '', to: BUGGY.at(-1) ?? '' };
        await createBackfill(world, actor, {
          dagId: 'sales',
          ...dates,
          reprocess: 'completed',
          maxActiveRuns: 2,
        });
      },
    },
  ],
};

/** Of a run's first attempt: when each try of a task began and ended, and how. */
async function triesOf(place: Place, day: string, task: string) {
  const { items } = await place.world.store.runs.list({ dagId: 'sales' });
  const run = items.find(({ interval }) => interval.date === day);
  const key = { dagId: 'sales', runId: run?.id ?? '' };
  const [row] = await place.world.store.taskRuns.list(key, { task, attempt: 1 });
  const at = (ms: number | undefined) => (ms === undefined ? undefined : isoText(ms).slice(5, 19));
  return row?.tries.map(({ startMs, endMs, state, error }) => [at(startMs), at(endMs), error ?? state]);
}

test('after seven bad days the data is a clean week’s, and the ledger has nothing to say', async () => {
  const clean = await lived({ mistakes: SOUND });
  const bad = await lived(BAD_WEEK);
  const data = await clean.data();
  expect(Object.keys(data.files)).toHaveLength(3 * DAYS.length);
  expect(await bad.data()).toEqual(data);

  const { problems, rows } = await auditLedger(bad.world, 'sales', { from: '2026-03-20', to: '2026-03-29' });
  expect(problems).toEqual([]);
  // The next run succeeds, and a day later the one that failed, once it is cleared; what broke and went on troubles nobody.
  expect(bad.messages.map(({ kind, runId }) => [kind, runId])).toEqual([
    ['failed', '2026-03-23T01:00:00Z'],
    ['recovered', '2026-03-24T01:00:00Z'],
    ['recovered', '2026-03-23T01:00:00Z'],
  ]);
  const again = ['2026-03-23', ...BUGGY];
  expect(rows.map(({ interval, run }) => [interval.date, run?.state, run?.attempt])).toEqual(
    DAYS.map((day) => [day, 'success', again.includes(day) ? 2 : 1]),
  );
});

test('each bad day was one', async () => {
  const seen: unknown[] = [];
  const rowsOf = async (place: Place, day: string) =>
    seen.push([day, Number((await place.query(`select count(*) from orders where day = '${day}'`))[0]?.[0])]);
  const bad = await lived({
    ...BAD_WEEK,
    events: (place) => [
      ...(BAD_WEEK.events?.(place) ?? []),
      { at: '2026-03-25T01:05:00Z', act: () => rowsOf(place, '2026-03-24') },
      { at: '2026-03-27T01:00:05Z', act: () => rowsOf(place, '2026-03-26') },
    ],
  });
  // What a load that broke, or was killed, had written: half of five and seven.
  expect(seen).toEqual([
    ['2026-03-24', 2],
    ['2026-03-26', 3],
  ]);
  expect(await triesOf(bad, '2026-03-20', 'load')).toEqual([['03-23T07:00:00', '03-23T07:00:20', 'success']]);
  expect(await triesOf(bad, '2026-03-23', 'fetch')).toEqual([
    ['03-24T01:00:00', '03-24T01:00:00', 'Http.503'],
    ['03-24T01:10:00', '03-24T01:10:00', 'Http.503'],
    ['03-24T01:20:00', '03-24T01:20:00', 'Http.503'],
  ]);
  expect(await triesOf(bad, '2026-03-24', 'load')).toEqual([
    ['03-25T01:00:00', '03-25T01:00:20', 'Error'],
    ['03-25T01:10:20', '03-25T01:10:40', 'success'],
  ]);
  expect(await triesOf(bad, '2026-03-25', 'load')).toEqual([['03-27T03:00:00', '03-27T03:00:20', 'success']]);
  expect(await triesOf(bad, '2026-03-26', 'load')).toEqual([
    // It ended with the last event that was written.
    ['03-27T01:00:00', '03-27T01:00:00', 'Dag.TryLost'],
    ['03-27T01:10:00', '03-27T01:10:20', 'success'],
  ]);
  // At 03:00, since there is no 02:00; and a day later at 02:00 again.
  expect(await triesOf(bad, '2026-03-28', 'load')).toEqual([['03-29T01:00:00', '03-29T01:00:20', 'success']]);
  expect(await triesOf(bad, '2026-03-29', 'load')).toEqual([['03-30T00:00:00', '03-30T00:00:20', 'success']]);
});

test('without the backfill only what the bug touched is wrong', async () => {
  const clean = await (await lived({ mistakes: SOUND })).data();
  const events = (place: Place) => (BAD_WEEK.events?.(place) ?? []).slice(0, -1);
  const bad = await (await lived({ ...BAD_WEEK, events })).data();
  expect(bad.tables.orders).toEqual(clean.tables.orders);
  const differing = Object.keys(clean.files).filter((path) => clean.files[path] !== bad.files[path]);
  expect(differing).toEqual(BUGGY.map((day) => `reports/${day}.txt`));
});
