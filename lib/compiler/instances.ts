/** How an instance of a module's inside ended, and what it leaves behind. */
import { literal } from '../asl/jsonata.ts';
import { type Course, EXPORTS, type Machine } from './course.ts';
import { unitVariable } from './values.ts';

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
  const name = unitVariable(course.machine.graph, module);
  const needed = course.needed.some((variable) => variable.name === name);
  return needed ? new Map([[name, text]]) : new Map();
}

/** JSONata text of what an instance exports, from the data with which it ended. */
export function exportsText(data: string): string {
  return `${data}.\`${EXPORTS}\``;
}
