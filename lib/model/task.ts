import type { Duration } from '../base/duration.ts';
import type { SourceLocation } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Callbacks } from './dag.ts';
import type { MapNode } from './module.ts';
import type { Operand } from './ref.ts';
import type { TriggerRule } from './trigger-rule.ts';

/** One node of a DAG, as plain JSON-serialisable data. Refs in it are `{ $ref }` objects. */
export interface TaskNode {
  /** Full id: `load`, or `group.load` in a plain group. */
  readonly id: string;
  readonly call: CallNode;
  /** Direct upstream tasks, in the order the author named them; each task once. */
  readonly upstream: readonly Edge[];
  /** @default 'all_success' */
  readonly triggerRule: TriggerRule;
  /** First match wins, each with its own counter. Empty: no retries. */
  readonly retries: readonly RetryRule[];
  /** Of one try; of a sensor or an approval in all. @default the engine's */
  readonly timeout?: Duration;
  /** One run of the task for every item of a list. */
  readonly map?: MapNode;
  /** Holds `slots` places of a pool while it runs, its retries included. */
  readonly pool?: { readonly name: string; readonly slots: number };
  /** How long after the end of the run's interval the task should be done; it goes on where it is not. */
  readonly deadline?: Duration;
  /** The run waits until this task is success or skipped in the run before. @default false */
  readonly dependsOnPast?: boolean;
  /** With `dependsOnPast`: its direct downstream tasks, too. @default false */
  readonly waitForDownstream?: boolean;
  /** Who is told of this task. Absent: nobody but those told of the run. */
  readonly callbacks?: Callbacks;
  /** Makes this task a teardown of these setups. */
  readonly teardownOf?: readonly string[];
  /** A teardown that decides the run like any leaf. @default false */
  readonly failRun?: boolean;
  readonly owner?: string;
  readonly tags?: readonly string[];
  /** Markdown. */
  readonly doc?: string;
  readonly at?: SourceLocation;
}

/** One direct upstream task, or module. */
export interface Edge {
  readonly task: string;
  /** Below a brancher: the labels this task follows. Absent: it is no target of the branching and follows whatever is chosen. */
  readonly labels?: readonly string[];
}

/** What a task does. */
export type CallNode =
  /** A TypeScript function; its body is in `bodies.ts`. */
  | ({ readonly kind: 'fn'; readonly inputs: Json } & FunctionSize)
  /** A function that returns labels: one, a list, or none. */
  | { readonly kind: 'branch'; readonly inputs: Json; readonly labels: readonly string[] }
  /** Labels by expressions: every case that holds; `otherwise` when none does. */
  | {
      readonly kind: 'choose';
      readonly cases: readonly { readonly label: string; readonly when: Operand }[];
      readonly otherwise?: string;
    }
  /** A function that returns whether to go on. */
  | { readonly kind: 'shortCircuitFn'; readonly inputs: Json; readonly respectTriggerRules: boolean }
  /** Goes on when the expression holds. */
  | { readonly kind: 'shortCircuit'; readonly condition: Operand; readonly respectTriggerRules: boolean }
  /** An engine's verb, e.g. engine `sql.query`, connection `warehouse`. */
  | {
      readonly kind: 'engine';
      readonly engine: string;
      readonly connection?: string;
      readonly args: JsonObject;
      /** What the engine does on a laptop. */
      readonly local?: LocalStandIn;
    }
  /** Looks again and again until something is there; waiting holds no worker. Looks by a function (`fn`) or an engine. */
  | {
      readonly kind: 'sensor';
      /** `fn`, or the engine's verb: `http.request`, `sql.query`, `file.exists`. */
      readonly sensor: string;
      readonly connection?: string;
      /** Of a function its inputs; `null` where it takes its context alone. */
      readonly args: Json;
      readonly poke: PokeNode;
    }
  /** Waits until an instant, ISO 8601; goes on at once where it is over. */
  | { readonly kind: 'at'; readonly instant: Operand }
  /** Waits for a person. */
  | {
      readonly kind: 'approve';
      readonly message: Operand;
      /** What may be answered. @default ['approve', 'reject'] */
      readonly choices: readonly string[];
      /** Of `choices`: those that fail the task with `Approval.Rejected`. */
      readonly rejects: readonly string[];
    };

