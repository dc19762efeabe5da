/** What a compiled DAG needs at most, and what it needs where all goes well: known before it is deployed. */
import type { State, StateMachine } from '../../asl/states.ts';
import { toSeconds } from '../../base/duration.ts';
import { type DagNode, DEFAULT_RUN_TIMEOUT_SECONDS } from '../../model/dag.ts';
import type { Manifest, ManifestState } from '../../model/manifest.ts';
import type { Compiled } from '../compile.ts';
import { definitionBytes } from '../plan.ts';
import { entryOf, partStarted } from '../split/start.ts';
import { branchesOf } from '../split/variables.ts';
import { type Hint, NO_HINT } from './hints.ts';
import { type Cost, type History, Meter, type MeterOptions } from './meter.ts';
import { payloadOf } from './payload.ts';
import { taskHints } from './task-hints.ts';

export interface Bounds {
  /** Every task runs and succeeds at the first try, lists whose length is not known have one item, sensors look once. */
  readonly expected: Total;
  /**
   * Whatever happens: retries, polls, the longest lists. Only retries after faults of a service (throttled calls, lost
   * connections) are not in it: the distance to what Step Functions allows is left for them.
   */
  readonly worst: Total;
  /** Each kind of execution's own history, the fullest first; `''` is the run's. */
  readonly histories: readonly History[];
  /** The run's machine (`''`) and the nested ones. */
  readonly machines: readonly MachineSize[];
  readonly payload: Payload;
  /** Maps whose length is known only when they run. */
  readonly maps: readonly PerItem[];
}

export interface PerItem {
  /** The mapped task or group. */
  readonly module: string;
  /** That one item takes where all goes well. */
  readonly transitions: number;
}

export interface Total {
  /** States entered and tried again, in all executions of a run. */
  readonly transitions: number;
  /** Events of the fullest history. */
  readonly events: number;
}

export interface MachineSize {
  readonly name: string;
  readonly states: number;
  readonly bytes: number;
}

/** What states hand on at most. */
export interface Payload {
  /** Bytes of the codes of tasks that did not succeed, if none did. */
  readonly codes: number;
  /** Most outputs that one Parallel hands on; each has at most 64 KiB of wanted fields. */
  readonly outputs: number;
}

/** Bounds of a compiled DAG. Pure. */
export function boundsOf(dag: DagNode, compiled: Compiled): Bounds {
  const { manifest, parts = {}, hints } = compiled;
  const meter = meterOf(dag, {
    states: Object.entries(manifest.states),
    isTask: (name) => manifest.states[name]?.task !== undefined,
    roleOf: (name) => manifest.states[name]?.role,
    parts,
    hints,
  });
  const { expected, worst } = meter.execution('', compiled.definition);
  const histories = meter.histories();
  const fullest = (of: (history: History) => number) => Math.max(...histories.map(of));
  return {
    expected: total(
      expected,
      fullest((history) => history.expected),
    ),
    worst: total(
      worst,
      fullest((history) => history.worst),
    ),
    histories,
    machines: machinesOf(compiled).map(([name, machine]) => sizeOf(name, machine)),
    payload: payloadOf(dag, machinesOf(compiled)),
    maps: machinesOf(compiled).flatMap(([, { States }]) => mapsIn(States, manifest, meter)),
  };
}

/** Measures states of this DAG; `parts` may still grow. */
export function meterOf(
  dag: DagNode,
  {
    states,
    isTask,
    roleOf,
    parts,
    hints,
  }: {
    readonly states: Iterable<readonly [name: string, state: ManifestState]>;
    readonly isTask: (state: string) => boolean;
    readonly roleOf: (state: string) => string | undefined;
    readonly parts: Readonly<Record<string, StateMachine>>;
    readonly hints: ReadonlyMap<string, Hint>;
  },
): Meter {
  const declared = taskHints(dag, states);
  const options: MeterOptions = {
    hints: {
      runSeconds: toSeconds(dag.runTimeout) ?? DEFAULT_RUN_TIMEOUT_SECONDS,
      of: (name) => both(declared.get(name), hints.get(name)),
    },
    isTask,
    // A producer whose waiter is expected to sleep wakes it.
    takesFirst: (name) => roleOf(name) === 'wake',
    nested: (state) => {
      const part = partStarted(state);
      const machine = part === undefined ? undefined : parts[part];
      return part === undefined || machine === undefined ? undefined : { part, machine, at: entryOf(state) };
    },
  };
  return new Meter(options);
}

function both(a: Hint | undefined, b: Hint | undefined): Hint {
  return a === undefined || b === undefined ? (a ?? b ?? NO_HINT) : { ...a, ...b };
}

function total({ transitions }: Cost, events: number): Total {
  return { transitions, events };
}

function machinesOf({
  definition,
  parts = {},
}: Pick<Compiled, 'definition' | 'parts'>): readonly (readonly [string, StateMachine])[] {
  return [['', definition], ...Object.entries(parts)];
}

function sizeOf(name: string, machine: StateMachine): MachineSize {
  return { name, states: countStates(machine.States), bytes: definitionBytes(machine) };
}

function countStates(states: StateMachine['States']): number {
  return Object.values(states).reduce((sum, state) => sum + 1 + countInside(state), 0);
}

function mapsIn(states: StateMachine['States'], manifest: Manifest, meter: Meter): readonly PerItem[] {
  return Object.entries(states).flatMap(([name, state]) => {
    const inside = branchesOf(state).flatMap(({ States }) => mapsIn(States, manifest, meter));
    const module = manifest.states[name]?.module;
    if (state.Type !== 'Map' || module === undefined || Array.isArray(state.Items)) return inside;
    return [{ module, transitions: meter.branch(state.ItemProcessor).expected.transitions }, ...inside];
  });
}

function countInside(state: State): number {
  return branchesOf(state).reduce((sum, { States }) => sum + countStates(States), 0);
}
