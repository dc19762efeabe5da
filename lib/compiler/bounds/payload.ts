import type { State, StateMachine } from '../../asl/states.ts';
import type { DagNode } from '../../model/dag.ts';
import type { Payload } from './bounds.ts';

/** `"load":"f",` around an id. */
const BYTES_PER_CODE = 7;

/** What states hand on at most, in the machines of a DAG. */
export function payloadOf(
  dag: DagNode,
  machines: readonly (readonly [name: string, machine: StateMachine])[],
): Payload {
  return {
    codes: dag.tasks.reduce((sum, { id }) => sum + Buffer.byteLength(id) + BYTES_PER_CODE, 2),
    outputs: Math.max(0, ...machines.map(([, { States }]) => mostHandedOn(Object.values(States)))),
  };
}

/** Outputs leave a Parallel as variables that it assigns. */
function mostHandedOn(states: readonly State[]): number {
  return states.reduce((most, state) => Math.max(most, handedOn(state), mostHandedOn(inside(state))), 0);
}

function handedOn(state: State): number {
  return state.Type === 'Parallel' ? Object.keys(state.Assign ?? {}).length : 0;
}

function inside(state: State): readonly State[] {
  if (state.Type === 'Map') return Object.values(state.ItemProcessor.States);
  return state.Type === 'Parallel' ? state.Branches.flatMap(({ States }) => Object.values(States)) : [];
}
