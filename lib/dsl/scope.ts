/** What an author sees in the body of a DAG or group: types only. */
import type { Duration } from '../base/duration.ts';
import type { Call } from '../engines/engine.ts';
import type { Ref, Refs } from '../model/ref.ts';
import type { TriggerRule } from '../model/trigger-rule.ts';
import type { Fn, Resolved } from './fn.ts';
import type { Mistake } from './mistake.ts';
import type {
  GroupRetries,
  ItemOf,
  List,
  Listed,
  LoopOptions,
  MapGroupOptions,
  MapOptions,
  Shaped,
} from './modules.ts';
import type { CallbackOptions } from './notifiers.ts';
import type { Defaults, Retries } from './options.ts';
import type { PoolUse } from './pools.ts';
import type { Wait } from './waits.ts';

/** Anything that may stand before or behind another task. */
export interface Step<Id extends string = string> {
  readonly id: Id;
  readonly kind: 'task' | 'branch' | 'shortCircuit' | 'group' | 'loop' | 'label';
}

/** A declared task. Give it to `after`, and fields of its `output` to later calls. */
export interface Task<Output = unknown, Id extends string = string> extends Step<Id> {
  readonly kind: 'task';
  /** What the task gives, known only during a run. */
  readonly output: Refs<Output>;
}

/** A task that chooses which of the tasks below it run: those that follow a chosen label. */
export interface Branch<Label extends string, Id extends string = string> extends Step<Id> {
  readonly kind: 'branch';
  /** For `after`: the task runs when this label is chosen. A task with several labels follows any of them. */
  to(label: Label): BranchLabel<Label>;
}

/** One label of a branch, for `after`. */
export interface BranchLabel<Label extends string = string> extends Step {
  readonly kind: 'label';
  readonly label: Label;
}

/** A task that skips everything below it when its condition does not hold. */
export interface ShortCircuit<Id extends string = string> extends Step<Id> {
  readonly kind: 'shortCircuit';
}

/**
 * Tasks under a common name. In `after` it stands for its last tasks; its own `after` is for its first ones.
 * A mapped group, and one with `retries`, is one unit instead: it is waited for as a whole, and so are tasks in it.
 */
export interface Group<Tasks = unknown, Id extends string = string> extends Step<Id> {
  readonly kind: 'group';
  /** What the body returned. */
  readonly tasks: Tasks;
}

/** Tasks that run again and again until a condition holds. */
export interface Loop<Output = unknown, Id extends string = string> extends Step<Id> {
  readonly kind: 'loop';
  /** What the last iteration gave. */
  readonly output: Refs<Output>;
}

/** What a task or group waits for. The union has no name of its own, so that `tsc` spells out what is wrong. */
export interface Ordered {
  /**
   * What must end first, beside the tasks whose output is used: a task, a group, a label of a branch, or a list of these.
   *
   * @default []
   */
  readonly after?:
    | Step
    | Mistake<'"after" takes tasks, not task ids: write after: load, not after: "load"'>
    | readonly (
        | Step
        | Mistake<'"after" takes tasks, not task ids: write after: [load], not after: ["load"]'>
      )[];
}

export interface StepOptions extends Defaults, Ordered, CallbackOptions {
  /** Markdown. */
  readonly doc?: string;
}

export interface TaskOptions extends Omit<StepOptions, 'triggerRule'> {
  /** When it runs, given how the tasks above ended. A teardown has a rule of its own. @default 'all_success' */
  readonly triggerRule?: TriggerRule;
  /** Longest one try may take: `'30m'`. @default the engine's; of a function 15 minutes */
  readonly timeout?: Duration;
  /** More tries after a failed one. @default the defaults', else none */
  readonly retries?: Retries;
  /** Makes it the teardown of these setups: it runs whenever one of them ran, whatever the work did. */
  readonly teardownOf?: Step | readonly Step[];
  /** A teardown that fails the run when it fails. @default false */
  readonly failRun?: boolean;
  /** Place of a pool that it holds while it runs, its retries included: `warehouse`, `{ pool: warehouse, slots: 2 }`. @default none */
  readonly pool?: PoolUse;
  /** How long after the end of the run's interval it should be done: `'6h'`. Late, it goes on. @default none */
  readonly deadline?: Duration;
}

/** Of a mapped task: those of each run, and of the whole. */
export interface MapTaskOptions<Items>
  extends Omit<TaskOptions, 'teardownOf' | 'failRun'>,
    MapOptions<Items> {}

export interface BranchOptions<Label extends string> extends StepOptions {
  /** Labels it may choose, beside those that are followed. @default those that are followed */
  readonly labels?: readonly Label[];
}

export interface ShortCircuitOptions extends StepOptions {
  /** Skip only the tasks directly below; further ones follow by their trigger rules. @default false */
  readonly respectTriggerRules?: boolean;
}

export interface GroupOptions extends Ordered {
  /** For its tasks; they come before the DAG's. @default {} */
  readonly defaults?: Defaults;
  /** Markdown. */
  readonly doc?: string;
  /** Runs all of it again where one of its last tasks failed; earlier tries stay in the history. @default none */
  readonly retries?: GroupRetries;
  /** When it starts, given how what is above ended; for a group with `retries`. @default 'all_success' */
  readonly triggerRule?: Exclude<TriggerRule, 'all_done_setup_success'>;
}

/** What can be a label: those of a list, or one. */
export type LabelOf<Chosen> = Extract<Chosen extends readonly (infer Label)[] ? Label : Chosen, string>;

/** Ids in a group have its id before them. */
export type Prefixed<Prefix extends string, Id extends string> = Prefix extends '' ? Id : `${Prefix}.${Id}`;

