/** `due` with its watermark, against a scheduler that steps through every minute and forgets nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTexts } from '../../lib/base/compare.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { due } from '../../lib/schedule/due.ts';
import type { Definition } from '../../lib/schedule/due-intervals.ts';
import { emptyDag } from '../build.ts';

const MINUTE = 60_000;
const FROM_MS = Date.UTC(2026, 2, 27, 22);
/** Minutes of a story. */
const LENGTH = 3 * 1440;

interface Written {
  readonly tick: (ms: number) => boolean;
  readonly schedule: ScheduleNode;
}

const interval = fc.constantFrom('data', 'trigger') as fc.Arbitrary<'data' | 'trigger'>;

/** Schedules, and which minutes they fire at, said in another way. */
const written: fc.Arbitrary<Written> = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 300 }), interval).map(([minutes, kind]) => ({
    schedule: { kind: 'every', period: `${minutes}m`, interval: kind } as const,
    tick: (ms: number) => ms % (minutes * MINUTE) === 0,
  })),
  fc
    .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 1, max: 12 }), interval)
    .map(([minute, step, kind]) => ({
      schedule: {
        kind: 'cron',
        expression: `${minute} */${step} * * *`,
        timezone: 'UTC',
        interval: kind,
      } as const,
      tick: (ms: number) =>
        new Date(ms).getUTCMinutes() === minute && new Date(ms).getUTCHours() % step === 0,
    })),
  fc.tuple(fc.integer({ min: 3, max: 23 }), interval).map(([hour, kind]) => ({
    // Across the night of 29 March, in which Berlin goes from UTC+1 to UTC+2.
    schedule: {
      kind: 'cron',
      expression: `0 ${hour} * * *`,
      timezone: 'Europe/Berlin',
      interval: kind,
    } as const,
    tick: (ms: number) => {
      const offset = ms >= Date.UTC(2026, 2, 29, 1) ? 2 : 1;
      return (ms / MINUTE + offset * 60) % 1440 === hour * 60;
    },
  })),
);

const minuteOf = fc.integer({ min: 0, max: LENGTH });

const dag = fc.record({
  written,
  start: fc.option(fc.integer({ min: -600, max: LENGTH }), { freq: 2 }),
  end: fc.option(minuteOf, { freq: 1 }),
  catchup: fc.boolean(),
  skipIfLate: fc.option(fc.integer({ min: 0, max: 600 })),
});

type Dag = typeof dag extends fc.Arbitrary<infer T> ? T : never;

const event = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'look' } as const) },
  { weight: 2, arbitrary: fc.constantFrom({ kind: 'pause' } as const, { kind: 'unpause' } as const) },
  { weight: 1, arbitrary: dag.map((to) => ({ kind: 'change', to }) as const) },
);

const events = fc
  .array(fc.tuple(minuteOf, event), { minLength: 5, maxLength: 25 })
  .map((list) => list.toSorted(([a], [b]) => a - b));

test('makes the runs that a scheduler makes which looks at every minute since the start', () => {
  let runs = 0;
  const property = fc.property(
    fc.noBias(dag),
    fc.integer({ min: 0, max: 600 }),
    fc.noBias(events),
    (first, registered, list) => {
      const story = new Story(first, FROM_MS + registered * MINUTE);
      for (const [minute, what] of list) story.happens(FROM_MS + minute * MINUTE, what);
      runs += story.made.size;
    },
  );
  fc.assert(property, { numRuns: 400 });
  expect(runs).toBeGreaterThan(400);
});

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

class Story {
  readonly made = new Set<string>();
  readonly #slowly = new Set<string>();
  readonly #registeredMs: number;
  #dag: Dag;
  #head: Definition['head'];
  constructor(first: Dag, registeredMs: number) {
    this.#dag = first;
    this.#registeredMs = registeredMs;
    this.#head = { paused: false, registeredAt: new Date(registeredMs).toISOString() };
  }

