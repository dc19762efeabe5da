/**
 * Ticks around a change of the clock, found minute by minute, and the changes themselves, from `Intl` alone: it shares
 * nothing with `lib/schedule`.
 */
import type { DstPolicy } from '../../lib/model/schedule.ts';

const MINUTE = 60_000;

/** A clock that shows another time from an instant on. */
export interface ClockChange {
  readonly at: number;
  /** Local time minus UTC, milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** A zone's clock over the years that are looked at. */
export interface ZoneClock {
  readonly zone: string;
  /** At the start. */
  readonly offset: number;
  readonly changes: readonly ClockChange[];
}

/** Looks every `stepMs` whether the clock differs, and then for the minute. */
export function clockOf(zone: string, [fromMs, toMs]: readonly [number, number], stepMs: number): ZoneClock {
  const offsetAt = readerOf(zone);
  const changes: ClockChange[] = [];
  let offset = offsetAt(fromMs);
  for (let at = fromMs; at < toMs; at += stepMs) {
    const end = Math.min(at + stepMs, toMs);
    const later = offsetAt(end);
    if (later === offset) continue;
    let [low, high] = [at, end];
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / MINUTE / 2) * MINUTE;
      if (offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    changes.push({ at: high, from: offset, to: offsetAt(high) });
    offset = later;
  }
  return { zone, offset: offsetAt(fromMs), changes };
}

function readerOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - at;
}

/** A cron without special days. */
export interface PlainCron {
  readonly expression: string;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  /** `undefined`: any. */
  readonly days: ReadonlySet<number> | undefined;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number> | undefined;
}

export function plainCron(expression: string): PlainCron {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.split(' ');
  return {
    expression,
    minutes: numbers(minute, 0, 59),
    hours: numbers(hour, 0, 23),
    days: day === '*' ? undefined : numbers(day, 1, 31),
    months: numbers(month, 1, 12),
    weekdays: weekday === '*' ? undefined : numbers(weekday, 0, 6),
  };
}

function numbers(text: string, min: number, max: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const [span = '', step] = item.split('/');
    const [low = '', high] = span.split('-');
    const first = span === '*' ? min : Number(low);
    const last = span === '*' ? max : Number(high ?? low);
    for (let value = first; value <= last; value += Number(step ?? 1)) found.add(value);
  }
  return found;
}

/** What the documentation says of a schedule that names no policy: fixed hours are moved, stepped ones keep their pace. */
export function policyOf(expression: string, dst: DstPolicy = {}): Required<DstPolicy> {
  const stepped = /[*/-]/.test(expression.split(' ')[1] ?? '');
  return {
    gap: dst.gap ?? (stepped ? 'skip' : 'after'),
    overlap: dst.overlap ?? (stepped ? 'both' : 'first'),
  };
}

/** Ticks in [from, to), both full minutes; ascending, each once. */
export function ticksByMinute(
  cron: PlainCron,
  clock: ZoneClock,
  policy: Required<DstPolicy>,
  [fromMs, toMs]: readonly [number, number],
): readonly number[] {
  const changes = new Map(clock.changes.map((change) => [change.at, change]));
  let offset = clock.changes.findLast(({ at }) => at <= fromMs)?.to ?? clock.offset;
  const times: WallTime[] = [];
  for (let at = fromMs; at < toMs; at += MINUTE) {
    offset = changes.get(at)?.to ?? offset;
    if (fits(cron, at + offset)) times.push({ at, wall: at + offset });
  }
  const leaps = clock.changes.filter(({ at }) => at > fromMs && at < toMs);
  const moved = leaps
    .filter((change) => policy.gap !== 'skip' && skipsTick(cron, change))
    .map(({ at }) => (policy.gap === 'after' ? at : at - MINUTE));
  const ticks = new Set([...chosen(times, policy.overlap), ...moved]);
  return [...ticks].sort((a, b) => a - b);
}

interface WallTime {
  readonly at: number;
  readonly wall: number;
}

/** Of times on the wall that come twice, those that the policy takes. */
function chosen(times: readonly WallTime[], overlap: Required<DstPolicy>['overlap']): readonly number[] {
  if (overlap === 'both') return times.map(({ at }) => at);
  const ordered = overlap === 'first' ? [...times].reverse() : times;
  return [...new Map(ordered.map(({ at, wall }) => [wall, at])).values()];
}

/** True when one of the times that the clock leaps over is a tick. */
function skipsTick(cron: PlainCron, { at, from, to }: ClockChange): boolean {
  for (let wall = at + from; wall < at + to; wall += MINUTE) if (fits(cron, wall)) return true;
  return false;
}

function fits(cron: PlainCron, wall: number): boolean {
  const minutes = Math.floor(wall / MINUTE);
  if (!cron.minutes.has(((minutes % 60) + 60) % 60)) return false;
  if (!cron.hours.has(((Math.floor(minutes / 60) % 24) + 24) % 24)) return false;
  const date = new Date(wall);
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  const day = cron.days?.has(date.getUTCDate());
  const weekday = cron.weekdays?.has(date.getUTCDay());
  return day === undefined && weekday === undefined ? true : day === true || weekday === true;
}
