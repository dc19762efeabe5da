/** How an instance of a module's inside ended, and what it leaves behind. */
import { literal } from '../asl/jsonata.ts';
import { countersAt } from './around.ts';
import { type Course, EXPORTS, type Machine, type Way } from './course.ts';
import { idOf } from './graph.ts';
import { leading } from './leading.ts';
import { auxiliary } from './names.ts';
import { unitVariable } from './values.ts';
import { outputKey, recordState } from './waiting-states.ts';

/**
 * JSONata text of an instance's code, from `data`, the state data with which it ended: `"f"`, `"k"`, or nothing where it
 * succeeded. Its leaves decide.
 */
export function codeText(inside: Machine, data: string): string {
  const leaves = [...inside.deciding];
  const codes = `$c := ${literal(leaves)}.$lookup(${data}, $)`;
  return `(${codes}; ("f" in $c or "u" in $c) ? "f" : $count($c) = ${leaves.length} ? "k")`;
}

/** The variable that keeps what the tasks inside gave, where somebody outside reads it; `text`: its value. */
export function leftBehind(course: Course, module: number, text: string): ReadonlyMap<string, string> {
  const { graph, values } = course.machine;
  const name = unitVariable(graph, module);
  const needed = values.recorded(module) || course.needed.some((variable) => variable.name === name);
  return needed ? new Map([[name, text]]) : new Map();
}

/** Where a module leads that ended so: first its outputs are recorded, where somebody reads them across a latch. */
export function recording(course: Course, module: number, way: Way, code: 's' | 'f' | 'k' = 's'): Way {
  const { machine } = course;
  if (!machine.values.recorded(module)) return way;
  const task = idOf(machine.graph, module);
  const { around } = machine;
  // A mapped task and what it maps have one id.
  const isOne = around !== undefined && idOf(around.machine.graph, around.module) === task;
  const role = isOne ? 'record one' : 'record';
  const name = auxiliary(task, code === 's' ? role : `${role} ${code}`);
  const value = `$${unitVariable(machine.graph, module)}`;
  const key = outputKey({ task, at: countersAt(machine) });
  course.states[name] = { ...recordState(machine.dag.id, key, value), ...leading(course, way) };
  machine.roles.set(name, 'record outputs');
  return { next: name, adds: {}, nulls: [] };
}

/** JSONata text of what an instance exports, from the data with which it ended. */
export function exportsText(data: string): string {
  return `${data}.\`${EXPORTS}\``;
}