  happens(nowMs: number, what: Event): void {
    if (what.kind === 'change') this.#dag = what.to;
    else if (what.kind === 'look') this.#look(nowMs);
    else this.#head = { ...this.#head, paused: what.kind === 'pause' };
  }

  #look(nowMs: number): void {
    this.#head = look({ dag: nodeOf(this.#dag), head: this.#head }, nowMs, this.made);
    const slowly = { nowMs, registeredMs: this.#registeredMs, made: this.#slowly };
    if (!this.#head.paused) lookSlowly(this.#dag, slowly);
    expect([...this.made].toSorted(compareTexts)).toEqual([...this.#slowly].toSorted(compareTexts));
  }
}

/** Makes what is due, a hundred at a time, as `tick` does. */
function look(definition: Definition, nowMs: number, made: Set<string>): Definition['head'] {
  let { head } = definition;
  for (;;) {
    const ledger = { existing: made, open: [], maxActiveRuns: 0 };
    const { create, watermark, held } = due({ ...definition, head }, nowMs, ledger);
    const dates = create.map(({ logicalDate }) => logicalDate);
    expect(dates).toEqual(dates.toSorted(compareTexts));
    for (const date of dates) made.add(date);
    if (watermark === undefined) return head;
    head = { ...head, watermark };
    if (!held.some(({ code }) => code === 'more_due')) {
      expect(due({ ...definition, head }, nowMs, ledger).create).toEqual([]);
      return head;
    }
  }
}

interface Slowly {
  readonly nowMs: number;
  readonly registeredMs: number;
  readonly made: Set<string>;
}

/** Knows nothing of watermarks: goes through all minutes from long before on. */
function lookSlowly(is: Dag, { nowMs, registeredMs, made }: Slowly): void {
  const within = endedBy(is.written, nowMs).filter(
    ({ startMs, endMs }) => startMs < boundOf(is.end) && isFrom(is, { startMs, endMs }, registeredMs),
  );
  const wanted = is.catchup ? within : within.slice(-1);
  for (const { startMs, endMs } of wanted) {
    if (is.skipIfLate !== null && endMs + is.skipIfLate * MINUTE < nowMs) continue;
    made.add(new Date(startMs).toISOString().replace('.000Z', 'Z'));
  }
}

interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

function endedBy({ tick, schedule }: Written, nowMs: number): readonly Interval[] {
  const ticks: number[] = [];
  for (let ms = FROM_MS - 2 * 1440 * MINUTE; ms <= nowMs; ms += MINUTE) if (tick(ms)) ticks.push(ms);
  if (isTrigger(schedule)) return ticks.map((ms) => ({ startMs: ms, endMs: ms }));
  return ticks.slice(1).map((endMs, index) => ({ startMs: ticks[index] ?? 0, endMs }));
}

function isFrom(
  { start, written: { schedule } }: Dag,
  { startMs, endMs }: Interval,
  registeredMs: number,
): boolean {
  if (start !== null) return startMs >= FROM_MS + start * MINUTE;
  return isTrigger(schedule) ? startMs >= registeredMs : endMs > registeredMs;
}

function boundOf(end: number | null): number {
  return end === null ? Number.POSITIVE_INFINITY : FROM_MS + end * MINUTE;
}

function isTrigger(schedule: ScheduleNode): boolean {
  return schedule.kind !== 'manual' && schedule.interval === 'trigger';
}

function nodeOf({ written: { schedule }, start, end, catchup, skipIfLate }: Dag): DagNode {
  const at = (minute: number) => new Date(FROM_MS + minute * MINUTE).toISOString();
  return {
    ...emptyDag('d'),
    schedule,
    catchup,
    ...(start === null ? {} : { start: at(start) }),
    ...(end === null ? {} : { end: at(end) }),
    ...(skipIfLate === null ? {} : { skipIfLate: `${skipIfLate}m` as const }),
  };
}
