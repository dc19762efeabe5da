import { toSeconds } from '../base/duration.ts';
import type { Problem, SourceLocation } from '../base/errors.ts';
import type { Callbacks, GroupNode, PoolNode } from '../model/dag.ts';
import type { MapNode, ModuleKind } from '../model/module.ts';
import {
  type CallNode,
  type Edge,
  FUNCTION_TIMEOUT_SECONDS,
  isFunction,
  type RetryRule,
  type TaskNode,
} from '../model/task.ts';
import type { TriggerRule } from '../model/trigger-rule.ts';
import type { GroupDraft, TaskDraft } from './edges.ts';
import type { Defaults } from './options.ts';
import { placed, withoutUndefined } from './placed.ts';
import type { TaskOptions } from './scope.ts';

/** Defaults with the retries as rules. */
export type ReadDefaults = Omit<Defaults, 'retries'> & { readonly retries?: readonly RetryRule[] };

/** A group under way. */
export interface OpenGroup extends GroupDraft {
  /** `group` or `loop`, for messages. */
  readonly word: string;
  readonly parent?: OpenGroup;
  readonly doc?: string;
  readonly defaults: ReadDefaults;
  readonly triggerRule?: TriggerRule;
  /** Of a module: what it does, known when its body has ended. */
  does?: ModuleKind;
  readonly at?: SourceLocation;
}

/** A task under way; `call` is filled when its labels are known. */
export interface OpenTask extends TaskDraft {
  readonly group?: OpenGroup;
  readonly call: () => CallNode;
  readonly options: TaskOptions;
  readonly retries?: readonly RetryRule[];
  readonly map?: MapNode;
  readonly pool?: PoolNode;
  readonly teardownOf?: readonly string[];
  readonly callbacks?: Callbacks;
  readonly at?: SourceLocation;
}

/** How long an answer is waited for where nobody says it. */
const APPROVAL_TIMEOUT = '7d';

/** {@link FUNCTION_TIMEOUT_SECONDS} as people write it. */
const LONGEST_FUNCTION = '15m';

/** A task as plain data. */
export function taskNode(task: OpenTask, upstream: readonly Edge[], defaults: ReadDefaults): TaskNode {
  const { options, teardownOf, map, pool, callbacks, at } = task;
  const { owner = defaults.owner, tags = defaults.tags, doc, failRun, deadline } = options;
  const byDefault =
    teardownOf === undefined ? (defaults.triggerRule ?? 'all_success') : 'all_done_setup_success';
  const call = task.call();
  return withoutUndefined({
    id: task.id,
    call,
    upstream,
    triggerRule: options.triggerRule ?? byDefault,
    retries: task.retries ?? defaults.retries ?? [],
    timeout: timeoutOf(call, options.timeout, defaults.timeout),
    map,
    pool,
    deadline,
    ...pastOf(options, defaults),
    callbacks,
    teardownOf,
    failRun,
    owner,
    tags,
    doc,
    at,
  });
}

/** Waiting for downstream is waiting for the past, too, as in Airflow; `false` is what is without either. */
function pastOf(
  options: TaskOptions,
  defaults: ReadDefaults,
): Pick<TaskNode, 'dependsOnPast' | 'waitForDownstream'> {
  const waitForDownstream = options.waitForDownstream ?? defaults.waitForDownstream;
  const dependsOnPast = options.dependsOnPast ?? (waitForDownstream || defaults.dependsOnPast);
  return withoutUndefined({
    dependsOnPast: dependsOnPast === false ? undefined : dependsOnPast,
    waitForDownstream: waitForDownstream === false ? undefined : waitForDownstream,
  }) as Pick<TaskNode, 'dependsOnPast' | 'waitForDownstream'>;
}

/** A group as plain data; a module's `upstream` is that of what stands for it. */
export function groupNode(group: OpenGroup, tasks: readonly string[], upstream: readonly Edge[]): GroupNode {
  const { id, doc, does, triggerRule = 'all_success' } = group;
  const module = does === undefined ? undefined : { does, upstream, triggerRule };
  return withoutUndefined({ id, doc, tasks, module });
}

/** Defaults are for tries of work; how long a sensor waits in all is part of its call. */
function timeoutOf(
  call: CallNode,
  own: TaskNode['timeout'],
  byDefault: TaskNode['timeout'],
): TaskNode['timeout'] {
  if (call.kind === 'sensor') return undefined;
  if (call.kind === 'approve') return own ?? APPROVAL_TIMEOUT;
  if (call.kind === 'at') return own;
  return own ?? (isFunction(call) ? functionTimeout(byDefault) : byDefault);
}

/** A default is for engines, too, which may run longer than a function. */
function functionTimeout(byDefault: TaskNode['timeout']): TaskNode['timeout'] {
  return isLong(byDefault) ? LONGEST_FUNCTION : byDefault;
}

function isLong(timeout: TaskNode['timeout']): boolean {
  return (toSeconds(timeout) ?? 0) > FUNCTION_TIMEOUT_SECONDS;
}

/** True of a function that gets less time than the defaults say. */
export function isCut({ call, options }: OpenTask, { timeout }: ReadDefaults): boolean {
  return options.timeout === undefined && isLong(timeout) && isFunction(call());
}

/** Told once of a DAG, at the first task: what the defaults say is not what functions have. */
export function cutTimeout({ id, at }: OpenTask, { timeout }: ReadDefaults): Problem {
  return {
    code: 'default-timeout',
    path: 'defaults › timeout',
    message: `must be at most ${LONGEST_FUNCTION} where it is for functions, got ${typeof timeout === 'number' ? `${timeout}s` : timeout}: task "${id}", and every function without a timeout of its own, is ended after ${LONGEST_FUNCTION}`,
    remedy: `write timeout: '${LONGEST_FUNCTION}' there, and the longer one at the tasks that it is for`,
    severity: 'warning',
    ...placed(at),
  };
}
