/** The instants at which a cron expression fires in a zone. */
import { type Cron, daysIn, matchesDay } from './cron.ts';
import { type ChangePolicy, type LocalTime, steadyOffset, toInstant, wallMs, zonedDate } from './zone.ts';

const DAY = 86_400_000;
/** 29 February falls on each weekday within 40 years, over the turn of a century too. */
const YEARS = 48;
const KEPT_DAYS = 8;

/** Finds the ticks of one expression in one zone; keeps the days it has worked out last. */
export class CronTicks {
  readonly #cron: Cron;
  readonly #zone: string;
  readonly #policy: ChangePolicy;
  readonly #days = new Map<number, readonly number[]>();

  constructor(cron: Cron, zone: string, policy: ChangePolicy) {
    this.#cron = cron;
    this.#zone = zone;
    this.#policy = policy;
  }

  /** The first tick later than the instant; `undefined` when none comes within 48 years, or in the years there are. */
  next(afterMs: number): number | undefined {
    const start = this.#dayOf(afterMs);
    // A clock change may move a tick over midnight, so the day before counts too.
    for (const day of this.#matching(start - DAY, 1)) {
      const found = firstAfter(this.#ticks(day), afterMs);
      if (found === undefined) continue;
      const rival = firstAfter(this.#ticks(day + DAY), afterMs);
      return rival === undefined ? found : Math.min(found, rival);
    }
    return undefined;
  }

  /** The last tick not later than the instant; `undefined` when none came within 48 years. */
  previous(atMs: number): number | undefined {
    const start = this.#dayOf(atMs);
    for (const day of this.#matching(start + DAY, -1)) {
      const found = lastUpTo(this.#ticks(day), atMs);
      if (found === undefined) continue;
      const rival = lastUpTo(this.#ticks(day - DAY), atMs);
      return rival === undefined ? found : Math.max(found, rival);
    }
    return undefined;
  }

  /** The last day, forward or back, that is looked at. */
  #until(start: number, step: 1 | -1): number {
    const { years } = this.#cron;
    if (years === undefined) return start + step * YEARS * 366 * DAY;
    return step > 0 ? Date.UTC(Math.max(...years), 11, 31) : Date.UTC(Math.min(...years), 0, 1);
  }

  /** The local day of an instant as the UTC midnight of its date. */
  #dayOf(instantMs: number): number {
    return wallMs({ ...zonedDate(instantMs, this.#zone), hour: 0, minute: 0 });
  }

  /** Days that fit, from one on; months and years that do not fit are leapt over. */
  *#matching(from: number, step: 1 | -1): Generator<number> {
    const to = this.#until(from, step);
    for (let day = from; step * (to - day) >= 0; day += step * DAY) {
      const date = new Date(day);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
      const leap = this.#leap(year, month, step);
      if (leap !== undefined) day = leap;
      else if (matchesDay(this.#cron, year, month, date.getUTCDate())) yield day;
    }
  }

  /** The end of the year or month, its start on the way back, where no day of it fits. */
  #leap(year: number, month: number, step: 1 | -1): number | undefined {
    const { months, years } = this.#cron;
    if (years?.has(year) === false) return step > 0 ? Date.UTC(year, 11, 31) : Date.UTC(year, 0, 1);
    if (months.has(month)) return undefined;
    return step > 0 ? Date.UTC(year, month - 1, daysIn(year, month)) : Date.UTC(year, month - 1, 1);
  }

  /** The ticks of one day, ascending and each once. */
  #ticks(day: number): readonly number[] {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const ticks = this.#workOut(day);
    if (this.#days.size >= KEPT_DAYS) this.#days.clear();
    this.#days.set(day, ticks);
    return ticks;
  }

  #workOut(day: number): readonly number[] {
    const date = new Date(day);
    const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
    if (!matchesDay(this.#cron, year, month, dayOfMonth)) return [];
    const at = (hour: number, minute: number): LocalTime => ({ year, month, day: dayOfMonth, hour, minute });
    const times = this.#cron.hours.flatMap((hour) => this.#cron.minutes.map((minute) => at(hour, minute)));
    const offset = steadyOffset(at(0, 0), at(23, 59), this.#zone);
    if (offset !== undefined) return times.map((time) => wallMs(time) - offset);
    const ticks = times.flatMap((time) => toInstant(time, this.#zone, this.#policy));
    return [...new Set(ticks)].sort((a, b) => a - b);
  }
}

function firstAfter(ticks: readonly number[], afterMs: number): number | undefined {
  return ticks[countUpTo(ticks, afterMs)];
}

function lastUpTo(ticks: readonly number[], atMs: number): number | undefined {
  return ticks[countUpTo(ticks, atMs) - 1];
}

/** How many of the ascending numbers are not greater. */
export function countUpTo(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? Number.POSITIVE_INFINITY) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
