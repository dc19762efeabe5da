/** What a person asks of a DAG before deploying it: what a run costs, how near it is to what is allowed, and why. */
import {
  DOLLARS_PER_TRANSITION,
  MAX_DEFINITION_BYTES,
  MAX_HISTORY_EVENTS,
  MAX_PAYLOAD_BYTES,
} from '../asl/limits.ts';
import type { DagNode } from '../model/dag.ts';
import { MAX_INLINE_BYTES } from '../model/run-input.ts';
import { runsPerMonth } from '../schedule/frequency.ts';
import { type Bounds, boundsOf, type MachineSize, type PerItem } from './bounds/bounds.ts';
import { cheaper, type Saving } from './bounds/cheaper.ts';
import type { Compiled } from './compile.ts';
import { type CriticalPath, criticalPath } from './critical-path.ts';
import type { PlannedLatch } from './plan.ts';

export interface PlanReport {
  readonly dag: string;
  readonly tasks: number;
  readonly states: number;
  readonly run: { readonly expected: Price; readonly worst: Price };
  readonly month: { readonly runs: number; readonly expected: Price; readonly worst: Price };
  readonly limits: readonly LimitUse[];
  /** The run's own machine first, named `''`; nested ones where the DAG is divided. */
  readonly machines: readonly MachineSize[];
  readonly latches: readonly PlannedLatch[];
  readonly earlyJoins: number;
  /** What `expected` takes to happen once: an item of each map whose length is not known, a look of each sensor. */
  readonly once: { readonly maps: readonly PerItem[]; readonly sensors: readonly string[] };
  readonly critical: CriticalPath;
  readonly cheaper: readonly Saving[];
}

/** Step Functions' price, the 4,000 free transitions of a month not taken off. */
export interface Price {
  readonly transitions: number;
  readonly dollars: number;
}

/** How much is used of something that has an end. */
export interface LimitUse {
  readonly what: 'events' | 'bytes' | 'codes' | 'outputs';
  /** Where all goes well; absent: the same as at most. */
  readonly expected?: number;
  readonly worst: number;
  readonly allowed: number;
}

/** `secondsOf`: how long each task takes, recorded or assumed. Pure. */
export function planReport(
  dag: DagNode,
  compiled: Compiled,
  secondsOf: (task: string) => number,
): PlanReport {
  const bounds = boundsOf(dag, compiled);
  const runs = runsPerMonth(dag.schedule);
  const [expected, worst] = [bounds.expected.transitions, bounds.worst.transitions];
  return {
    dag: dag.id,
    tasks: dag.tasks.length,
    states: bounds.machines.reduce((sum, { states }) => sum + states, 0),
    run: { expected: priceOf(expected), worst: priceOf(worst) },
    month: { runs, expected: priceOf(expected * runs), worst: priceOf(worst * runs) },
    limits: limitsOf(bounds),
    machines: bounds.machines,
    latches: compiled.plan.latches,
    earlyJoins: compiled.plan.earlyJoins,
    once: {
      maps: bounds.maps,
      sensors: dag.tasks.flatMap(({ id, call }) => (call.kind === 'sensor' ? [id] : [])),
    },
    critical: criticalPath(compiled.manifest, secondsOf),
    cheaper: cheaper(dag, compiled),
  };
}

function priceOf(transitions: number): Price {
  return { transitions, dollars: transitions * DOLLARS_PER_TRANSITION };
}

function limitsOf({ expected, worst, machines, payload }: Bounds): readonly LimitUse[] {
  return [
    { what: 'events', expected: expected.events, worst: worst.events, allowed: MAX_HISTORY_EVENTS },
    { what: 'bytes', worst: Math.max(...machines.map(({ bytes }) => bytes)), allowed: MAX_DEFINITION_BYTES },
    { what: 'codes', expected: 0, worst: payload.codes, allowed: MAX_PAYLOAD_BYTES },
    { what: 'outputs', worst: payload.outputs * MAX_INLINE_BYTES, allowed: MAX_PAYLOAD_BYTES },
  ];
}
