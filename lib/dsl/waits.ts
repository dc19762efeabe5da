/** What a task can wait for: `sensor.…` and `approve`. */
import type { Duration } from '../base/duration.ts';
import type { Json } from '../base/json.ts';
import type { TaskBody } from '../model/bodies.ts';
import type { CallNode, PokeNode } from '../model/task.ts';
import type { CallSite } from './declaration.ts';
import { noBody } from './fn.ts';
import { knownOptions } from './options.ts';
import { placed, withoutUndefined } from './placed.ts';

/** A task that waits, before it has an id: what `sensor.…` and `approve` make. */
export interface Wait<Output> {
  readonly kind: 'wait';
  /** Its call as plain data; `timeout` is the task's option. */
  readonly node: (site: CallSite, timeout?: Duration) => CallNode;
  /** How long an answer is waited for, where the call says it. */
  readonly timeout?: Duration;
  /** Phantom: carries `Output` for inference. */
  readonly __output?: readonly [Output];
}

/** How often a sensor looks, and for how long. Between two looks nothing runs. */
export interface PokeOptions {
  /** Wait between two looks: `'30s'`, `'5m'`. @default '1m' */
  readonly pokeEvery?: Duration;
  /** In all: the first look that finds nothing after this long ends the task; it is not retried. @default '7d' */
  readonly timeout?: Duration;
  /** Ends skipped instead of failed when the time is over. @default false */
  readonly softFail?: boolean;
  /** Doubles the wait after each look. @default false */
  readonly exponential?: boolean;
  /** Longest wait between two looks, with `exponential`. @default none */
  readonly maxPokeEvery?: Duration;
}

const POKE_OPTIONS = ['pokeEvery', 'timeout', 'softFail', 'exponential', 'maxPokeEvery'] as const;

/** @see https://airflow.apache.org/docs/apache-airflow/stable/_api/airflow/sdk/bases/sensor/index.html */
const DEFAULT_POKE_EVERY = '1m';
const DEFAULT_POKE_TIMEOUT = '7d';

/** What a sensor looks by. */
export interface Looking {
  /** `fn`, or the engine's verb. */
  readonly sensor: string;
  readonly connection?: { readonly name: string; readonly kind: 'sql' | 'http' };
  readonly args: unknown;
  readonly body?: TaskBody;
}

/** A sensor. */
export function waitBy<Output>(looking: Looking, options: PokeOptions = {}): Wait<Output> {
  const { sensor, connection, body } = looking;
  return {
    kind: 'wait',
    node: (site, timeout) => {
      knownOptions(options, POKE_OPTIONS, `task "${site.id}" › sensor`, site.at);
      if (body === noBody) refuseBodyless(site);
      if (body !== undefined) site.declaration.bodies.set(site.id, body);
      if (connection !== undefined) site.declaration.addConnection(connection);
      return withoutUndefined<CallNode>({
        kind: 'sensor',
        sensor,
        // A function's connection is in its body.
        connection: sensor === 'fn' ? undefined : connection?.name,
        args: argsOf(looking, site),
        poke: pokeNode(options, timeout),
      });
    },
  };
}

/** What was refused is not read: it is no JSON either. */
function argsOf({ sensor, args, body }: Looking, site: CallSite): Json {
  return body === noBody ? null : site.read(args, sensor === 'fn' ? 'inputs' : '');
}

function refuseBodyless({ declaration, id, at }: CallSite): void {
  declaration.refuse({
    code: 'not-a-call',
    path: `task "${id}"`,
    message: 'must be a sensor with a function, got sensor.fn without one',
    remedy: 'write sensor.fn(async () => …)',
    ...placed(at),
  });
}

/** What is out of range stays, for the rules of `compiler/rules/` to tell. */
function pokeNode({ exponential, ...options }: PokeOptions, timeout: Duration | undefined): PokeNode {
  return withoutUndefined<PokeNode>({
    pokeEvery: options.pokeEvery ?? DEFAULT_POKE_EVERY,
    backoff: exponential === true ? 2 : 1,
    maxPokeEvery: options.maxPokeEvery,
    timeout: options.timeout ?? timeout ?? DEFAULT_POKE_TIMEOUT,
    softFail: options.softFail ?? false,
  });
}

/** True for what `sensor.…` and `approve` make. */
export function isWait(call: unknown): call is Wait<unknown> {
  return (
    typeof call === 'object' && call !== null && 'kind' in call && call.kind === 'wait' && 'node' in call
  );
}
