/** What a picture says of a task or a module, beside what it waits for. */
import type { ManifestModule, ManifestTask } from '../model/manifest.ts';
import type { ModuleKind } from '../model/module.ts';
import { isShortCircuit, type TaskNode } from '../model/task.ts';
import { inWords } from './in-words.ts';

type TaskFacts = Pick<
  ManifestTask,
  'kind' | 'owner' | 'doc' | 'failRun' | 'timeout' | 'deadline' | 'pool' | 'attempts'
>;

export function taskFacts(task: TaskNode, setups: ReadonlySet<string>): TaskFacts {
  const attempts = task.retries.reduce((sum, rule) => sum + rule.attempts, 0);
  return {
    kind: kindOf(task, setups),
    ...optional(task, ['owner', 'doc', 'failRun', 'deadline', 'pool']),
    ...(task.call.kind === 'sensor' ? { timeout: task.call.poke.timeout } : optional(task, ['timeout'])),
    ...(attempts > 0 ? { attempts } : {}),
  };
}

type ModuleFacts = Pick<
  ManifestModule,
  'kind' | 'items' | 'concurrency' | 'tolerate' | 'maxItems' | 'attempts' | 'until' | 'maxIterations'
>;

export function moduleFacts(does: ModuleKind): ModuleFacts {
  if (does.kind === 'retry') return { kind: 'retry', attempts: does.retries.attempts };
  if (does.kind === 'map')
    return {
      kind: 'map',
      items: inWords(does.items),
      ...optional(does, ['concurrency', 'tolerate', 'maxItems']),
    };
  return { kind: 'loop', until: inWords(does.until), maxIterations: does.maxIterations };
}

/** What an author calls each sensor. */
const SENSORS: Readonly<Record<string, string>> = {
  fn: 'sensor.fn',
  'http.request': 'sensor.http',
  'sql.query': 'sensor.sql',
  'file.exists': 'sensor.file',
  's3.key': 'sensor.s3Key',
  'dag.run': 'sensor.dagRun',
};

function kindOf(task: TaskNode, setups: ReadonlySet<string>): string {
  const { call } = task;
  if (task.teardownOf) return 'teardown';
  if (setups.has(task.id)) return 'setup';
  if (isShortCircuit(call)) return 'shortCircuit';
  if (call.kind === 'sensor') return SENSORS[call.sensor] ?? `sensor.${call.sensor}`;
  if (call.kind === 'at') return 'sensor.at';
  return call.kind === 'engine' ? call.engine : call.kind;
}

/** The fields of `keys` that are there. */
export function optional<T extends object, K extends keyof T>(
  from: T,
  keys: readonly K[],
): Partial<Pick<T, K>> {
  const present = keys.filter((key) => from[key] !== undefined);
  return Object.fromEntries(present.map((key) => [key, from[key]])) as Partial<Pick<T, K>>;
}
