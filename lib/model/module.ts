import type { Json } from '../base/json.ts';
import type { Operand } from './ref.ts';
import type { Edge, RetryRule } from './task.ts';
import type { TriggerRule } from './trigger-rule.ts';

/**
 * A group, or a mapped task, that is one unit: it is entered when its own upstream allows it, and whoever depends on a
 * task inside depends on its end. What tasks inside depend on outside is what the module depends on.
 */
export interface ModuleNode {
  readonly does: ModuleKind;
  /** Its own `after`; edges of the tasks inside that lead outside count besides. */
  readonly upstream: readonly Edge[];
  /** @default 'all_success' */
  readonly triggerRule: TriggerRule;
}

export type ModuleKind =
  /** Runs the group again while a leaf of it failed. */
  { readonly kind: 'retry'; readonly retries: RetryRule } | ({ readonly kind: 'map' } & MapNode) | LoopNode;

/** One run of the task or group for every item of a list. */
export interface MapNode {
  /** A list, or a reference to one. */
  readonly items: Operand;
  /** Instances at the same time. @default no bound */
  readonly concurrency?: number;
  /** Failed instances that do not fail the whole: a number, or a share of the list: `'10%'`. @default 0 */
  readonly tolerate?: number | `${number}%`;
  /** What a person calls an instance: an expression over its item. @default its index */
  readonly label?: Operand;
  /** Longest list it is made for; a longer one fails the task. @default the list's length where it is known, else 1,000,000 */
  readonly maxItems?: number;
}

/** Repeats a group until a condition over what it gives holds. */
export interface LoopNode {
  readonly kind: 'loop';
  /** What the first iteration gets as `prev`: JSON with Refs to tasks outside. */
  readonly initial: Json;
  /** What the next one gets, of the same shape: JSON with Refs to tasks inside. */
  readonly next: Json;
  /** Over tasks inside; holds: the loop ends well. */
  readonly until: Operand;
  /** The loop fails with `Dag.LoopLimit` where `until` does not hold after this many. At least 1. */
  readonly maxIterations: number;
}

/** Most items of one map. */
export const MAX_MAP_ITEMS = 1_000_000;
