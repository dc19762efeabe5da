import { isShortCircuit, labelsOf, type TaskNode } from '../../model/task.ts';
import type { Graph } from './graph.ts';

/**
 * How a task can end, at most: what is false here never happens. Whatever runs may succeed and may fail.
 */
export interface Endings {
  readonly runs: boolean;
  /** By branches, short circuits and trigger rules. */
  readonly skipped: boolean;
  readonly upstreamFailed: boolean;
  /** Because code may throw `SkipTask`, its own or that of a task above. */
  readonly skippedByCode: boolean;
}

type Can = (endings: Endings) => boolean;

/** What can be above a task: of all its direct upstream, of at least one, and which skips count. */
interface Above {
  readonly all: (can: Can) => boolean;
  readonly some: (can: Can) => boolean;
  readonly skips: Can;
  readonly count: number;
}

const known = new WeakMap<Graph, readonly (Endings | undefined)[]>();

/** Of every task and module of a graph how it can end; `undefined` on and below a cycle. */
export function endingsOf(graph: Graph): readonly (Endings | undefined)[] {
  const found = known.get(graph) ?? build(graph);
  known.set(graph, found);
  return found;
}

/** True when the task can end skipped, for whatever reason. */
export function canBeSkipped(endings: Endings): boolean {
  return endings.skipped || endings.skippedByCode;
}

function build(graph: Graph): readonly (Endings | undefined)[] {
  const endings: (Endings | undefined)[] = graph.tasks.map(() => undefined);
  const cut = tasksBelowCuts(graph);
  const setups = setupsAbove(graph);
  for (const index of graph.order) {
    const task = graph.tasks[index];
    if (task === undefined) continue;
    const of = (indexes: Iterable<number>) => [...indexes].flatMap((each) => endings[each] ?? []);
    endings[index] = endingsOfTask(task, {
      above: of(graph.upstream[index] ?? []),
      setups: of(setups[index] ?? []),
      isCut: cut[index] === true,
    });
  }
  return endings;
}

interface Circumstances {
  readonly above: readonly Endings[];
  readonly setups: readonly Endings[];
  /** A brancher or short circuit above may leave it out. */
  readonly isCut: boolean;
}

function endingsOfTask(task: TaskNode, { above, setups, isCut }: Circumstances): Endings {
  const byAnything = byRuleOf(task, aboveOf(above, canBeSkipped));
  const byGraph = byRuleOf(
    task,
    aboveOf(above, ({ skipped }) => skipped),
  );
  return {
    runs: byAnything.runs,
    skipped:
      byGraph.skipped || (isCut && task.teardownOf === undefined) || setups.some(({ skipped }) => skipped),
    skippedByCode:
      (byAnything.runs && BY_CODE.has(task.call.kind)) || byAnything.skipped || setups.some(canBeSkipped),
    upstreamFailed: byAnything.upstreamFailed || setups.length > 0,
  };
}

/** Whether a short circuit anywhere above, or a brancher directly above, may leave each task out. */
function tasksBelowCuts(graph: Graph): readonly boolean[] {
  const below = graph.tasks.map(() => false);
  for (const index of graph.order) {
    below[index] = (graph.upstream[index] ?? []).some(
      (parent) => below[parent] === true || cutsAll(graph.tasks[parent]),
    );
  }
  return below.map(
    (isBelow, index) =>
      isBelow || (graph.upstream[index] ?? []).some((parent) => cutsDirectly(graph.tasks[parent])),
  );
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

/** Calls whose code may throw `SkipTask`, or that may give up softly; a module stands as an `fn`. */
const BY_CODE: ReadonlySet<string> = new Set(['fn', 'branch', 'shortCircuitFn', 'sensor']);

type ByRule = Pick<Endings, 'runs' | 'skipped' | 'upstreamFailed'>;

const ROOT: ByRule = { runs: true, skipped: false, upstreamFailed: false };

function cutsAll(task: TaskNode | undefined): boolean {
  return task !== undefined && isShortCircuit(task.call) && !task.call.respectTriggerRules;
}

function cutsDirectly(task: TaskNode | undefined): boolean {
  return task !== undefined && (isShortCircuit(task.call) || labelsOf(task.call) !== undefined);
}

function aboveOf(endings: readonly Endings[], skips: Can): Above {
  return { all: (can) => endings.every(can), some: (can) => endings.some(can), skips, count: endings.length };
}

const succeeds: Can = ({ runs }) => runs;
const fails: Can = ({ runs, upstreamFailed }) => runs || upstreamFailed;
const doneOr =
  (skips: Can): Can =>
  (endings) =>
    endings.runs || skips(endings);
const idleOr =
  (skips: Can): Can =>
  (endings) =>
    endings.upstreamFailed || skips(endings);

/** The table of trigger rules over what is possible. @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules */
const BY_RULE: Readonly<Record<string, (above: Above) => ByRule>> = {
  all_success: ({ all, some, skips }) => ({
    runs: all(succeeds),
    skipped: some(skips),
    upstreamFailed: some(fails),
  }),
  all_failed: ({ all, some, skips }) => ({
    runs: all(fails),
    skipped: some(doneOr(skips)),
    upstreamFailed: false,
  }),
  all_done: () => ROOT,
  all_done_min_one_success: ({ all, some, skips }) => ({
    runs: all(fails) && some(succeeds),
    skipped: some(skips),
    upstreamFailed: all(fails),
  }),
  all_skipped: ({ all, some, skips }) => ({ runs: all(skips), skipped: some(fails), upstreamFailed: false }),
  one_failed: ({ all, some, skips }) => ({
    runs: some(fails),
    skipped: all(doneOr(skips)),
    upstreamFailed: false,
  }),
  one_success: ({ all, some, skips }) => ({
    runs: some(succeeds),
    skipped: all(skips),
    upstreamFailed: some(fails),
  }),
  one_done: ({ all, some, skips }) => ({
    runs: some(succeeds),
    skipped: all(idleOr(skips)),
    upstreamFailed: false,
  }),
  none_failed: ({ all, some, skips }) => ({
    runs: all(doneOr(skips)),
    skipped: false,
    upstreamFailed: some(fails),
  }),
  none_failed_min_one_success: ({ all, some, skips }) => ({
    runs: all(doneOr(skips)) && some(succeeds),
    skipped: all(skips),
    upstreamFailed: some(fails),
  }),
  none_skipped: ({ all, some, skips }) => ({ runs: all(fails), skipped: some(skips), upstreamFailed: false }),
  always: () => ROOT,
  all_done_setup_success: ({ some, skips }) => ({
    runs: some(succeeds),
    skipped: some(skips),
    upstreamFailed: some(fails),
  }),
};

function byRuleOf(task: TaskNode, above: Above): ByRule {
  if (above.count === 0) return ROOT;
  return BY_RULE[task.triggerRule]?.(above) ?? { runs: true, skipped: true, upstreamFailed: true };
}
