/** The promises of cron schedules, checked in one zone over 30 years; by the property test in part, by `npm run soak:zones` in full. */
import { Cron as Croner } from 'croner';
import type { DstPolicy, ScheduleNode } from '../../lib/model/schedule.ts';
import { intervalContaining, nextTick, previousTick } from '../../lib/schedule/data-interval.ts';
import {
  clockOf,
  type PlainCron,
  plainCron,
  policyOf,
  ticksByMinute,
  type ZoneClock,
} from './zone-oracle.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** So far around a change ticks are compared. A clock that leaps over a day, as Apia's did, is in it too. */
const AROUND = 14 * HOUR;
/** Times that came before count as well. */
const BEFORE = 26 * HOUR;
/** Intervals are followed so near a change. */
const CHAINED = 3 * HOUR;
export const YEARS: readonly [number, number] = [Date.UTC(2000, 0), Date.UTC(2030, 0)];

/** What hits the hours in which clocks change, and what steps over them; some of days, weekdays and months. */
export const CRONS: readonly PlainCron[] = [
  '30 2 * * *',
  '0 2 * * *',
  '* * * * *',
  '*/20 1-3 * * *',
  '0 0 * * *',
  '30 0 * * *',
  '0 1 * * *',
  '15,45 1,2 * * *',
  '*/30 * * * *',
  '0 3 * * *',
  '30 */2 * * *',
  '59 23 * * *',
  '0 * * * *',
  '30 1 * * 0',
  '7 */5 * * *',
  '0 0 1 * *',
  '0 12 * * *',
  '*/7 0-4 * * *',
  '30 2 * 3,10,11 *',
  '45 1 15-31 * 0',
  '0 0,12 * * 1-5',
  '10-50/10 2 * * 0,6',
  '0 4 * * *',
  '30 23 * * 6',
  '0 0 31 12 *',
].map(plainCron);

const POLICIES: readonly (DstPolicy | undefined)[] = [
  undefined,
  ...(['after', 'skip', 'before'] as const).flatMap((gap) =>
    (['first', 'second', 'both'] as const).map((overlap) => ({ gap, overlap })),
  ),
  { gap: 'before' },
  { overlap: 'second' },
];

export interface Swept {
  readonly changes: number;
  /** Windows around a change, of one cron under one policy, compared with the minutes. */
  readonly windows: number;
  readonly ticks: number;
  /** Ticks that croner finds, too. */
  readonly agreed: number;
  /** What does not hold, the first 5 of it. */
  readonly problems: readonly string[];
}

export interface Effort {
  /** How far apart the clock is looked at for changes. */
  readonly stepMs: number;
  /** One change in so many is looked at. */
  readonly changeIn: number;
  /** Crons at each. */
  readonly crons: number;
  /** Instants from which croner is asked. */
  readonly asked: number;
}

/** Which changes, crons and policies meet turns with the zone's number, so that all do over all zones. */
export function sweepZone(zone: string, turn: number, effort: Effort): Swept {
  const clock = clockOf(zone, YEARS, effort.stepMs);
  const problems: string[] = [];
  let [windows, ticks, agreed] = [0, 0, 0];
  for (const [index, { at }] of clock.changes.entries()) {
    if ((index + turn) % effort.changeIn !== 0) continue;
    for (let count = 0; count < effort.crons; count++) {
      const cron = pick(CRONS, turn + index * 7 + count);
      const dst = pick(POLICIES, turn * 3 + index + count * 5);
      const found = checkWindow(clock, cron, dst, at);
      windows++;
      ticks += found.ticks;
      problems.push(...found.problems);
    }
  }
  for (let count = 0; count < effort.asked; count++) {
    const found = askCroner(
      clock,
      pick(CRONS, turn + count),
      YEARS[0] + ((turn * 97 + count * 1013) % 10_900) * DAY,
    );
    agreed += found.ticks;
    problems.push(...found.problems);
  }
  return { changes: clock.changes.length, windows, ticks, agreed, problems: problems.slice(0, 5) };
}

interface Found {
  readonly ticks: number;
  readonly problems: readonly string[];
}

