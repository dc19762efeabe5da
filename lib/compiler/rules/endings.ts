import type { DagNode } from '../../model/dag.ts';
import { isShortCircuit, labelsOf, type TaskNode } from '../../model/task.ts';
import { type Graph, graphOf } from './graph.ts';

/**
 * How a task can end, at most: what is false here never happens. Whatever runs may succeed and may
 * fail; `skipped` is what the DAG can do to it, not `SkipTask` in its own code.
 */
export interface Endings {
  readonly runs: boolean;
  readonly skipped: boolean;
  readonly upstreamFailed: boolean;
  /** Its own code may throw `SkipTask`. */
  readonly skipsItself: boolean;
}

/** What can be above a task: of all its direct upstream, and of at least one. */
interface Above {
  readonly all: (can: (endings: Endings) => boolean) => boolean;
  readonly some: (can: (endings: Endings) => boolean) => boolean;
}

const known = new WeakMap<DagNode, readonly (Endings | undefined)[]>();

/** Of every task how it can end; `undefined` on and below a cycle. */
export function endingsOf(dag: DagNode): readonly (Endings | undefined)[] {
  const found = known.get(dag) ?? build(graphOf(dag));
  known.set(dag, found);
  return found;
}

/** True when the task can end without having succeeded or failed by itself, `SkipTask` included. */
export function canBeSkipped(endings: Endings): boolean {
  return endings.skipped || (endings.runs && endings.skipsItself);
}

function build(graph: Graph): readonly (Endings | undefined)[] {
  const endings: (Endings | undefined)[] = graph.tasks.map(() => undefined);
  const belowCut = graph.tasks.map(() => false);
  const setups = setupsAbove(graph);
  for (const index of graph.order) {
    const task = graph.tasks[index];
    if (task === undefined) continue;
    const parents = graph.upstream[index] ?? [];
    const cut = parents.some((parent) => belowCut[parent] === true || cutsAll(graph.tasks[parent]));
    belowCut[index] = cut;
    const above = parents.flatMap((parent) => endings[parent] ?? []);
    const leftOut = cut || parents.some((parent) => cutsDirectly(graph.tasks[parent]));
    const byRule = above.length === 0 ? ROOT : byRuleOf(task, aboveOf(above));
    const held = [...(setups[index] ?? [])].flatMap((setup) => endings[setup] ?? []);
    endings[index] = {
      ...byRule,
      skipped:
        byRule.skipped || (leftOut && task.teardownOf === undefined) || held.some(({ skipped }) => skipped),
      skipsItself: ['fn', 'branch', 'shortCircuitFn'].includes(task.call.kind) || held.some(canBeSkipped),
      upstreamFailed: byRule.upstreamFailed || held.length > 0,
    };
  }
  return endings;
}

/** Setups above each task, at any depth: the work between a setup and its teardown is skipped or failed with it. */
function setupsAbove(graph: Graph): readonly ReadonlySet<number>[] {
  const setups = new Set(
    graph.tasks.flatMap(({ teardownOf = [] }) => teardownOf.flatMap((id) => graph.indexOf.get(id) ?? [])),
  );
  if (setups.size === 0) return [];
  const above: Set<number>[] = graph.tasks.map(() => new Set());
  for (const index of graph.order) {
    for (const parent of graph.upstream[index] ?? []) {
      if (setups.has(parent)) above[index]?.add(parent);
      for (const setup of above[parent] ?? []) above[index]?.add(setup);
    }
  }
  return above;
}

type ByRule = Pick<Endings, 'runs' | 'skipped' | 'upstreamFailed'>;

const ROOT: ByRule = { runs: true, skipped: false, upstreamFailed: false };

function cutsAll(task: TaskNode | undefined): boolean {
  return task !== undefined && isShortCircuit(task.call) && !task.call.respectTriggerRules;
}

function cutsDirectly(task: TaskNode | undefined): boolean {
  return task !== undefined && (isShortCircuit(task.call) || labelsOf(task.call) !== undefined);
}

function aboveOf(endings: readonly Endings[]): Above {
  return { all: (can) => endings.every(can), some: (can) => endings.some(can) };
}

const succeeds = ({ runs }: Endings): boolean => runs;
const fails = ({ runs, upstreamFailed }: Endings): boolean => runs || upstreamFailed;
const follows = ({ upstreamFailed }: Endings): boolean => upstreamFailed;
const doneOrSkipped = (endings: Endings): boolean => endings.runs || canBeSkipped(endings);
const idle = (endings: Endings): boolean => endings.upstreamFailed || canBeSkipped(endings);

/** The table of trigger rules over what is possible. @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules */
const BY_RULE: Readonly<Record<string, (above: Above) => ByRule>> = {
  all_success: ({ all, some }) => ({
    runs: all(succeeds),
    skipped: some(canBeSkipped),
    upstreamFailed: some(fails),
  }),
  all_failed: ({ all, some }) => ({ runs: all(fails), skipped: some(doneOrSkipped), upstreamFailed: false }),
  all_done: () => ROOT,
  all_done_min_one_success: ({ all, some }) => ({
    runs: all(fails) && some(succeeds),
    skipped: some(canBeSkipped),
    upstreamFailed: all(fails),
  }),
  all_skipped: ({ all, some }) => ({ runs: all(canBeSkipped), skipped: some(fails), upstreamFailed: false }),
  one_failed: ({ all, some }) => ({ runs: some(fails), skipped: all(doneOrSkipped), upstreamFailed: false }),
  one_success: ({ all, some }) => ({
    runs: some(succeeds),
    skipped: all(canBeSkipped),
    upstreamFailed: some(fails),
  }),
  one_done: ({ all, some }) => ({ runs: some(succeeds), skipped: all(idle), upstreamFailed: false }),
  none_failed: ({ all, some }) => ({ runs: all(doneOrSkipped), skipped: false, upstreamFailed: some(fails) }),
  none_failed_min_one_success: ({ all, some }) => ({
    runs: all(doneOrSkipped) && some(succeeds),
    skipped: all(canBeSkipped),
    upstreamFailed: some(fails),
  }),
  none_skipped: ({ all, some }) => ({ runs: all(fails), skipped: some(canBeSkipped), upstreamFailed: false }),
  always: () => ROOT,
  all_done_setup_success: ({ some }) => ({
    runs: some(succeeds),
    skipped: some(canBeSkipped),
    upstreamFailed: some(fails) || some(follows),
  }),
};

function byRuleOf(task: TaskNode, above: Above): ByRule {
  return BY_RULE[task.triggerRule]?.(above) ?? { runs: true, skipped: true, upstreamFailed: true };
}
