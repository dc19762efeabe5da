/** Outlines of runs as short texts: those of a DAG's newest runs fit one kilobyte, and hundreds of DAGs a few reads. */
import type { LedgerState, Run, RunType } from '../../model/run.ts';
import type { RunOutline } from '../../store/store.ts';

const TYPES: Readonly<Record<RunType, string>> = {
  scheduled: 's',
  backfill: 'b',
  manual: 'm',
  triggered: 't',
};
const STATES: Readonly<Record<LedgerState, string>> = {
  queued: 'q',
  starting: 'a',
  running: 'r',
  success: 's',
  failed: 'f',
  cancelled: 'c',
};
const TYPE_OF = swapped(TYPES);
const STATE_OF = swapped(STATES);

/** Whole seconds, as nearly all instants are. */
const SHORT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** A run's id, its instant in base 36: `=` marks one that is not of an instant. */
export function shortId(id: string): string {
  const [date = '', ...rest] = id.split('~');
  const seconds = secondsOf(date);
  if (seconds === undefined || seconds < 0) return `=${id}`;
  return [seconds.toString(36), ...rest].join('~');
}

export function longId(short: string): string {
  if (short.startsWith('=')) return short.slice(1);
  const [seconds = '', ...rest] = short.split('~');
  return [instantOf(Number.parseInt(seconds, 36)), ...rest].join('~');
}

/** `ss,,1e4,5`: type and state, logical date where the id does not tell it, start and end after it in base 36. */
export function outlineText({ id, type, state, logicalDate, startedAt, endedAt }: Run): string {
  const date = id.split('~')[0] === logicalDate ? '' : logicalDate;
  const fromS = secondsOf(logicalDate) ?? 0;
  const times = [date, shortTime(startedAt, fromS), shortTime(endedAt, fromS)].join(',');
  return `${TYPES[type]}${STATES[state]},${times}`;
}

/** The outline of {@link outlineText}, of the run of this id. */
export function outlineIn(id: string, text: string): RunOutline {
  const [kinds = '', date = '', start = '', end = ''] = text.split(',');
  const logicalDate = date === '' ? (id.split('~')[0] ?? '') : date;
  const fromS = secondsOf(logicalDate) ?? 0;
  return {
    id,
    type: TYPE_OF.get(kinds[0] ?? '') ?? 'manual',
    state: STATE_OF.get(kinds[1] ?? '') ?? 'queued',
    logicalDate,
    ...(start === '' ? {} : { startedAt: longTime(start, fromS) }),
    ...(end === '' ? {} : { endedAt: longTime(end, fromS) }),
  };
}

export function outlineOf(run: Run): RunOutline {
  return outlineIn(run.id, outlineText(run));
}

function shortTime(instant: string | undefined, fromS: number): string {
  if (instant === undefined) return '';
  const seconds = secondsOf(instant);
  return seconds === undefined ? `=${instant}` : (seconds - fromS).toString(36);
}

function longTime(short: string, fromS: number): string {
  return short.startsWith('=') ? short.slice(1) : instantOf(Number.parseInt(short, 36) + fromS);
}

/** Of an instant of whole seconds that is written the one way. */
function secondsOf(instant: string): number | undefined {
  if (!SHORT.test(instant)) return undefined;
  const seconds = Date.parse(instant) / 1000;
  return Number.isFinite(seconds) && instantOf(seconds) === instant ? seconds : undefined;
}

function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

function swapped<T extends string>(codes: Readonly<Record<T, string>>): ReadonlyMap<string, T> {
  return new Map((Object.entries(codes) as [T, string][]).map(([name, code]) => [code, name]));
}