/** Around a change ticks are those of the minutes, and the intervals between them meet. */
function checkWindow(clock: ZoneClock, cron: PlainCron, dst: DstPolicy | undefined, at: number): Found {
  const schedule = scheduleOf(cron, clock.zone, dst);
  const minutes = [at - BEFORE, at + BEFORE] as const;
  const expected = ticksByMinute(cron, clock, policyOf(cron.expression, dst), minutes);
  const [first, last] = [at - AROUND, at + AROUND];
  const ticks = ticksOf(schedule, first, last);
  const wanted = expected.filter((tick) => tick >= first && tick < last);
  const where = `${cron.expression} ${clock.zone} ${JSON.stringify(dst ?? {})} at ${new Date(at).toISOString()}`;
  if (ticks.join() !== wanted.join())
    return { ticks: ticks.length, problems: [`${where}: ticks ${difference(ticks, wanted)}`] };
  const near = ticks.length < 60 ? ticks : ticks.filter((tick) => Math.abs(tick - at) < CHAINED);
  return {
    ticks: ticks.length,
    problems: chain(schedule, near, [at - 60_000, at, at + 60_000]).map((text) => `${where}: ${text}`),
  };
}

/** Ascending and each once by how they are found: each later than the one before. */
function ticksOf(schedule: ScheduleNode, fromMs: number, toMs: number): readonly number[] {
  const ticks: number[] = [];
  let tick = nextTick(schedule, fromMs - 1);
  while (tick !== undefined && tick < toMs) {
    ticks.push(tick);
    const next = nextTick(schedule, tick);
    if (next !== undefined && next <= tick) throw new Error(`tick ${next} does not follow ${tick}`);
    tick = next;
  }
  return ticks;
}

/** Intervals hold each instant once: the one around any of them ends where the next starts, found from either side. */
function chain(
  schedule: ScheduleNode,
  ticks: readonly number[],
  instants: readonly number[],
): readonly string[] {
  const links = ticks.slice(1).map((next, index) => link(schedule, ticks[index] ?? 0, next));
  const around = instants.map((instant) => {
    const { startMs, endMs } = intervalContaining(schedule, instant);
    return startMs <= instant && endMs > instant ? [] : [`${instant} is not in ${startMs} to ${endMs}`];
  });
  return [...links, ...around].flat();
}

function link(schedule: ScheduleNode, tick: number, next: number): readonly string[] {
  if (previousTick(schedule, next - 1) !== tick) return [`no way back from ${next} to ${tick}`];
  if (previousTick(schedule, tick) !== tick) return [`${tick} is not its own`];
  const { startMs, endMs } = intervalContaining(schedule, tick);
  return startMs === tick && endMs === next ? [] : [`${tick} has the interval ${startMs} to ${endMs}`];
}

/** Where no clock changes nearby, and so no policy has a say, croner finds the same ticks. */
function askCroner(clock: ZoneClock, { expression }: PlainCron, fromMs: number): Found {
  const schedule = scheduleOf({ expression }, clock.zone);
  const croner = new Croner(expression, { timezone: clock.zone });
  let tick = fromMs;
  let theirs: Date | null = new Date(fromMs);
  for (let count = 0; count < 6; count++) {
    const next = nextTick(schedule, tick);
    theirs = croner.nextRun(theirs);
    if (next === undefined || clock.changes.some(({ at }) => Math.abs(at - next) < 2 * DAY))
      return { ticks: count, problems: [] };
    const [ours, other] = [new Date(next).toISOString(), theirs?.toISOString()];
    if (ours !== other)
      return { ticks: count, problems: [`${expression} ${clock.zone}: ${ours}, croner ${other}`] };
    tick = next;
  }
  return { ticks: 6, problems: [] };
}

/** Over all years every tick follows the one before, and is found again from the next. */
export function checkYears(zone: string, cron: PlainCron): Found {
  const schedule = scheduleOf(cron, zone);
  const ticks = ticksOf(schedule, ...YEARS);
  const lost = ticks.findIndex(
    (tick, index) => index > 0 && previousTick(schedule, tick - 1) !== ticks[index - 1],
  );
  const problems =
    lost < 0
      ? []
      : [`${cron.expression} ${zone}: no way back from ${new Date(ticks[lost] ?? 0).toISOString()}`];
  return { ticks: ticks.length, problems };
}

function scheduleOf(
  { expression }: Pick<PlainCron, 'expression'>,
  timezone: string,
  dst?: DstPolicy,
): ScheduleNode {
  return { kind: 'cron', expression, timezone, interval: 'data', ...(dst === undefined ? {} : { dst }) };
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

function difference(ours: readonly number[], wanted: readonly number[]): string {
  const texts = (list: readonly number[], other: readonly number[]) =>
    list
      .filter((tick) => !other.includes(tick))
      .map((tick) => new Date(tick).toISOString())
      .slice(0, 3);
  return `${JSON.stringify(texts(ours, wanted))} instead of ${JSON.stringify(texts(wanted, ours))}`;
}
