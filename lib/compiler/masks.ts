/** Reruns of some tasks of a run: a Choice before each task, which passes over those that do not run again. */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { ChoiceRule } from '../asl/states.ts';
import { leavesMark } from '../model/task.ts';
import { markKey } from '../model/variables.ts';
import { arrivals, type Course } from './course.ts';
import { entryName } from './entry.ts';
import type { Fact } from './facts.ts';
import { idOf } from './graph.ts';
import { dataAt, sidestep } from './leading.ts';
import { leave } from './leave.ts';
import type { Step } from './steps.ts';
import { unitVariable } from './values.ts';

const RERUN = '$states.context.Execution.Input.rerun';

/** A task that does not run again gives what was recorded of it, as soon as what is before it is final. */
export function maskStates(course: Course, position: number, step: Extract<Step, { kind: 'mask' }>): void {
  const exits = arrivals(course, position, 'gate');
  if (exits.length === 0) return;
  const { machine, facts } = course;
  facts.meet(exits);
  const name = entryName(course, position, 'gate');
  const again = leave(course, facts.exit(), position + 1);
  machine.roles.set(name, 'mask');
  machine.owners.set(name, { masks: idOf(machine.graph, step.task) });
  const { Next, ...flow } = sidestep(course, again, dataAt(course, position));
  course.states[name] = {
    Type: 'Choice',
    Choices: [recorded(course, position, step)],
    ...flow,
    ...(position === 0 ? { Output: expr(course.start) } : {}),
    Default: Next,
  };
}

function recorded(
  course: Course,
  position: number,
  { task, steps }: Extract<Step, { kind: 'mask' }>,
): ChoiceRule {
  const { graph } = course.machine;
  const id = idOf(graph, task);
  const node = graph.tasks[task];
  const isMarked = node !== undefined && leavesMark(node.call);
  const known = new Map<string, Fact>((isMarked ? [id, markKey(id)] : [id]).map((key) => [key, '?']));
  const way = leave(course, course.facts.exit(known), position + 1 + steps);
  const name = ownName(id, entryName(course, position, 'gate'));
  const mark = isMarked ? `, ${name} & ">": $lookup(${RERUN}.data, ${name} & ">")` : '';
  const kept = `{${name}: $lookup(${RERUN}.data, ${name})${mark}}`;
  const { Assign, ...flow } = sidestep(course, way, `$merge([${dataAt(course, position)}, ${kept}])`);
  const variables = { ...Assign, ...outputOf(course, task) };
  return {
    Condition: expr(`$not(${name} in ${RERUN}.tasks)`),
    ...(Object.keys(variables).length > 0 ? { Assign: variables } : {}),
    ...flow,
  };
}

/** JSONata text of the task's id: read of the state's name where it can be, so that thousands of masks are one text. */
function ownName(id: string, state: string): string {
  return state.startsWith(`${id}${MASK}`)
    ? `$substringBefore($states.context.State.Name, "${MASK}")`
    : literal(id);
}

const MASK = ' · mask';

/** The variable of what the task gave in the run before. */
function outputOf(course: Course, task: number): Readonly<Record<string, string>> {
  const { graph } = course.machine;
  const name = unitVariable(graph, task);
  if (!course.needed.some((variable) => variable.name === name)) return {};
  const output = member(`${RERUN}.outputs`, idOf(graph, task));
  return { [name]: expr(`($exists(${output}) ? ${output} : {})`) };
}
