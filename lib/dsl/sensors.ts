import { type Duration, toSeconds } from '../base/duration.ts';
import { RUN_SENSOR } from '../engines/run-wait.ts';
import type { FileFound, S3KeyFound } from '../engines/sensor.ts';
import type { TriggeredRun } from '../engines/trigger.ts';
import type { FnContext, HttpAnswer, HttpBinding, QueryValue, Untyped } from '../model/context.ts';
import type { DagNode } from '../model/dag.ts';
import type { Value } from '../model/ref.ts';
import type { FinalRunState } from '../model/run-input.ts';
import type { QueryOutput } from '../model/sql.ts';
import type { PokeNode } from '../model/task.ts';
import { HttpError } from '../model/task-errors.ts';
import { type SqlConnection, statementsOf } from './connection.ts';
import { partsOf, type Resolved, type Returned } from './fn.ts';
import { knownOptions } from './options.ts';
import type { Sql } from './sql.ts';
import { type PokeOptions, type Wait, waitBy } from './waits.ts';

export interface HttpSensorArgs<Body> {
  /** The service: `connection.http('shop')`. */
  readonly connection: HttpBinding;
  /** Relative to the connection's base URL: `/exports/today`. */
  readonly path: Value<string>;
  /** @default {} */
  readonly query?: Readonly<Record<string, Value<string | number | boolean | undefined>>>;
  /** Override the connection's; secrets belong into the connection. @default {} */
  readonly headers?: Readonly<Record<string, Value<string>>>;
  /** Statuses that mean to look again; others of 400 and above fail the try. @default [404] */
  readonly notYet?: readonly number[];
  /** It is there when this holds; runs where functions run. @default every other answer */
  readonly until?: (answer: HttpAnswer<Body>) => boolean;
}

export interface S3KeyArgs {
  /** Its name. */
  readonly bucket: Value<string>;
  /** `orders/2026-08-22.csv`; `*` is any text without `/`, `**` any text, `?` one character. */
  readonly key: Value<string>;
}

export interface RunSensorOptions {
  /** A day or an instant: the run is of the interval that holds it. @default the run's own logical date */
  readonly logicalDate?: Value<string>;
  /** It is there in one of these. @default ['success'] */
  readonly states?: readonly FinalRunState[];
  /** In one of these the task fails with `Dag.AwaitedRunFailed`. @default [] */
  readonly failOn?: readonly FinalRunState[];
  /** In all; it is not retried. @default '7d' */
  readonly timeout?: Duration;
  /** Ends skipped instead of failed when the time is over. @default false */
  readonly softFail?: boolean;
}

const RUN_OPTIONS = ['logicalDate', 'states', 'failOn', 'timeout', 'softFail'] as const;

/** The run that was waited for. */
export type AwaitedRunOutput = TriggeredRun & { readonly state: FinalRunState };

/** What a look of a function gives when it is there. */
type There<Output> = Output extends false | null | undefined | 0 | '' ? never : Output;

type Awaitable<T> = T | Promise<T>;

/**
 * By a function: what it returns is the output as soon as it is truthy, and no empty list. One look takes at most
 * 15 minutes.
 *
 * @example task('ready', sensor.fn({ day }, async ({ day }, { http }) => (await http(shop).get(`/days/${day}`)).closed, { pokeEvery: '5m' }))
 */
function byFunction<Output extends Returned>(
  body: (context: FnContext) => Awaitable<Output>,
  options?: PokeOptions,
): Wait<There<Output>>;
function byFunction<Inputs extends object, Output extends Returned>(
  inputs: Inputs,
  body: (inputs: Resolved<Inputs>, context: FnContext) => Awaitable<Output>,
  options?: PokeOptions,
): Wait<There<Output>>;
function byFunction(...given: readonly unknown[]): Wait<never> {
  const { inputs, body, options } = partsOf(given);
  return waitBy({ sensor: 'fn', args: inputs, body }, options);
}

/** By a request: its answer is the output as soon as its status is below 400 and `until` holds. */
function byHttp<Body = Untyped>(
  { until, ...asked }: HttpSensorArgs<Body>,
  options?: PokeOptions,
): Wait<HttpAnswer<Body>> {
  const { connection, ...args } = asked;
  if (until === undefined)
    return waitBy({ sensor: 'http.request', connection, args: { method: 'GET', ...args } }, options);
  return waitBy({ sensor: 'fn', connection, args, body: lookUntil(connection, until) }, options);
}

