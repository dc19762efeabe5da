/** The functions Step Functions adds to JSONata. @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-sfn */
import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Random } from '../base/random.ts';

/** What an evaluation knows of the world. */
export interface EvaluationHost {
  readonly nowMs: number;
  readonly random: Random;
  readonly meter: Meter;
}

/** What an expression that could run for long reports to; throws to stop it. */
export interface Meter {
  /** A node is evaluated. */
  tick(): void;
  /** A list was made. */
  made(list: readonly unknown[]): void;
}

/** Where an evaluation's {@link EvaluationHost} is bound: no variable can have a name with a blank. */
export const HOST = 'evaluation host';

/** Elements `$range` may make, as measured on AWS. */
const MAX_RANGE = 360_145;

const MEMORY = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';

const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

interface AwsFunction {
  readonly signature: string;
  readonly run: Parameters<jsonata.Expression['registerFunction']>[1];
}

/** An error with one of JSONata's codes, or with none. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly code?: string | undefined } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

/** Error of an expression that used too much memory. */
export function memoryError(): QueryError {
  return new QueryError(MEMORY);
}

/** Name → function; the clock's and the random ones read the {@link HOST} of the evaluation. */
export const AWS_FUNCTIONS: ReadonlyMap<string, AwsFunction> = new Map(
  Object.entries({
    partition: { signature: '<an?:a>', run: partition },
    range: { signature: '<nnn?:a>', run: range },
    hash: { signature: '<ss?:s>', run: hash },
    random: { signature: '<n?:n>', run: random },
    uuid: { signature: '<:s>', run: uuid },
    parse: { signature: '<s?:x>', run: parse },
    now: { signature: '<s?s?:s>', run: now },
    millis: { signature: '<:n>', run: millis },
  }),
);

function partition(list: readonly unknown[] | undefined, size?: number): unknown {
  if (list === undefined || list.length === 0) return undefined;
  const length = size === undefined ? list.length : Math.trunc(size);
  if (length < 0) throw new QueryError('Second argument must be zero or greater', { code: 'D3137' });
  if (length === 0) return undefined;
  const parts: unknown[] = [];
  for (let start = 0; start < list.length; start += length) parts.push(list.slice(start, start + length));
  return parts;
}

function range(first: number, last: number, by?: number): unknown {
  const [start, end, step] = [Math.trunc(first), Math.trunc(last), Math.trunc(by ?? 0)];
  if (step === 0 || (end - start) * step < 0) return undefined;
  const count = Math.floor((end - start) / step) + 1;
  if (count > MAX_RANGE) throw memoryError();
  const numbers = Array.from({ length: count }, (_, index) => start + index * step);
  // A sequence: one element unwraps, as on AWS.
  Object.defineProperty(numbers, 'sequence', { value: true });
  return numbers;
}

function hash(data: string, algorithm?: string): string | undefined {
  if (algorithm === undefined) return undefined;
  const name = ALGORITHMS.get(algorithm);
  if (name === undefined)
    throw new QueryError(`Unsupported hashing algorithm: ${algorithm}`, { code: 'D3137' });
  return createHash(name).update(data, 'utf8').digest('hex');
}

function random(this: jsonata.Focus, seed?: number): number {
  return seed === undefined ? hostOf(this).random() : javaRandom(Math.trunc(seed));
}

function uuid(this: jsonata.Focus): string {
  const { random: draw } = hostOf(this);
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (letter) => {
    const digit = Math.floor(draw() * 16);
    return (letter === 'x' ? digit : 8 + (digit % 4)).toString(16);
  });
}

function parse(text?: string): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new QueryError(cause instanceof Error ? cause.message : String(cause), { code: 'D3137', cause });
  }
}

const formatInstant = jsonata('$fromMillis($instant, $picture, $zone)');

function now(this: jsonata.Focus, picture?: string, zone?: string): unknown {
  const instant = hostOf(this).nowMs;
  if (picture === undefined && zone === undefined) return new Date(instant).toISOString();
  return formatInstant.evaluate(undefined, { instant, picture, zone });
}

function millis(this: jsonata.Focus): number {
  return hostOf(this).nowMs;
}

function hostOf(focus: jsonata.Focus): EvaluationHost {
  return focus.environment.lookup(HOST);
}

/** The first number of `java.util.Random`: what AWS gives for a seed. @see https://docs.oracle.com/javase/8/docs/api/java/util/Random.html */
function javaRandom(seed: number): number {
  const mask = (1n << 48n) - 1n;
  const step = (state: bigint) => (state * 0x5deece66dn + 0xbn) & mask;
  const first = step((BigInt(seed) ^ 0x5deece66dn) & mask);
  const second = step(first);
  return (Number(first >> 22n) * 2 ** 27 + Number(second >> 21n)) / 2 ** 53;
}
