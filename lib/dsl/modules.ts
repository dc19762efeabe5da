/** Types of what runs several times: mapped tasks and groups, retried groups, loops. */
import type { Ref, Refs, Value } from '../model/ref.ts';
import type { TriggerRule } from '../model/trigger-rule.ts';
import type { Resolved } from './fn.ts';
import type { Retry } from './options.ts';
import type {
  Branch,
  Condition,
  Group,
  GroupOptions,
  Loop,
  Ordered,
  ShortCircuit,
  Step,
  Task,
} from './scope.ts';

/** A list, or a Ref to one: an output, a param, an item of the map around. Its items may hold Refs. */
export type List = Value<readonly unknown[]>;

/** What one item of the list is. */
export type ItemOf<Items> = Resolved<Items> extends readonly (infer Item)[] ? Item : unknown;

/** How the runs of a mapped task or group go together. */
export interface MapOptions<Items> {
  /** Runs at the same time; the others wait, in the order of the list. @default no bound */
  readonly concurrency?: number;
  /** Runs that may fail without failing the whole: a number, or a share of the list: `'10%'`. @default 0 */
  readonly tolerate?: number | `${number}%`;
  /** What a person calls a run: `(item) => item.name`. @default its place in the list, from 0 */
  readonly label?: (item: Refs<ItemOf<Items>>, index: Ref<number>) => Value<string | number>;
  /** Longest list it is made for, at most 1,000,000; a longer one fails it. A small bound keeps it in one machine. @default the length of a constant list, else 1,000,000 */
  readonly maxItems?: number;
}

export interface MapGroupOptions<Items> extends Omit<GroupOptions, 'retries'>, MapOptions<Items> {}

/** Tries of a group, or of a whole run: 3 more, or a rule. What failed makes no difference. */
export type GroupRetries = number | Omit<Retry, 'on'>;

/** What outside of a mapped group its tasks are: each output is a list in the order of the items, null where a run gave none. */
export type Listed<Tasks> = 0 extends 1 & Tasks
  ? Tasks
  : Tasks extends Task<infer Output, infer Id>
    ? Task<Output[], Id>
    : Tasks extends Loop<infer Output, infer Id>
      ? Loop<Output[], Id>
      : Tasks extends Group<infer Inner, infer Id>
        ? Group<Listed<Inner>, Id>
        : Tasks extends Branch<string, infer Id>
          ? Step<Id>
          : Tasks extends ShortCircuit
            ? Tasks
            : Tasks extends object
              ? { readonly [Name in keyof Tasks]: Listed<Tasks[Name]> }
              : Tasks;

/** A value of this shape, Refs in any place. */
export type Shaped<Shape> =
  | Ref<Shape>
  | ([Shape] extends [readonly (infer Item)[]]
      ? readonly Shaped<Item>[]
      : [Shape] extends [object]
        ? { readonly [Name in keyof Shape]: Shaped<Shape[Name]> }
        : Shape);

export interface LoopOptions<Initial> extends Ordered {
  /** What the first iteration gets as `previous`: JSON, and Refs to tasks above. Its shape is the loop's. */
  readonly initial: Initial;
  /** Over what an iteration gave: where it holds, the loop ends well. */
  readonly until: (out: Refs<Resolved<NoInfer<Initial>>>) => Condition;
  /** The loop fails with `Dag.LoopLimit` where `until` does not hold after this many; at least 1, and above 10,000 a warning. */
  readonly maxIterations: number;
  /** When it starts, given how what is above ended. @default 'all_success' */
  readonly triggerRule?: Exclude<TriggerRule, 'all_done_setup_success'>;
  /** For its tasks; they come before the DAG's. @default {} */
  readonly defaults?: GroupOptions['defaults'];
  /** Markdown. */
  readonly doc?: string;
}
