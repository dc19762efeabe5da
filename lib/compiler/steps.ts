/** A strand as the steps it is compiled by: early joins, cut gates and tells are made explicit. */
import { unreachable } from '../base/unreachable.ts';
import { isEarly } from '../model/trigger-rule.ts';
import { type Graph, idOf } from './graph.ts';
import { WAITERS_PER_ITEM } from './latch-item.ts';
import { parallelName } from './names.ts';
import type { Item, Latch, Strand } from './structure.ts';

export type Step =
  /** In a rerun, before a task and the `steps` that belong to it: passes over them where it does not run again. */
  | { readonly kind: 'mask'; readonly task: number; readonly steps: number }
  | { readonly kind: 'task'; readonly task: number }
  /** Before a task that is decided early: its own item is waited for. */
  | { readonly kind: 'early'; readonly task: number }
  /** After a short circuit whose function answered. */
  | { readonly kind: 'cut'; readonly task: number }
  /** After a task: its code goes to an early join. */
  | { readonly kind: 'tell'; readonly task: number; readonly consumer: number }
  | { readonly kind: 'par'; readonly item: Item; readonly branches: readonly Strand[]; readonly name: string }
  | { readonly kind: 'wait'; readonly item: Item; readonly latches: readonly Latch[]; readonly owner: string }
  | { readonly kind: 'signal'; readonly latch: Latch; readonly shard: number; readonly owner: string };

/** Steps of a strand, in order. */
export function stepsOf(graph: Graph, strand: Strand): readonly Step[] {
  return strand.flatMap((item, position): readonly Step[] => {
    switch (item.kind) {
      case 'task':
        return taskSteps(graph, item.task);
      case 'par':
        return [{ kind: 'par', item, branches: item.branches, name: nameOf(graph, item) }];
      case 'wait': {
        const next = strand[position + 1];
        return next ? [{ kind: 'wait', item, latches: item.latches, owner: nameOf(graph, next) }] : [];
      }
      case 'signal':
        return signalSteps(graph, item.latch);
      default:
        return unreachable(item);
    }
  });
}

function signalSteps(graph: Graph, latch: Latch): readonly Step[] {
  const owner = nameOf(graph, latch.producer);
  const shards = shardsOf(latch);
  return Array.from({ length: shards }, (_, shard) => ({ kind: 'signal' as const, latch, shard, owner }));
}

/** How many items a latch needs for all its waiters. */
export function shardsOf(latch: Latch): number {
  return Math.max(1, Math.ceil(latch.consumers.length / WAITERS_PER_ITEM));
}

function taskSteps(graph: Graph, task: number): readonly Step[] {
  const own: Step[] = graph.early[task]
    ? [
        { kind: 'early', task },
        { kind: 'task', task },
      ]
    : [{ kind: 'task', task }];
  const steps: Step[] = graph.isMasked ? [{ kind: 'mask', task, steps: own.length }, ...own] : own;
  for (const consumer of graph.downstream[task] ?? []) {
    if (graph.early[consumer] && hasJoin(graph, consumer)) steps.push({ kind: 'tell', task, consumer });
  }
  if (graph.tasks[task]?.call.kind === 'shortCircuitFn') steps.push({ kind: 'cut', task });
  return steps;
}

/** `always` starts with what guards it; only a task that may be left out needs to know the last upstream. */
export function hasJoin(graph: Graph, task: number): boolean {
  const rule = graph.tasks[task]?.triggerRule ?? 'all_success';
  return isEarly(rule) && (rule !== 'always' || mayBeLeftOut(graph, task));
}

/** Something besides its trigger rule may keep the task from running. */
export function mayBeLeftOut(graph: Graph, task: number): boolean {
  const { cuts = [], branches = [], setups = [] } = graph.guards[task] ?? {};
  return cuts.length + branches.length + setups.length > 0;
}

/** Name by which states belong to an item: the task's, or the Parallel's. */
export function nameOf(graph: Graph, item: Item): string {
  if (item.kind === 'task') return idOf(graph, item.task);
  if (item.kind === 'par') return parallelName(item.branches.map((branch) => firstOf(graph, branch)));
  throw new Error(`unreachable: a ${item.kind} has no name`);
}

function firstOf(graph: Graph, strand: Strand): string {
  for (const item of strand) {
    if (item.kind === 'task') return idOf(graph, item.task);
    const [branch] = item.kind === 'par' ? item.branches : [];
    if (branch) return firstOf(graph, branch);
  }
  return '';
}
