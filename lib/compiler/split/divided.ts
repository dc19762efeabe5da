import type { Branch, StateMachine } from '../../asl/states.ts';
import type { ManifestState } from '../../model/manifest.ts';
import { meterOf } from '../bounds/bounds.ts';
import type { Machine } from '../course.ts';
import { divide } from './divide.ts';
import { Scale } from './weigh.ts';

/** A machine's line of states as one that keeps the limits, and the nested machines that it starts, by their keys. */
export function divided(
  { dag, limits, hints, roles, owners }: Machine,
  line: Branch,
  seconds: number,
): { readonly root: Branch; readonly parts: Readonly<Record<string, StateMachine>> } {
  const parts: Record<string, StateMachine> = {};
  const stateOf = (name: string): ManifestState => ({ ...owners.get(name), role: roles.get(name) ?? 'task' });
  const isTask = (name: string) => 'task' in (owners.get(name) ?? NOBODY);
  const states = [...owners.keys()].map((name) => [name, stateOf(name)] as const);
  const meter = meterOf(dag, { states, isTask, roleOf: (name) => roles.get(name), parts, hints });
  const root = divide(line, {
    limits,
    parts,
    seconds,
    scale: new Scale(meter, isTask),
    moduleOf: (name) => stateOf(name).module,
    note: (name, role) => roles.set(name, role),
  });
  return { root, parts };
}

const NOBODY = {};
