/** What besides its trigger rule may keep a task from running: short circuits, branchers, setups. */
import { compareTexts } from '../base/compare.ts';
import { isShortCircuit, labelsOf, type TaskNode } from '../model/task.ts';
import type { Bits } from './bits.ts';

export interface Guards {
  /** Short circuits that skip it when they find false. */
  readonly cuts: readonly number[];
  /** Branchers directly above; it stays when one of `keep` was chosen. */
  readonly branches: readonly { readonly task: number; readonly keep: readonly string[] }[];
  /** Setups above it, not directly, whose teardown is below it: it fails and skips with them. */
  readonly setups: readonly number[];
}

/** The tasks of a DAG and how they hang together. */
export interface Shape {
  readonly tasks: readonly TaskNode[];
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  /** For each task, everything above it. */
  readonly above: readonly Bits[];
  readonly indexOf: ReadonlyMap<string, number>;
}

const NO_GUARDS: Guards = { cuts: [], branches: [], setups: [] };

/** The guards of every task. Nobody cuts off a teardown: only its own rule counts. */
export function guardsOf(shape: Shape): readonly Guards[] {
  const { tasks } = shape;
  const cutters = tasks.flatMap((task, index) => (isShortCircuit(task.call) ? [index] : []));
  const teardowns = tasks.flatMap((task, index) => (task.teardownOf ? [index] : []));
  const branching = tasks.some((task) => labelsOf(task.call) !== undefined);
  if (cutters.length === 0 && teardowns.length === 0 && !branching) return tasks.map(() => NO_GUARDS);
  return tasks.map((task, index) => {
    if (task.teardownOf) return NO_GUARDS;
    return {
      cuts: cutters.filter((cutter) => cutsOff(shape, cutter, index)),
      branches: branchesOver(shape, index),
      setups: setupsOver(shape, teardowns, index),
    };
  });
}

/** The tasks that guard: each must be final before the guarded one is decided. */
export function guardTasks({ cuts, branches, setups }: Guards = NO_GUARDS): readonly number[] {
  return [...cuts, ...branches.map(({ task }) => task), ...setups];
}

function cutsOff(shape: Shape, cutter: number, task: number): boolean {
  const call = shape.tasks[cutter]?.call;
  if (!call || !isShortCircuit(call)) return false;
  if (call.respectTriggerRules) return shape.upstream[task]?.includes(cutter) ?? false;
  return shape.above[task]?.has(cutter) ?? false;
}

function branchesOver(shape: Shape, index: number): Guards['branches'] {
  return (shape.tasks[index]?.upstream ?? []).flatMap((edge) => {
    const brancher = shape.indexOf.get(edge.task);
    if (brancher === undefined || edge.labels === undefined) return [];
    const keep = labelsLeadingTo(shape, index, brancher, edge.labels);
    return keep ? [{ task: brancher, keep }] : [];
  });
}

/** Labels by which a brancher leads to a task, itself or through others; `undefined`: whatever it chooses. */
function labelsLeadingTo(
  shape: Shape,
  index: number,
  brancher: number,
  own: readonly string[],
): readonly string[] | undefined {
  const id = shape.tasks[brancher]?.id;
  const keep = new Set(own);
  for (const other of shape.downstream[brancher] ?? []) {
    if (!shape.above[index]?.has(other)) continue;
    const labels = shape.tasks[other]?.upstream.find((edge) => edge.task === id)?.labels;
    // A task that follows every label leads here whatever is chosen.
    if (labels === undefined) return undefined;
    for (const label of labels) keep.add(label);
  }
  return [...keep].sort(compareTexts);
}

/** Setups of the work between a setup and its teardown; directly below a setup the rule decides. */
function setupsOver(shape: Shape, teardowns: readonly number[], index: number): number[] {
  const direct = shape.upstream[index] ?? [];
  const setups = teardowns
    .filter((teardown) => shape.above[teardown]?.has(index))
    .flatMap((teardown) => shape.tasks[teardown]?.teardownOf ?? [])
    .flatMap((id) => shape.indexOf.get(id) ?? [])
    .filter((setup) => !direct.includes(setup) && shape.above[index]?.has(setup));
  return [...new Set(setups)].sort((a, b) => a - b);
}
