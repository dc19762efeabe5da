/** Logs of tries in CloudWatch Logs: the lines that functions of DAGs wrote, found by run, attempt, task and try. */
import type {
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../base/clock.ts';
import { RefusedError } from '../base/errors.ts';
import { type DeployedLogLine, deployedLine } from '../deployment/log-line.ts';
import type {
  LoggedLine,
  LoggedTryKey,
  LogLevel,
  LogPage,
  LogQuery,
  LogReader,
} from '../orchestrator/ports.ts';
import { isNamed } from '../runtime/named-error.ts';

export interface LogPlace {
  /** FilterLogEvents. @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
  readonly filter: (
    input: FilterLogEventsCommandInput,
  ) => Promise<Pick<FilterLogEventsCommandOutput, 'events' | 'nextToken'>>;
  /** `/tutti/<env>`. */
  readonly group: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** Lines of a reply, at most. */
const MAX_LINES = 1_000;
/** How long a reply may search; what is found by then is given, and the next one goes on. */
const SEARCH_MS = 8_000;
/** Lines that are read for one reply. */
const MOST_READ = 50_000;
/** A function's clock may be early, and its last lines may arrive late. */
const EARLY_MS = 60_000;
const LATE_MS = 300_000;

export function cloudWatchLogs(place: LogPlace): LogReader {
  return {
    async read(of, query) {
      const from = placeOf(query.after ?? query.before);
      // What is before a line is found by reading from the first one.
      const start = query.after === undefined ? START : from;
      const read = await linesFrom(place, of, start);
      return pageOf(read, query, from);
    },
  };
}

/** A place between two lines of a try. */
interface Place {
  /** Lines before it. */
  readonly n: number;
  /** Instant of the line before it, and how many lines are of earlier ones: where reading goes on. */
  readonly atMs: number;
  readonly earlier: number;
}

const START: Place = { n: 0, atMs: 0, earlier: 0 };

interface Read {
  readonly lines: readonly NumberedLine[];
  /** Whether all that was written by then is there. */
  readonly isAll: boolean;
}

interface NumberedLine {
  readonly line: LoggedLine;
  /** Just behind it. */
  readonly end: Place;
}

function pageOf({ lines, isAll }: Read, query: LogQuery, from: Place): LogPage {
  const { after, before, limit = 200 } = query;
  const most = Math.min(Math.max(1, limit), MAX_LINES);
  const within = lines.filter(({ line }) => before === undefined || line.n <= from.n);
  const meant = within.filter(({ line }) => isMeant(line, query) && (after === undefined || line.n > from.n));
  const isForward = after !== undefined || (before === undefined && !isAll);
  const shown = isForward ? meant.slice(0, most) : meant.slice(-most);
  const rest = meant.length - shown.length;
  const last = isForward && rest > 0 ? shown.at(-1) : within.at(-1);
  const first = shown[0];
  const isBegun = isForward ? from.n > 0 : rest > 0;
  return {
    lines: shown.map(({ line }) => line),
    next: cursorOf(last?.end ?? from),
    ...(isBegun && first !== undefined ? { prev: cursorOf({ ...START, n: first.line.n - 1 }) } : {}),
    end: isAll && before === undefined && !(isForward && rest > 0),
  };
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function isMeant(
  { level, message, fields }: LoggedLine,
  { level: least = 'debug', text = '' }: LogQuery,
): boolean {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return false;
  const needle = text.toLowerCase();
  return `${message}\n${JSON.stringify(fields ?? '')}`.toLowerCase().includes(needle);
}

/** Lines of a try from a place on, oldest first, numbered. */
async function linesFrom({ filter, group, clock }: LogPlace, of: LoggedTryKey, from: Place): Promise<Read> {
  const { run } = of;
  if (run === undefined) return { lines: [], isAll: true };
  const found: FoundLine[] = [];
  const endMs = clock.now() + SEARCH_MS;
  let nextToken: string | undefined;
  do {
    const page = await unlessNone(filter, {
      logGroupName: group,
      filterPattern: patternOf(of),
      startTime: Math.max(0, from.atMs, run.startMs - EARLY_MS),
      ...(run.endMs === undefined ? {} : { endTime: run.endMs + LATE_MS }),
      nextToken,
    });
    found.push(...linesIn(page, of));
    // A token that comes again says no more than it did.
    nextToken = page.nextToken === nextToken ? undefined : page.nextToken;
  } while (nextToken !== undefined && clock.now() < endMs && found.length < MOST_READ);
  // A try is one call of a function, and so one stream: its lines of one instant are in their order.
  const lines = found.toSorted((a, b) => a.atMs - b.atMs);
  return { lines: numbered(lines, from), isAll: nextToken === undefined };
}

interface FoundLine {
  readonly atMs: number;
  readonly line: DeployedLogLine;
}

function linesIn({ events = [] }: Page, of: LoggedTryKey): readonly FoundLine[] {
  return events.flatMap(({ timestamp: atMs = 0, message = '' }) => {
    const line = deployedLine(message);
    return line !== undefined && isOf(line, of) ? [{ atMs, line }] : [];
  });
}

type Page = Awaited<ReturnType<LogPlace['filter']>>;

/** Of a group that is not there, as of one that nobody wrote to yet: no lines. */
async function unlessNone(filter: LogPlace['filter'], input: FilterLogEventsCommandInput): Promise<Page> {
  try {
    return await filter(input);
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return { events: [] };
    throw error;
  }
}

function numbered(lines: readonly FoundLine[], from: Place): readonly NumberedLine[] {
  let n = from.earlier;
  let earlier = from.earlier;
  let lastMs = from.atMs;
  return lines.map(({ atMs, line: { at, level, message, fields } }) => {
    if (atMs !== lastMs) earlier = n;
    lastMs = atMs;
    n += 1;
    const line = { n, at, level, message, ...(fields === undefined ? {} : { fields: { ...fields } }) };
    return { line: line as LoggedLine, end: { n, atMs, earlier } };
  });
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html */
function patternOf({ run, task, instance, try: number }: LoggedTryKey): string {
  const texts = {
    dag: run?.dagId,
    run: run?.runId,
    attempt: run === undefined ? undefined : String(run.attempt),
    task,
    instance,
  };
  const parts = Object.entries(texts).flatMap(([name, text]) =>
    text === undefined ? [] : [`$.${name} = ${JSON.stringify(text)}`],
  );
  return `{ ${[...parts, `$.try = ${number}`].map((part) => `(${part})`).join(' && ')} }`;
}

/** Whatever the pattern found. */
function isOf(line: DeployedLogLine, { run, task, instance, try: number }: LoggedTryKey): boolean {
  return (
    line.dag === run?.dagId &&
    line.run === run.runId &&
    line.attempt === String(run.attempt) &&
    line.task === task &&
    line.instance === instance &&
    line.try === number
  );
}

function cursorOf({ n, atMs, earlier }: Place): string {
  return `${n}-${atMs}-${earlier}`;
}

/** @throws {RefusedError} `invalid-cursor` */
function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return START;
  const [match, n, atMs, earlier] = /^(\d{1,15})-(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  if (match !== undefined) return { n: Number(n), atMs: Number(atMs), earlier: Number(earlier) };
  throw new RefusedError(
    'invalid-cursor',
    `log › cursor: must be one that a page gave, got "${cursor.slice(0, 40)}"; read without it`,
  );
}
