/** A DAG → the state machine that runs it, here and on AWS. */
import type { StateMachine } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { DefinitionError } from '../base/errors.ts';
import { type DagNode, DEFAULT_RUN_TIMEOUT_SECONDS } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';
import { decidingTasks } from '../model/run-state.ts';
import type { Hint } from './bounds/hints.ts';
import { checkDag } from './check-dag.ts';
import type { Machine } from './course.ts';
import { graphOf } from './graph.ts';
import { lowerRoot } from './lower.ts';
import { manifestOf } from './manifest.ts';
import { newCounts, type Plan } from './plan.ts';
import { structureOf } from './structure.ts';
import { valuesOf } from './values.ts';

export interface CompileOptions {
  /**
   * Expected seconds of each task, by id: recorded or given. They choose which latches should be set
   * before anybody waits for them; whatever really happens, the run is the same.
   *
   * @default 1 for every task
   */
  readonly durations?: Readonly<Record<string, number>>;
}

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
  const graph = graphOf(dag);
  const seconds = dag.tasks.map(({ id }) => options.durations?.[id] ?? 1);
  const { strand, timing } = structureOf(graph, seconds);
  const machine: Machine = {
    dag,
    graph,
    values: valuesOf(graph, strand),
    timing,
    deciding: new Set(decidingTasks(dag)),
    guarding: new Set(graph.guards.flatMap(({ setups }) => setups)),
    counts: newCounts(),
    latches: [],
    hints: new Map(),
    roles: new Map(),
  };
  const root = lowerRoot(machine, strand);
  const definition: StateMachine = {
    ...(dag.description === undefined ? {} : { Comment: dag.description }),
    QueryLanguage: 'JSONata',
    TimeoutSeconds: toSeconds(dag.runTimeout) ?? DEFAULT_RUN_TIMEOUT_SECONDS,
    ...root,
  };
  const manifest = manifestOf(dag, graph, root, machine.roles);
  const plan: Plan = {
    tasks: dag.tasks.length,
    states: Object.keys(manifest.states).length,
    latches: machine.latches,
    ...machine.counts,
  };
  return { definition, manifest, plan, hints: machine.hints };
}
