/** One strand while it is compiled: its steps, what is known at each, and who leads where. */
import type { State } from '../asl/states.ts';
import type { DagNode } from '../model/dag.ts';
import type { ManifestState } from '../model/manifest.ts';
import type { Around } from './around.ts';
import type { Hint } from './bounds/hints.ts';
import type { Exit, Facts } from './facts.ts';
import type { Graph } from './graph.ts';
import { auxiliary } from './names.ts';
import type { Counts, PlannedLatch } from './plan.ts';
import type { Chain } from './skip.ts';
import type { Step } from './steps.ts';
import type { Timing } from './timing.ts';
import type { NeededVariable, Values } from './values.ts';

/** What all strands of one scope share. */
export interface Machine extends Shared {
  readonly graph: Graph;
  readonly values: Values;
  readonly timing: Timing;
  /** Tasks whose failure fails the run. */
  readonly deciding: ReadonlySet<string>;
  /** Setups whose status tasks further down ask for. */
  readonly guarding: ReadonlySet<number>;
  /** What is around; absent: this is the whole DAG. */
  readonly around?: Around;
}

/** What the machines of all scopes of a DAG share. */
export interface Shared {
  readonly dag: DagNode;
  /** The machine that runs some tasks of a run again. */
  readonly isRerun: boolean;
  /** Expected seconds of a task or module. */
  readonly secondsOf: (id: string) => number;
  readonly limits: Limits;
  readonly counts: Counts;
  /** For the plan. */
  readonly latches: PlannedLatch[];
  /** By state: what its bound depends on and the state itself does not tell. */
  readonly hints: Map<string, Hint>;
  /** Role of each auxiliary state, for the manifest. */
  readonly roles: Map<string, string>;
  /** By task that no function runs: which run of it it is, in modules, as JSONata text. */
  readonly instances: Map<string, string>;
  /** Whose own state a state is. */
  readonly owners: Map<string, Omit<ManifestState, 'role'>>;
}

/** Above these a machine is divided. */
export interface Limits {
  /** Parallels inside each other; what would stand deeper becomes a line of its own, by latches. */
  readonly nested: number;
  /** Items of a map that runs inside the machine; a longer one gets executions of its own. */
  readonly inlineItems: number;
  /** Tasks of one machine; nested machines that it starts count as one each. */
  readonly tasks: number;
  /** Events of one execution's history, at most (`bounds/`). */
  readonly events: number;
  /** Of one definition, UTF-8. */
  readonly bytes: number;
}

export interface Course {
  readonly machine: Machine;
  readonly steps: readonly Step[];
  readonly facts: Facts;
  readonly states: Record<string, State>;
  /** The state of side ways' end, once one is needed. */
  readonly ends: State[];
  readonly landings: Map<string, Exit[]>;
  readonly chain: Chain;
  readonly needed: readonly NeededVariable[];
  /** Name of the state in which side ways end; of the whole run in the root. */
  readonly endName: string;
  readonly root: boolean;
  /** State data as the first step finds it, as JSONata text. */
  readonly start: string;
}

/**
 * How a step is entered: through its gate, past it, or (latches) after a good or bad end;
 * `release`: a Parallel is passed over, but latches inside must be set.
 */
export type EntryPoint = 'run' | 'gate' | 'good' | 'bad' | 'release';

/** Where a way leads, and what is recorded on it. */
export interface Way {
  /** A state, or the strand's end. */
  readonly next: string | undefined;
  readonly adds: Readonly<Record<string, string>>;
  /** Variables of tasks that do not run on this way, for their readers. */
  readonly nulls: readonly string[];
  /** The root's end, as far as it is known. */
  readonly end?: 'ok' | 'failed' | 'asked';
}

/** Key, in what a branch gives, of the variables that its readers outside need. */
export const EXPORTS = '=';

export const RUN_VERDICT = auxiliary('run', 'verdict');
export const RUN_FAILED = auxiliary('run', 'failed');
export const RUN_SUCCEEDED = auxiliary('run', 'succeeded');

/** Notes that `exit` leads to this entry of a step. */
export function arrive(course: Course, position: number, entry: EntryPoint, exit: Exit): void {
  const key = `${position}:${entry}`;
  const exits = course.landings.get(key);
  if (exits) exits.push(exit);
  else course.landings.set(key, [exit]);
}

export function arrivals(course: Course, position: number, entry: EntryPoint): readonly Exit[] {
  return course.landings.get(`${position}:${entry}`) ?? [];
}
