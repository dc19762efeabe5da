/**
 * What a sensor looks by, and when what it saw is what it waits for. Pure: the same on a laptop and in a
 * DAG's Lambda function.
 */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../model/task.ts';
import type { ArgumentProblem } from './engine.ts';
import { httpRequest } from './http.ts';
import { isLater, named, type Permission } from './permission.ts';
import { awaitedProblems, RUN_SENSOR } from './run-wait.ts';
import { sqlQuery } from './sql.ts';

/** Thrown by a look that found nothing: the same try looks again (`Retry` is the poll loop, engines.md 3). */
export const NOT_READY = 'Sensor.NotReady';

/**
 * Error of a sensor whose time is over. Not `States.Timeout`: names that begin with `States.` are Step
 * Functions' own, a function cannot report one.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
 */
export const SENSOR_TIMEOUT = 'Dag.SensorTimeout';

/** One way of looking. */
export interface Sensor {
  /** `fn`, or the engine's verb. */
  readonly name: string;
  /** Kind of connection it needs; absent: none. */
  readonly connection?: 'sql' | 'http';
  /** Longest one look may take, seconds. */
  readonly lookSeconds: number;
  /** Fields of the engine's output that tell whether it is there, besides those that later tasks read. */
  readonly reads?: readonly string[];
  /** What it waits for is there. `args` are the call's, `seen` is what the look gave. */
  readonly isThere: (seen: Json, args: Json) => boolean;
  /** An error by which the look says "not yet"; every other one fails the try. @default none */
  readonly isNotYet?: (error: string, args: Json) => boolean;
  /** Argument mistakes that types cannot catch. */
  readonly check?: (args: JsonObject) => readonly ArgumentProblem[];
  /** What whoever looks must be allowed. @default what the engine of its name says */
  readonly permissions?: (args: JsonObject) => readonly Permission[];
}

/** A function: there is what is truthy and no empty list, as in Airflow's PythonSensor. */
const byFunction: Sensor = {
  name: 'fn',
  lookSeconds: FUNCTION_TIMEOUT_SECONDS,
  isThere: (seen) => isSomething(seen) && !(Array.isArray(seen) && seen.length === 0),
};

/** Statuses that mean "not yet" where the author names none. */
const NOT_YET: readonly Json[] = [404];

/** A request: there is what answers with a status below 400. Those of `notYet` mean to look again, others fail. */
const byHttp: Sensor = {
  name: httpRequest.name,
  connection: 'http',
  lookSeconds: httpRequest.timeoutSeconds,
  isThere: (seen, args) => isObject(seen) && !notYetOf(args).includes(seen['status'] ?? null),
  isNotYet: (error, args) => notYetOf(args).some((status) => error === `Http.${status}`),
  check: (args) => [...(httpRequest.check?.(args) ?? []), ...notYetProblems(args)],
};

/** A query: there is what has a first row whose first value is neither null, false, 0 nor '', as in Airflow's SqlSensor. */
const bySql: Sensor = {
  name: sqlQuery.name,
  connection: 'sql',
  // A look is one call of the DAG's function.
  lookSeconds: FUNCTION_TIMEOUT_SECONDS,
  reads: ['first'],
  isThere: (seen) => {
    const first = isObject(seen) ? seen['first'] : undefined;
    const value = isObject(first) ? Object.values(first)[0] : undefined;
    return isSomething(value) && value !== '0';
  },
  ...(sqlQuery.check === undefined ? {} : { check: sqlQuery.check }),
};

/** What {@link byFile} gives. */
export interface FileFound {
  /** The first of `paths`. */
  readonly path: string;
  /** Files that match, sorted. */
  readonly paths: readonly string[];
}

/** Files of the environment: there is what has at least one that matches `path`. */
const byFile: Sensor = {
  name: 'file.exists',
  lookSeconds: 60,
  isThere: (seen) => isObject(seen) && Array.isArray(seen['paths']) && seen['paths'].length > 0,
  check: ({ path }) => (isObject(path) ? [] : pathProblems(path)),
};

/** What {@link byS3Key} gives. */
export interface S3KeyFound {
  readonly bucket: string;
  /** The first of `keys`. */
  readonly key: string;
  /** Keys that match, sorted. */
  readonly keys: readonly string[];
}