/** A condition: an expression of `eq`, `gt`, `and`, …, or a boolean output. */
export type Condition = Ref<boolean>;

/** Facts about the run. */
export interface RunRefs {
  readonly id: Ref<string>;
  readonly dagId: Ref<string>;
  /** Start of the interval, ISO 8601 UTC. */
  readonly logicalDate: Ref<string>;
  readonly interval: {
    /** ISO 8601 UTC, inclusive. */
    readonly start: Ref<string>;
    /** ISO 8601 UTC, exclusive. */
    readonly end: Ref<string>;
    /** The start's day in the schedule's zone: `2026-08-22`. */
    readonly date: Ref<string>;
  };
}

/** Declares tasks. */
export interface DeclareTask<Prefix extends string> {
  /** A task: a function, a call to an engine, or something to wait for. */
  <const Id extends string, Output>(
    id: Id,
    call: Call<Output> | Fn<Output> | Wait<Output>,
    options?: TaskOptions,
  ): Task<Output, Prefixed<Prefix, Id>>;
  /**
   * One run of a task for every item of a list that may be known only during the run: `task.map('load', files.output,
   * (file) => fn({ file }, …))`. Counts once, as a whole; its output is the list of what the runs gave, `null` where
   * one gave nothing. An empty list: skipped.
   */
  readonly map: <const Id extends string, Items extends List, Output>(
    id: Id,
    list: Items,
    call: (item: Refs<ItemOf<Items>>, index: Ref<number>) => Call<Output> | Fn<Output> | Wait<Output>,
    options?: MapTaskOptions<NoInfer<Items>>,
  ) => Task<Output[], Prefixed<Prefix, Id>>;
}

/** Declares groups. */
export interface DeclareGroup<Prefix extends string> {
  /** Tasks under a common name; the body gets a scope of its own, and returns the tasks that others may name. */
  <const Id extends string, Tasks>(
    id: Id,
    body: (scope: GroupScope<Prefixed<Prefix, Id>>) => Tasks,
    options?: GroupOptions,
  ): Group<Tasks, Prefixed<Prefix, Id>>;
  /**
   * One run of a group for every item of a list: in it, item *i* of a task waits only for item *i* of the one before.
   * What reads its tasks from outside waits for all of it, and gets lists.
   */
  readonly map: <const Id extends string, Items extends List, Tasks>(
    id: Id,
    list: Items,
    body: (scope: GroupScope<Prefixed<Prefix, Id>>, item: Refs<ItemOf<Items>>, index: Ref<number>) => Tasks,
    options?: MapGroupOptions<NoInfer<Items>>,
  ) => Group<Listed<Tasks>, Prefixed<Prefix, Id>>;
}

/** What declares tasks; each DAG and each group has its own. */
export interface GroupScope<Prefix extends string = ''> {
  readonly task: DeclareTask<Prefix>;
  /**
   * A function that returns labels, one, a list, or none: `branch('size', fn(() => 'big'))`, then `{ after: size.to('big') }`.
   * A task directly below that follows no chosen label is skipped.
   */
  readonly branch: <const Id extends string, Chosen>(
    id: Id,
    call: Fn<Chosen>,
    options?: BranchOptions<LabelOf<NoInfer<Chosen>>>,
  ) => Branch<LabelOf<Chosen>, Prefixed<Prefix, Id>>;
  /** Every label whose condition holds; `otherwise` when none does. */
  readonly choose: <const Id extends string, Label extends string, Otherwise extends string = never>(
    id: Id,
    cases: Readonly<Record<Label, Condition>>,
    otherwise?: Otherwise,
    options?: StepOptions,
  ) => Branch<Label | Otherwise, Prefixed<Prefix, Id>>;
  /** Goes on when the condition holds or the function returns true; else everything below is skipped. */
  readonly shortCircuit: <const Id extends string>(
    id: Id,
    condition: Condition | Fn<boolean>,
    options?: ShortCircuitOptions,
  ) => ShortCircuit<Prefixed<Prefix, Id>>;
  /**
   * Goes on in the newest run alone: where a newer interval has ended meanwhile, what is directly below is skipped, and
   * further tasks follow by their trigger rules. Runs that somebody started by hand always go on.
   */
  readonly latestOnly: <const Id extends string>(
    id: Id,
    options?: StepOptions,
  ) => ShortCircuit<Prefixed<Prefix, Id>>;
  readonly group: DeclareGroup<Prefix>;
  /**
   * Tasks that run again and again until a condition holds; each iteration gets what the one before gave:
   * `loop('pages', { initial: { page: 1, more: true }, until: (out) => not(out.more), maxIterations: 100 }, (previous, { task }) => …)`.
   */
  readonly loop: <const Id extends string, Initial>(
    id: Id,
    options: LoopOptions<Initial>,
    body: (
      previous: Refs<Resolved<Initial>>,
      scope: GroupScope<Prefixed<Prefix, Id>>,
    ) => Shaped<Resolved<NoInfer<Initial>>>,
  ) => Loop<Resolved<Initial>, Prefixed<Prefix, Id>>;
  /** Dependencies in one line: `chain(a, [b, c], d)`. Two lists side by side are paired, first with first. */
  readonly chain: (...steps: readonly (Step | readonly Step[])[]) => void;
}

/** What the body of a DAG gets. */
export interface Scope<Values> extends GroupScope {
  /** The run's params. */
  readonly params: { readonly [Name in keyof Values]: Refs<Values[Name]> };
  /** Facts about the run. */
  readonly run: RunRefs;
}