/** What a task asks of the Lambda function that runs it; here it changes nothing. */
export interface FunctionSize {
  /** MB, 128 to 10,240. @default 512 */
  readonly memory?: number;
  /** MB of `/tmp`, 512 to 10,240. @default 512 */
  readonly ephemeralStorage?: number;
  /** The network it is in, `false`: in none. @default the environment's */
  readonly vpc?: FunctionVpc | false;
}

export interface FunctionVpc {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** How often a sensor looks, and for how long. */
export interface PokeNode {
  /** Wait between two looks. @default '1m' */
  readonly pokeEvery: Duration;
  /** Factor from one wait to the next, ≥ 1: 2 with `exponential`. @default 1 */
  readonly backoff: number;
  /** Longest wait between two looks. @default none */
  readonly maxPokeEvery?: Duration;
  /** In all: the first look that finds nothing after this long ends the task. @default '7d' */
  readonly timeout: Duration;
  /** Ends skipped instead of failed when the time is over. @default false */
  readonly softFail: boolean;
}

/** What an external engine does in a local run (`engines.md` 6). */
export type LocalStandIn =
  | {
      readonly kind: 'simulate';
      readonly output?: Json;
      readonly after?: Duration;
      readonly failTimes?: number;
      readonly error?: string;
    }
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | { readonly kind: 'real' };

export interface RetryRule {
  /**
   * Error names this rule is for: `'Throttled'`, `'FailTask'`, `'States.Timeout'`. Absent: every error but
   * FailTask and what another try does not mend: what an engine refused (`Engine.Refused`, SQL that is none).
   */
  readonly on?: readonly string[];
  /** Tries after the first. */
  readonly attempts: number;
  /** Wait before the second try. @default '5m' */
  readonly delay?: Duration;
  /** Factor from one wait to the next, ≥ 1. @default 1 */
  readonly backoff?: number;
  /** Longest wait. @default none */
  readonly maxDelay?: Duration;
  /** Waits are uniform in [0, delay]. @default false */
  readonly jitter?: boolean;
}

/** Wait before the second try where a rule names none, seconds. @see https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html#default-task-retry-delay */
export const DEFAULT_RETRY_DELAY_SECONDS = 300;

/** Longest a function may take, and what one gets where its task says nothing. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
export const FUNCTION_TIMEOUT_SECONDS = 900;

/**
 * Error of a try that its function gives up because Lambda would end it. Step Functions reports the task's own timeout, as
 * `States.Timeout`; a function cannot: names that begin with `States.` are Step Functions' own. It says this where Lambda's
 * time is over first, which is so for timeouts above about 890 s alone: a retry rule for the one is for both.
 */
export const TRY_TIMEOUT = 'Dag.Timeout';

/** Labels the task gives to its downstream tasks; `undefined` for one that is no brancher. */
export function labelsOf(call: CallNode): readonly string[] | undefined {
  if (call.kind === 'branch') return call.labels;
  if (call.kind !== 'choose') return undefined;
  const labels = call.cases.map(({ label }) => label);
  return [...new Set(call.otherwise === undefined ? labels : [...labels, call.otherwise])];
}

/** True for a call whose tries are each one call of a function; a sensor's are many. */
export function isFunction({ kind }: CallNode): boolean {
  return kind === 'fn' || kind === 'branch' || kind === 'shortCircuitFn';
}

/** True for a task that leaves a mark beside its status: what it chose, whether it cuts. */
export function leavesMark(call: CallNode): boolean {
  return labelsOf(call) !== undefined || isShortCircuit(call);
}

/** True for a task that may cut off everything below it. */
export function isShortCircuit(
  call: CallNode,
): call is Extract<CallNode, { readonly respectTriggerRules: boolean }> {
  return call.kind === 'shortCircuit' || call.kind === 'shortCircuitFn';
}
