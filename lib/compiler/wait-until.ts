/** `sensor.at`: a Wait until an instant. */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { State } from '../asl/states.ts';
import { isRef, type Operand } from '../model/ref.ts';
import { INPUT } from './conditions.ts';
import type { Course } from './course.ts';
import { fieldName, operandText, type Resolve } from './expression.ts';
import { idOf } from './graph.ts';
import { INSTANT, isInstant } from './instant.ts';
import { dataAt, leading, sidestep } from './leading.ts';
import { leave } from './leave.ts';
import { auxiliary } from './names.ts';

/** Facts about a run that are instants, whatever the run. */
const FACTS: ReadonlySet<string> = new Set(['logicalDate', 'interval.start', 'interval.end']);

function isFact(instant: Operand): boolean {
  return isRef(instant) && instant.$ref.kind === 'run' && FACTS.has(fieldName(instant.$ref.path));
}

export interface Until {
  readonly position: number;
  readonly task: number;
  readonly instant: Operand;
  readonly resolve: Resolve;
}

/**
 * The task's own state. A Wait catches nothing, so what is known only during the run is read by an expression that
 * never fails: what is no instant is not waited for, and a Choice behind it fails the task.
 */
export function waitState(course: Course, { position, task, instant, resolve }: Until): State {
  const id = idOf(course.machine.graph, task);
  const data = dataAt(course, position);
  const done = leave(course, course.facts.exit(new Map([[id, 's']])), position + 1);
  if (isInstant(instant)) {
    const Timestamp = new Date(instant).toISOString();
    return { Type: 'Wait', Timestamp, ...leading(course, done, data) };
  }
  if (isFact(instant)) {
    return { Type: 'Wait', Timestamp: expr(operandText(instant, resolve)), ...leading(course, done, data) };
  }
  const failed = leave(course, course.facts.exit(new Map([[id, 'f']]), false), position + 1);
  const check = auxiliary(id, 'instant');
  course.machine.roles.set(check, 'check the instant');
  const { Next, ...flow } = sidestep(course, done);
  course.states[check] = {
    Type: 'Choice',
    Choices: [{ Condition: expr(`${member(INPUT, id)} = "f"`), ...sidestep(course, failed) }],
    ...flow,
    Default: Next,
  };
  const text = operandText(instant, resolve);
  const sound = `($i := ${text}; $type($i) = "string" and $contains($i, /${INSTANT}/))`;
  // Step Functions wants the seconds, which people leave out.
  const complete = `$fromMillis($toMillis($replace($i, /(T[0-9][0-9]:[0-9][0-9])([Z+-])/, "$1:00$2")))`;
  return {
    Type: 'Wait',
    Timestamp: expr(`(${sound} ? ($i := ${text}; ${complete}) : $now())`),
    Output: expr(`(${sound} ? ${data} : $merge([${data}, {${literal(id)}: "f"}]))`),
    Next: check,
  };
}
