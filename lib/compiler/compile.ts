/** A DAG → the state machine that runs it, here and on AWS. */
import { MAX_INLINE_CONCURRENCY } from '../asl/limits.ts';
import type { StateMachine } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { DefinitionError } from '../base/errors.ts';
import { type DagNode, DEFAULT_RUN_TIMEOUT_SECONDS } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Rerun } from '../model/run-input.ts';
import type { Hint } from './bounds/hints.ts';
import { checkDag } from './check-dag.ts';
import type { Limits } from './course.ts';
import { lowerRoot } from './lower.ts';
import { rootMachine } from './machine.ts';
import { manifestOf } from './manifest.ts';
import type { Plan } from './plan.ts';
import { pooledTasks, withPools } from './pools.ts';
import { sliceOf } from './slice.ts';
import { divided } from './split/divided.ts';

export interface CompileOptions {
  /**
   * Expected seconds of each task, by id: recorded or given. They choose which latches should be set
   * before anybody waits for them; whatever really happens, the run is the same.
   *
   * @default 1 for every task
   */
  readonly durations?: Readonly<Record<string, number>>;
  /**
   * The machine `<dag>-rerun`, which runs some tasks of a run again: its input has `rerun`.
   *
   * @default false
   */
  readonly rerun?: boolean;
  /** What is divided. @default {@link DEFAULT_LIMITS} */
  readonly limits?: Partial<Limits>;
}

/** What Step Functions allows (`asl/limits.ts`), less room for what no bound counts: faults of services. */
const DEFAULT_LIMITS: Limits = {
  // Far deeper than any known DAG (11), so that whoever walks a definition, here and there, has stack enough.
  nested: 32,
  inlineItems: MAX_INLINE_CONCURRENCY,
  tasks: 400,
  events: 15_000,
  bytes: 800_000,
};

export interface Compiled {
  readonly definition: StateMachine;
  /** Machines that it starts, where the DAG is divided; their ARNs are the input's `run.machines`. Absent: it is not. */
  readonly parts?: Readonly<Record<string, StateMachine>>;
  readonly manifest: Manifest;
  readonly plan: Plan;
  /** For {@link boundsOf}. */
  readonly hints: ReadonlyMap<string, Hint>;
}

/**
 * Pure: the same DAG gives the same bytes, whatever the clock, the machine or the environment.
 *
 * @throws {DefinitionError} with every error that the rules find
 */
export function compile(dag: DagNode, options: CompileOptions = {}): Compiled {
  const errors = checkDag(dag).filter(({ severity }) => severity !== 'warning');
  if (errors.length > 0) throw new DefinitionError(errors);
  return compileSound(dag, options);
}

/** {@link compile} for a DAG in which the rules are known to find no error. */
export function compileSound(dag: DagNode, options: CompileOptions = {}): Compiled {
  return compiled(dag, options);
}

/**
 * The machine of one rerun of a DAG that keeps the rules, with the manifest of its run: it does what the machine of all
 * reruns does with that input, but has only what the tasks depend on that run again.
 */
export function compileRerun(
  dag: DagNode,
  { manifest, rerun, ...options }: Omit<CompileOptions, 'rerun'> & RerunOf,
): Compiled {
  const slice = sliceOf(dag, manifest, rerun);
  if (slice === undefined) return compiled(dag, { ...options, rerun: true });
  const part = compiled(slice.dag, { ...options, rerun: true }, slice.deciding);
  return { ...part, manifest: { ...manifest, states: part.manifest.states } };
}

export interface RerunOf {
  /** Of the run of which some runs again. */
  readonly manifest: Manifest;
  readonly rerun: Rerun;
}

function compiled(dag: DagNode, options: CompileOptions, deciding?: readonly string[]): Compiled {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const secondsOf = (id: string) => options.durations?.[id] ?? 1;
  const { machine, strand } = rootMachine(
    dag,
    { secondsOf, limits, isRerun: options.rerun ?? false },
    deciding,
  );
  const whole = withPools(lowerRoot(machine, strand), pooledTasks(dag), machine);
  const seconds = toSeconds(dag.runTimeout) ?? DEFAULT_RUN_TIMEOUT_SECONDS;
  const { root, parts } = divided(machine, whole, seconds);
  const definition: StateMachine = {
    ...(dag.description === undefined ? {} : { Comment: dag.description }),
    QueryLanguage: 'JSONata',
    TimeoutSeconds: seconds,
    ...root,
  };
  const manifest = manifestOf(machine, [root, ...Object.values(parts)]);
  const plan: Plan = {
    tasks: dag.tasks.length,
    states: Object.keys(manifest.states).length,
    latches: machine.latches,
    ...machine.counts,
  };
  return {
    definition,
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
    manifest,
    plan,
    hints: machine.hints,
  };
}
