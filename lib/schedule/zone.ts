/** Wall-clock time in IANA zones, by `Intl` alone. */
import { nearest } from '../base/suggest.ts';

/** A wall-clock time; `month` 1-12, `weekday` 0-6 from Sunday. */
export interface ZonedDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

/** A wall-clock time to look up. */
export type LocalTime = Pick<ZonedDate, 'year' | 'month' | 'day' | 'hour' | 'minute'>;

/** Which instants a wall-clock time stands for that a clock change removed or doubled. */
export interface ChangePolicy {
  /** `after`: the first minute after the gap; `before`: the last one before it. */
  readonly gap: 'skip' | 'after' | 'before';
  readonly overlap: 'first' | 'second' | 'both';
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY_MS = 24 * HOUR;
/** Offsets lie between UTC-12 and UTC+14 today; local mean times and Manila's past go a little further. */
const [MOST_EAST, MOST_WEST] = [16 * HOUR, 16 * HOUR];
/** Since then offsets change only at full minutes; St John's did so at 00:01 until 2011. */
const MINUTES_SINCE = Date.UTC(1975, 0);
const CACHED = 4_096;

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
/** Names of zones that are no older ones. */
let current: ReadonlySet<string> | undefined;

/** True for a zone of the IANA database that this runtime knows, spelled as there. */
export function isTimeZone(name: string): boolean {
  // Offsets such as +01:00 are no zones: they know no clock changes and EventBridge refuses them.
  if (!/^[A-Z]/.test(name)) return false;
  // The first formatter of a process takes 30 ms, a third of what a function takes to load.
  current ??= new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);
  if (current.has(name)) return true;
  try {
    const { timeZone } = formatterOf(name).resolvedOptions();
    // `Intl` takes any case, EventBridge does not. An older name of a zone resolves to its newer one.
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** The zone most likely meant by a name that is none. */
export function nearestTimeZone(name: string): string | undefined {
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const city = zones.find(
    (zone) => zone.split('/').at(-1)?.toLowerCase() === name.toLowerCase().replaceAll(' ', '_'),
  );
  // Near names differ in one place: the nearest of the same continent first.
  const [continent = ''] = name.split('/');
  const near = zones.filter((zone) => zone.startsWith(`${continent}/`));
  return city ?? nearest(name, near) ?? nearest(name, zones);
}

/** What a clock on the wall shows. */
export function zonedDate(instantMs: number, zone: string): ZonedDate {
  const local = new Date(instantMs + offsetMs(instantMs, zone));
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: local.getUTCDay(),
  };
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The instant that a text names; a day alone begins in the zone. NaN where it names none. */
export function instantOf(text: string, zone: string): number {
  const [, year, month, day] = DAY.exec(text) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(text))) return Date.parse(text);
  const midnight = { year: Number(year), month: Number(month), day: Number(day), hour: 0, minute: 0 };
  return toInstant(midnight, zone, { gap: 'after', overlap: 'first' })[0] ?? Number.NaN;
}

/** The instants of a wall-clock time, ascending: one, none or two where the clock changes. */
export function toInstant(local: LocalTime, zone: string, policy: ChangePolicy): readonly number[] {
  const wall = wallMs(local);
  const early = offsetMs(wall - MOST_EAST, zone);
  const late = offsetMs(wall + MOST_WEST, zone);
  const found = [...new Set([wall - early, wall - late])].filter(
    (instant) => instant + offsetMs(instant, zone) === wall,
  );
  found.sort((a, b) => a - b);
  const [first, second] = found;
  if (first === undefined) return inGap(wall, zone, policy.gap);
  if (second === undefined || policy.overlap === 'both') return found;
  return [policy.overlap === 'first' ? first : second];
}

/** The one offset of all wall-clock times between two, in milliseconds; `undefined` when the clock changes near them. */
export function steadyOffset(from: LocalTime, to: LocalTime, zone: string): number | undefined {
  // Midnights in UTC, which the days before and after ask for, too.
  const early = offsetMs(Math.floor((wallMs(from) - MOST_EAST) / DAY_MS) * DAY_MS, zone);
  return early === offsetMs(Math.ceil((wallMs(to) + MOST_WEST) / DAY_MS) * DAY_MS, zone) ? early : undefined;
}

/** A wall-clock time as if it were UTC. */
export function wallMs({ year, month, day, hour, minute }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}

function inGap(wall: number, zone: string, policy: ChangePolicy['gap']): readonly number[] {
  if (policy === 'skip') return [];
  // Before the change the clock shows less than `wall`, after it more.
  let [below, above] = [wall - MOST_EAST, wall + MOST_WEST];
  while (above - below > 1000) {
    const middle = Math.floor((below + above) / 2000) * 1000;
    if (middle + offsetMs(middle, zone) < wall) below = middle;
    else above = middle;
  }
  return [policy === 'after' ? above : above - MINUTE];
}

/** Local time minus UTC at an instant. */
function offsetMs(instantMs: number, zone: string): number {
  if (zone === 'UTC') return 0;
  if (instantMs < MINUTES_SINCE) return readOffset(instantMs, zone);
  let known = offsets.get(zone);
  if (known === undefined || known.size > CACHED) {
    known = new Map();
    offsets.set(zone, known);
  }
  const minute = Math.floor(instantMs / MINUTE);
  const cached = known.get(minute);
  if (cached !== undefined) return cached;
  const offset = readOffset(minute * MINUTE, zone);
  known.set(minute, offset);
  return offset;
}

/** `1 AM GMT+01:00`: a quarter of the time that the parts of a date take. */
function readOffset(instantMs: number, zone: string): number {
  const text = formatterOf(zone).format(instantMs);
  const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(text) ?? [];
  const offset = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * 1000;
  return sign === '-' ? -offset : offset;
}

/** Offsets of zero are `GMT` alone; local mean times have seconds. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      timeZoneName: 'longOffset',
      hour: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}