interface Asked {
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly notYet?: readonly number[];
}

/** One look of a sensor with `until`. */
function lookUntil<Body>(connection: HttpBinding, until: (answer: HttpAnswer<Body>) => boolean) {
  return async ({ path, notYet = [404], ...options }: Asked, { http }: FnContext) => {
    const answer = await http(connection).request<Body>('GET', path, options);
    if (notYet.includes(answer.status)) return undefined;
    if (answer.status >= 400)
      throw new HttpError(answer.status, `GET ${path}: got status ${answer.status}`, { body: answer.body });
    return until(answer) ? answer : undefined;
  };
}

/** By a query: its rows are the output as soon as the first value of the first row is neither null, false, 0 nor ''. */
function bySql<Row = Readonly<Record<string, unknown>>>(
  connection: SqlConnection,
  statement: Sql,
  options?: PokeOptions,
): Wait<QueryOutput<Row> & { readonly first: Row }> {
  const statements = statementsOf([statement], `sensor.sql`);
  return waitBy({ sensor: 'sql.query', connection, args: { statements } }, options);
}

/**
 * By the files of the environment: `{ path, paths }` as soon as one matches; `*` is any text without `/`, `**` any
 * text, `?` one character: `'incoming/orders-*.csv'`.
 */
function byFile(path: Value<string>, options?: PokeOptions): Wait<FileFound> {
  return waitBy({ sensor: 'file.exists', args: { path } }, options);
}

/**
 * By the objects of a bucket: `{ bucket, key, keys }` as soon as one matches; wildcards as in {@link byFile}. In a local
 * run the bucket is a folder of that name among the files of the environment, `.tutti/data/<bucket>/`.
 *
 * @example task('landed', sensor.s3Key({ bucket: 'landing', key: text`orders/${run.interval.date}.csv` }, { pokeEvery: '5m' }))
 */
function byS3Key({ bucket, key }: S3KeyArgs, options?: PokeOptions): Wait<S3KeyFound> {
  return waitBy({ sensor: 's3.key', args: { bucket, key } }, options);
}

/**
 * By a run of another DAG, of the same logical date where none is named: `{ dagId, runId, logicalDate, state }` as soon as
 * it has ended well. Nothing looks meanwhile: the end of that run wakes the task. Of several runs of one date the newest
 * counts; a run that failed is waited for all the same, for it may be cleared.
 *
 * @example task('upstream', sensor.dagRun(dailySales, { timeout: '6h', softFail: true }))
 */
function byRun(other: DagNode | string, options: RunSensorOptions = {}): Wait<AwaitedRunOutput> {
  const { logicalDate = RUN_DATE, states = ['success'], failOn = [], timeout, softFail = false } = options;
  return {
    kind: 'wait',
    node(site, given) {
      knownOptions(options, RUN_OPTIONS, `task "${site.id}" › sensor.dagRun`, site.at);
      const args = site.read(
        { dagId: typeof other === 'string' ? other : other?.id, logicalDate, states, failOn },
        '',
      );
      return { kind: 'sensor', sensor: RUN_SENSOR, args, poke: unpoked(timeout ?? given ?? '7d', softFail) };
    },
  };
}

/** The date of the run itself. */
const RUN_DATE: Value<string> = Object.freeze({
  $ref: Object.freeze({ kind: 'run', path: Object.freeze(['logicalDate']) }),
});

/** Nothing looks: what says how often is how often it is waited for anew. */
function unpoked(timeout: Duration, softFail: boolean): PokeNode {
  const seconds = toSeconds(timeout) ?? 0;
  return { pokeEvery: seconds < 3600 ? timeout : '1h', backoff: 1, timeout, softFail };
}

/** Until an instant, ISO 8601 with its zone: `'2026-08-22T06:00:00Z'`; goes on at once where it is over. Gives nothing. */
function at(instant: Value<string>): Wait<undefined> {
  return { kind: 'wait', node: (site) => ({ kind: 'at', instant: site.read(instant, 'instant') }) };
}

/** Tasks that wait until something is there. Waiting holds no worker and no Lambda function. */
export const sensor = Object.freeze({
  fn: byFunction,
  http: byHttp,
  sql: bySql,
  file: byFile,
  s3Key: byS3Key,
  dagRun: byRun,
  at,
});
