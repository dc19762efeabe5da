import type { JsonObject } from '../base/json.ts';
import type { RunType } from './run.ts';

/**
 * Input of every execution, here and on AWS. A definition reads what it needs of
 * it as `$states.context.Execution.Input…`, so nothing of a deployment is in a definition.
 */
export interface RunInput extends JsonObject {
  readonly run: RunFacts;
  readonly params: JsonObject;
  /** Of a rerun of some tasks of a run: the machine `<dag>-rerun` takes it. */
  readonly rerun?: Rerun;
}

/** Which tasks run again, and what became of the others. */
export interface Rerun extends JsonObject {
  /** Id of the run whose tasks they are, where this execution has another one. */
  readonly of?: string;
  /** Tasks and modules, by id, that run again. */
  readonly tasks: readonly string[];
  /**
   * State data that the others contribute: the code of each that did not succeed (`{ "load": "f" }`), and what
   * branchers chose and short circuits cut (`{ "size>": "|big|", "some>": "x" }`).
   */
  readonly data: Readonly<Record<string, string>>;
  /** Fields of their outputs that tasks which run again read, by task id and field name. */
  readonly outputs: Readonly<Record<string, JsonObject>>;
}

export interface RunFacts extends JsonObject {
  readonly id: string;
  readonly dagId: string;
  /** Number of the run's execution, from "1"; part of every latch key. */
  readonly attempt: string;
  /** ISO 8601, UTC. */
  readonly logicalDate: string;
  /** `[start, end)` in ISO 8601 UTC; `date` is the start's day in the schedule's zone, `2026-08-22`. */
  readonly interval: { readonly start: string; readonly end: string; readonly date: string };
  /** How the run came to be (`run.ts`). Absent: `manual`. */
  readonly type?: RunType;
  /** Of the run of an interval: when the next interval ends, from when on this run is not the latest. */
  readonly supersededAt?: string;
  /** Name of the table of latches and recorded outputs. */
  readonly table: string;
  /** When the run's latches may be forgotten: seconds since the epoch, as text; the table's TTL. */
  readonly expires: string;
  /** Function versions by name; `main` runs the DAG's tasks. */
  readonly fns: { readonly main: string; readonly [name: string]: string };
  /** Nested machines of a DAG that is divided, by part: their ARNs. Absent: it is not. */
  readonly machines?: Readonly<Record<string, string>>;
}

/** The wanted fields of what a task, or one run of it, gave, as they are kept in the run's table. */
export interface RecordedOutput {
  readonly task: string;
  /** As in {@link TaskEvent}. */
  readonly instance?: string;
  readonly out: JsonObject;
}

/**
 * What a task's state sends to the DAG's function (`Payload`), and the local runner gets.
 * Args hold `{ $output: { task, field } }` where a value comes from the run's recorded outputs: with `instance` from
 * that run of the task, with `items` (how many) the list of what the instances of a map gave.
 */
export interface TaskEvent extends JsonObject {
  readonly task: string;
  /** The execution's input. */
  readonly execution: RunInput;
  /** From 1. */
  readonly try: number;
  /**
   * Which run of the task this is where it may run several times: the counters of the maps (index, from 0), group
   * retries and loops (from 1) around it, outermost first: `3`, `2.0`. Absent elsewhere. Part of the keys of what is recorded.
   */
  readonly instance?: string;
  /** Of a mapped task or a task in a mapped group: place in the list of the innermost map, from 0, and what a person calls it. */
  readonly mapIndex?: number;
  readonly label?: string;
  /** When the task's state was entered, ISO 8601: sensors, those of runs included, count their time from it. */
  readonly since?: string;
  /** Of a sensor: seconds it may wait in all, and whether it then ends skipped instead of failed. */
  readonly poke?: { readonly timeout: number; readonly softFail: boolean };
  /**
   * A token by which the task is answered, with its output alone: of an approval, and of what waits for a run of another
   * DAG (`engine` is `dag.run` or `dag.trigger`, `args` an {@link AwaitedRun} or those of `trigger.dag`). Each renewal of
   * such a wait has another one.
   */
  readonly token?: string;
  /** Inputs of a function or arguments of an engine, Refs resolved. */
  readonly args?: JsonObject;
  /** For an engine: its name and connection. */
  readonly engine?: string;
  readonly connection?: string;
  /** Fields of the output that later states refer to, `a.b.0`; `''` is the whole output. */
  readonly want?: readonly string[];
  /**
   * Those of `want` that the machine itself evaluates. The others may travel as `{ $file: path }` where they are large,
   * which whoever reads them resolves. Absent: none of them.
   */
  readonly inline?: readonly string[];
  /** Also record the wanted fields as item `O#<task>`: somebody reads them across a latch. */
  readonly record?: boolean;
}

/** Which run of another DAG a task waits for, and what of it: `args` of `dag.run`, Refs resolved. */
export interface AwaitedRun extends JsonObject {
  readonly dagId: string;
  /** A day or an instant; its run is the newest one whose interval holds it. */
  readonly logicalDate: string;
  /** It is there in one of these. */
  readonly states: readonly FinalRunState[];
  /** In one of these it never will be: the task fails. In others that are final it is waited for: the run may be cleared. */
  readonly failOn: readonly FinalRunState[];
}

/** How a run ends. */
export type FinalRunState = 'success' | 'failed' | 'cancelled';

/** What the function answers. `out` is keyed by the names in `want`; fields without a value are left out. */
export interface TaskReply extends JsonObject {
  readonly out?: JsonObject;
  /** Of a branch: what it chose. */
  readonly labels?: readonly string[];
  /** Of a short circuit: whether to go on. */
  readonly pass?: boolean;
}

/**
 * Most bytes that the machine itself evaluates of one output, as JSON: a quarter of what one state may give another.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions
 */
export const MAX_INLINE_BYTES = 65_536;

/**
 * Bytes of one output above which what handlers alone read of it goes to files. The outputs of tasks side by side, and
 * of the items of an inline Map, leave it as one result of at most 256 KiB: 128 such outputs.
 */
export const MAX_CARRIED_BYTES = 2_048;
