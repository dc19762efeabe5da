/** What would make a run cheaper: each change tried, by compiling the DAG with it. */
import type { DagNode } from '../../model/dag.ts';
import { MAX_MAP_ITEMS } from '../../model/module.ts';
import type { TaskNode } from '../../model/task.ts';
import type { TriggerRule } from '../../model/trigger-rule.ts';
import { mostItems } from '../apart.ts';
import { type Compiled, compile } from '../compile.ts';
import type { PlannedLatch } from '../plan.ts';
import { boundsOf } from './bounds.ts';
import { looksIn, mostLooks } from './looks.ts';

/** A change of the DAG, and what it saves. */
export interface Saving {
  /** What to change: `without the edge a → b`. */
  readonly change: string;
  /** What is different then. */
  readonly but: string;
  /** Transitions of a run where all goes well; of a sensor, or a map over a list of any length, those at most. */
  readonly transitions: number;
}

/** Above this many tasks, trying takes longer than anybody waits. */
const MOST_TASKS = 400;
/** At most so many latches are tried. */
const MOST_TRIED = 20;

/** Changes that save transitions, the best first. Pure; compiles the DAG once for each. */
export function cheaper(dag: DagNode, compiled: Compiled): readonly Saving[] {
  const now = boundsOf(dag, compiled).expected.transitions;
  const saved = (changed: DagNode): number => now - transitionsOf(changed);
  const tried =
    dag.tasks.length > MOST_TASKS
      ? []
      : [...edgeSavings(dag, compiled.plan.latches, saved), ...ruleSavings(dag, saved)];
  return [...tried, ...lookSavings(dag), ...mapSavings(dag)]
    .filter(({ transitions }) => transitions > 0)
    .sort((a, b) => b.transitions - a.transitions);
}

/** `NaN`, which saves nothing, where the changed DAG is none. */
function transitionsOf(dag: DagNode): number {
  try {
    return boundsOf(dag, compile(dag)).expected.transitions;
  } catch {
    return Number.NaN;
  }
}

/** A latch that one edge alone asks for. */
function edgeSavings(
  dag: DagNode,
  latches: readonly PlannedLatch[],
  saved: (changed: DagNode) => number,
): readonly Saving[] {
  const single = latches.flatMap(({ why: [edge, ...more] }) => (edge && more.length === 0 ? [edge] : []));
  return single.slice(0, MOST_TRIED).flatMap(({ from, to }) => {
    const changed = withTask(dag, to, (task) => ({
      ...task,
      upstream: task.upstream.filter((edge) => edge.task !== from),
    }));
    if (changed === undefined) return [];
    return [
      {
        change: `without the edge ${from} → ${to}`,
        but: `${to} does not wait for ${from}`,
        transitions: saved(changed),
      },
    ];
  });
}

/** The rule that says the same of complete counts. */
const LATE: Partial<Record<TriggerRule, TriggerRule>> = {
  one_success: 'none_failed_min_one_success',
  one_done: 'all_done',
};

function ruleSavings(dag: DagNode, saved: (changed: DagNode) => number): readonly Saving[] {
  return dag.tasks.flatMap(({ id, triggerRule }) => {
    const late = LATE[triggerRule];
    const changed =
      late === undefined ? undefined : withTask(dag, id, (task) => ({ ...task, triggerRule: late }));
    if (late === undefined || changed === undefined) return [];
    return [
      {
        change: `${id} with the trigger rule ${late} instead of ${triggerRule}`,
        but: `${id} waits for all its upstream`,
        transitions: saved(changed),
      },
    ];
  });
}

function lookSavings(dag: DagNode): readonly Saving[] {
  return mostLooks(dag).flatMap(({ task, looks, timeoutSec }): readonly Saving[] => {
    if (task.call.kind !== 'sensor' || task.call.poke.backoff > 1) return [];
    const doubling = looksIn(timeoutSec, { ...task.call.poke, backoff: 2, maxPokeEvery: '1h' });
    return [
      {
        change: `${task.id} with exponential: true, maxPokeEvery: '1h'`,
        but: `it looks at most ${doubling} instead of ${looks} times, and may notice up to an hour later`,
        transitions: looks - doubling,
      },
    ];
  });
}

/** A bound that most lists keep. */
const FEW_ITEMS = 1000;

function mapSavings({ tasks, groups }: DagNode): readonly Saving[] {
  const maps = [
    ...tasks.flatMap(({ id, map }) => (map ? [{ id, map }] : [])),
    ...groups.flatMap(({ id, module }) => (module?.does.kind === 'map' ? [{ id, map: module.does }] : [])),
  ];
  return maps
    .filter(({ map }) => mostItems(map) === undefined)
    .map(({ id }) => ({
      change: `${id} with maxItems: ${FEW_ITEMS}`,
      but: 'a longer list fails it; up to 40, all items run in one execution',
      transitions: MAX_MAP_ITEMS - FEW_ITEMS,
    }));
}

function withTask(dag: DagNode, id: string, change: (task: TaskNode) => TaskNode): DagNode | undefined {
  const found = dag.tasks.find((task) => task.id === id);
  if (found === undefined) return undefined;
  const changed = change(found);
  // An edge that a module has, or a setup, is not the task's.
  if (JSON.stringify(changed) === JSON.stringify(found)) return undefined;
  return { ...dag, tasks: dag.tasks.map((task) => (task === found ? changed : task)) };
}