/** Objects of a bucket: there is what has at least one that matches `key`. */
const byS3Key: Sensor = {
  name: 's3.key',
  lookSeconds: 60,
  isThere: (seen) => isObject(seen) && Array.isArray(seen['keys']) && seen['keys'].length > 0,
  check: ({ bucket, key }) => [...nameProblems('bucket', bucket), ...nameProblems('key', key)],
  permissions: ({ bucket, key }) => s3Permissions(bucket, key),
};

/** A run of another DAG: nobody looks, whoever ends it answers. */
const byRun: Sensor = { name: RUN_SENSOR, lookSeconds: 60, isThere: () => false, check: awaitedProblems };

const SENSORS: ReadonlyMap<string, Sensor> = new Map(
  [byFunction, byHttp, bySql, byFile, byS3Key, byRun].map((sensor) => [sensor.name, sensor]),
);

/** Names of all ways of looking. */
export const SENSOR_NAMES: readonly string[] = [...SENSORS.keys()];

/** The way of looking of this name; `undefined` where there is none. */
export function sensorNamed(name: string): Sensor | undefined {
  return SENSORS.get(name);
}

/**
 * True where `path` is what `pattern` means: itself, or with `*` for any characters but `/`, `**` for any at
 * all, `?` for one.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const text = pattern.replace(/\*\*|[*?]|[^*?]+/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : part.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${text}$`, 's').test(path);
}

/** Beginning that every path has which matches the pattern. */
export function prefixOf(pattern: string): string {
  return pattern.split(/[*?]/, 1)[0] ?? '';
}

function notYetOf(args: Json): readonly Json[] {
  const listed = isObject(args) ? args['notYet'] : undefined;
  return Array.isArray(listed) ? listed : NOT_YET;
}

function isSomething(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

function notYetProblems({ notYet }: JsonObject): readonly ArgumentProblem[] {
  if (notYet === undefined || (Array.isArray(notYet) && notYet.every(isStatus))) return [];
  const message = `must be a list of HTTP statuses, got ${JSON.stringify(notYet)}`;
  return [{ path: 'notYet', message, remedy: 'write [404]' }];
}

function isStatus(value: Json): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
function s3Permissions(bucket: Json | undefined, key: Json | undefined): readonly Permission[] {
  const start = typeof key === 'string' ? prefixOf(key) : '';
  const isOne = typeof key === 'string' && start === key;
  const objects = `${start}${isOne ? '' : '*'}`;
  return [
    {
      actions: ['s3:GetObject'],
      ...namedIn(bucket, objects),
      ...(isOne ? {} : { reason: 'which objects there are is known only when it looks' }),
    },
    // Without it S3 says of what is not there that it is forbidden.
    {
      actions: ['s3:ListBucket'],
      ...named('the bucket', bucket, (name) => `arn:{partition}:s3:::${name}`),
      ...(start === '' ? {} : { conditions: { StringLike: { 's3:prefix': `${start}*` } } }),
    },
  ];
}

function namedIn(bucket: Json | undefined, objects: string): Pick<Permission, 'resources' | 'reason'> {
  return named('the bucket', bucket, (name) => `arn:{partition}:s3:::${name}/${objects}`);
}

function nameProblems(path: string, value: Json | undefined): readonly ArgumentProblem[] {
  const isSound = isLater(value) || (typeof value === 'string' && value !== '' && !value.includes('://'));
  if (isSound) return [];
  const remedy = "write { bucket: 'landing', key: 'orders/2026-08-22.csv' }, or 'orders/*.csv'";
  return [{ path, message: `must be a name, got ${JSON.stringify(value)}`, remedy }];
}

function pathProblems(path: Json | undefined): readonly ArgumentProblem[] {
  const sound = typeof path === 'string' && path !== '' && !/^[/\\]|(^|\/)\.\.(\/|$)/.test(path);
  if (sound) return [];
  const message = `must be a path inside files, got ${JSON.stringify(path)}`;
  return [{ path: 'path', message, remedy: "write 'incoming/orders.csv', or 'incoming/*.csv'" }];
}
