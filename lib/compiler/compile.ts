/** A DAG → the state machine that runs it, here and on AWS. */
import type { StateMachine } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { DefinitionError } from '../base/errors.ts';
import { type DagNode, DEFAULT_RUN_TIMEOUT_SECONDS } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';
import { decidingTasks } from '../model/run-state.ts';
import { checkDag } from './check-dag.ts';
import type { Machine } from './course.ts';
import { type Graph, graphOf } from './graph.ts';
import { lowerRoot } from './lower.ts';
import { manifestOf } from './manifest.ts';
import { newCounts, type Plan } from './plan.ts';
import { structureOf } from './structure.ts';
import { timingOf } from './timing.ts';
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
  readonly manifest: Manifest;
  readonly plan: Plan;
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
  const endSec = expectedEnds(graph, options.durations ?? {});
  const strand = structureOf(graph, endSec);
  const machine: Machine = {
    dag,
    graph,
    values: valuesOf(graph, strand),
    timing: timingOf(strand, endSec),
    deciding: new Set(decidingTasks(dag)),
    guarding: new Set(graph.guards.flatMap(({ setups }) => setups)),
    counts: newCounts(),
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
    ...machine.counts,
    bytes: Buffer.byteLength(JSON.stringify(definition)),
  };
  return { definition, manifest, plan };
}

/** Of two tasks that are expected at one instant, the one later in order is taken to end later. */
const TIE_SECONDS = 1e-7;

/** When each task is expected to be final, in seconds from the run's start. */
function expectedEnds(graph: Graph, durations: Readonly<Record<string, number>>): readonly number[] {
  const ends: number[] = [];
  for (const task of graph.topological) {
    const start = Math.max(0, ...(graph.before[task] ?? []).map((before) => ends[before] ?? 0));
    const firstUpstream = graph.early[task]
      ? Math.min(...(graph.upstream[task] ?? []).map((above) => ends[above] ?? 0))
      : 0;
    ends[task] = Math.max(start, firstUpstream) + (durations[graph.tasks[task]?.id ?? ''] ?? 1);
  }
  for (const [rank, task] of graph.topological.entries()) ends[task] = (ends[task] ?? 0) + rank * TIE_SECONDS;
  return ends;
}
