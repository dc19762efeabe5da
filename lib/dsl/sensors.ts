import type { FileFound } from '../engines/sensor.ts';
import type { FnContext, HttpAnswer, HttpBinding, QueryValue, Untyped } from '../model/context.ts';
import type { Value } from '../model/ref.ts';
import type { QueryOutput } from '../model/sql.ts';
import { HttpError } from '../model/task-errors.ts';
import { type SqlConnection, statementsOf } from './connection.ts';
import { partsOf, type Resolved, type Returned } from './fn.ts';
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

/** Until an instant, ISO 8601 with its zone: `'2026-08-22T06:00:00Z'`; goes on at once where it is over. Gives nothing. */
function at(instant: Value<string>): Wait<undefined> {
  return { kind: 'wait', node: (site) => ({ kind: 'at', instant: site.read(instant, 'instant') }) };
}

/** Tasks that wait until something is there. Waiting holds no worker and no Lambda function. */
export const sensor = Object.freeze({ fn: byFunction, http: byHttp, sql: bySql, file: byFile, at });
