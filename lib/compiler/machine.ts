/** What is known of a machine, or of the inside of a module, before its states are written. */
import type { DagNode } from '../model/dag.ts';
import { expressionsIn } from '../model/ref.ts';
import { decidingTasks } from '../model/run-state.ts';
import { answeredBy } from './answers.ts';
import { isGathered } from './apart.ts';
import type { Around } from './around.ts';
import type { Machine, Shared } from './course.ts';
import { graphOf, idOf } from './graph.ts';
import { newCounts } from './plan.ts';
import { type Inside, type Scope, scopeOf, type Unit, WHOLE_RUN } from './scopes.ts';
import { type Strand, structureOf } from './structure.ts';
import { type OutsideReads, type Read, valuesOf } from './values.ts';

export interface Planned {
  readonly machine: Machine;
  readonly strand: Strand;
}

/** The machine of a whole DAG; `deciding`: of a part of one, those of its tasks whose failure fails the run. */
export function rootMachine(
  dag: DagNode,
  options: Pick<Shared, 'secondsOf' | 'limits' | 'isRerun'>,
  deciding?: readonly string[],
): Planned {
  const shared: Shared = {
    dag,
    ...options,
    counts: newCounts(),
    latches: [],
    hints: new Map(),
    instances: new Map(),
    roles: new Map(),
    owners: new Map(),
  };
  return planned(shared, {
    scope: scopeOf(dag),
    runState: dag.runState,
    outside: { left: [], gathered: [] },
    ...(deciding === undefined ? {} : { deciding }),
  });
}

/** The machine of a module's inside, which is decided by its leaves; the whole run as the DAG says. */
export function innerMachine({ does, scope }: Inside, around: Around): Planned {
  const runState = isOutermost(scope, around) ? around.machine.dag.runState : 'leaves';
  return planned(
    { ...sharedOf(around.machine), around },
    { scope, runState, outside: readsOutside(does, around) },
  );
}

function sharedOf({
  dag,
  isRerun,
  secondsOf,
  limits,
  counts,
  latches,
  hints,
  instances,
  roles,
  owners,
}: Machine): Shared {
  return { dag, isRerun, secondsOf, limits, counts, latches, hints, instances, roles, owners };
}

interface Content {
  readonly scope: Scope;
  readonly runState: DagNode['runState'];
  /** What of it is read after its end. */
  readonly outside: OutsideReads;
  /** @default as `runState` says */
  readonly deciding?: readonly string[];
}

function planned(shared: Shared & Pick<Machine, 'around'>, content: Content): Planned {
  const { scope, runState, outside, deciding = decidingTasks({ runState, tasks: scope.units }) } = content;
  const { around, isRerun } = shared;
  const isPart = around !== undefined;
  const graph = graphOf(scope, { isPart, isMasked: isRerun && isOutermost(scope, around) });
  const seconds = scope.units.map(({ id }) => shared.secondsOf(id));
  const { strand, timing } = structureOf(graph, seconds, shared.limits.nested);
  const machine: Machine = {
    ...shared,
    graph,
    values: valuesOf(graph, strand, outside),
    timing,
    deciding: new Set(deciding),
    guarding: new Set(graph.guards.flatMap(({ setups }) => setups)),
  };
  return { machine, strand };
}

/** True for the scope of the DAG's own tasks and modules. */
function isOutermost({ units }: Scope, around: Around | undefined): boolean {
  if (around === undefined) return units[0]?.id !== WHOLE_RUN;
  return idOf(around.machine.graph, around.module) === WHOLE_RUN;
}

/** What of the tasks inside is read outside: by those around, and by the module itself. A map's list is of whole outputs. */
function readsOutside(does: Inside['does'], { machine, module }: Around): OutsideReads {
  const wanted = machine.values.wantInside(module);
  if (does.kind === 'map') return readsOfMap(machine, module, wanted);
  if (does.kind === 'retry') return { left: wanted, gathered: [] };
  const id = idOf(machine.graph, module);
  const own = expressionsIn([does.next, does.until]).flatMap((expression) =>
    expression.kind === 'output' ? [{ id: expression.task, path: expression.path, computed: true }] : [],
  );
  return { left: [...wanted.filter((read) => read.id !== id), ...own], gathered: [] };
}

function readsOfMap(machine: Machine, module: number, wanted: readonly Read[]): OutsideReads {
  const unit = machine.graph.tasks[module];
  const fromRecord = (read: Read) => unit !== undefined && isGathered(unit, read, machine.limits);
  const whole = (read: Read): Read => ({ ...read, path: [] });
  return {
    left: wanted.filter((read) => !fromRecord(read)).map(whole),
    gathered: wanted.filter(fromRecord),
  };
}

/** True for an inside that is one task which needs nothing but its state's input. */
export function isSingle({ units }: Scope): boolean {
  const [only, ...others] = units;
  return only !== undefined && others.length === 0 && isOneState(only);
}

function isOneState({ inside, call }: Unit): boolean {
  return inside === undefined && call.kind !== 'at' && answeredBy(call) === 'function';
}
