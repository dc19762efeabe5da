import { toSeconds } from '../../base/duration.ts';
import { engineNamed } from '../../engines/all.ts';
import type { DagNode } from '../../model/dag.ts';
import type { ManifestState } from '../../model/manifest.ts';
import type { MapNode, ModuleKind } from '../../model/module.ts';
import type { TaskNode } from '../../model/task.ts';
import type { Hint } from './hints.ts';

/** What the author's DAG tells of the states: how long sensors look, how long lists are, how often bodies run. */
export function taskHints(
  dag: DagNode,
  states: Iterable<readonly [name: string, state: ManifestState]>,
): ReadonlyMap<string, Hint> {
  const tasks = new Map(dag.tasks.map((task) => [task.id, task]));
  const modules = modulesOf(dag);
  const hints = new Map<string, Hint>();
  for (const [name, { task, module, role }] of states) {
    const node = tasks.get(task ?? '');
    const does = module === undefined ? undefined : modules.get(module);
    if (node !== undefined) hints.set(name, taskHint(node));
    if (does !== undefined) hints.set(name, moduleHint(does, role));
  }
  return hints;
}

function moduleHint(does: ModuleKind, role: string): Hint {
  if (does.kind === 'map') return role === 'map' ? itemsHint(does) : {};
  return role === 'body' ? { rounds: roundsOf(does) } : {};
}

function modulesOf(dag: DagNode): ReadonlyMap<string, ModuleKind> {
  return new Map<string, ModuleKind>([
    ...dag.tasks.flatMap(({ id, map }) =>
      map === undefined ? [] : [[id, { kind: 'map', ...map }] as const],
    ),
    ...dag.groups.flatMap(({ id, module }) => (module === undefined ? [] : [[id, module.does] as const])),
    ...(dag.runRetries === undefined ? [] : [['', { kind: 'retry', retries: dag.runRetries }] as const]),
  ]);
}

/** A sensor looks for its whole timeout; a job is looked after for that of each of its tries. */
function taskHint({ call, timeout, retries }: TaskNode): Hint {
  if (call.kind === 'sensor') {
    const seconds = toSeconds(call.poke.timeout);
    return seconds === undefined ? {} : { pollSeconds: seconds };
  }
  if (call.kind !== 'engine') return {};
  const seconds = toSeconds(timeout) ?? engineNamed(call.engine)?.timeoutSeconds;
  const tries = retries.reduce((sum, { attempts }) => sum + attempts, 1);
  return seconds === undefined ? {} : { pollSeconds: seconds * tries };
}

function itemsHint({ items, maxItems }: MapNode): Hint {
  if (Array.isArray(items)) return { items: items.length };
  return maxItems === undefined ? {} : { items: maxItems };
}

function roundsOf(does: Exclude<ModuleKind, { readonly kind: 'map' }>): number {
  return does.kind === 'loop' ? does.maxIterations : does.retries.attempts + 1;
}
