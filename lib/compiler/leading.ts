/** Fields by which a state leads on: `Output`, `Assign` and `Next` or `End`. */
import { expr, literal } from '../asl/jsonata.ts';
import type { Assignments } from '../asl/states.ts';
import { INPUT } from './conditions.ts';
import { type Course, EXPORTS, type Way } from './course.ts';

/** State data as a step finds it, as JSONata text: a run, or an item of a map, begins with an input that is no state data. */
export function dataAt(course: Course, position: number): string {
  return position === 0 ? course.start : INPUT;
}

/** Fields of a Task, Pass, Parallel or Map state for this way; `fresh` are variables the state itself assigns. */
export function leading(
  course: Course,
  way: Way,
  base: string = INPUT,
  fresh: ReadonlyMap<string, string> = new Map(),
): { readonly Output: string; readonly Assign?: Assignments; readonly Next?: string; readonly End?: true } {
  const ends = way.next === undefined;
  const assigned = {
    ...nulls(way),
    ...Object.fromEntries([...fresh].map(([name, text]) => [name, expr(text)])),
  };
  return {
    ...(Object.keys(assigned).length > 0 ? { Assign: assigned } : {}),
    Output: expr(merged(base, way.adds, ends ? exported(course, way, fresh) : undefined)),
    ...(ends ? { End: true as const } : { Next: way.next ?? '' }),
  };
}

export interface Sidestep {
  readonly Output?: string;
  readonly Assign?: Assignments;
  readonly Next: string;
}

/** Fields of a Choice rule for this way: state data passes as it is unless something is written down. */
export function sidestep(course: Course, way: Way, base: string = INPUT): Sidestep {
  const assigned = nulls(way);
  const output = merged(base, way.adds, undefined);
  return {
    ...(Object.keys(assigned).length > 0 ? { Assign: assigned } : {}),
    ...(output === INPUT ? {} : { Output: expr(output) }),
    Next: way.next ?? sideEnd(course),
  };
}

/** Fields of a Catcher for this way: without an Output the error would become the state data. */
export function caught(
  course: Course,
  way: Way,
  base: string = INPUT,
): Sidestep & { readonly Output: string } {
  return { Output: expr(INPUT), ...sidestep(course, way, base) };
}

/** The state in which ways end that cannot end by themselves. */
function sideEnd(course: Course): string {
  if (course.ends.length === 0) {
    const out = exported(course, { next: undefined, adds: {}, nulls: [] }, new Map());
    course.ends.push({
      Type: 'Succeed',
      ...(out === undefined ? {} : { Output: expr(merged(INPUT, {}, out)) }),
    });
  }
  return course.endName;
}

function nulls(way: Way): Assignments {
  return Object.fromEntries(way.nulls.map((name) => [name, {}]));
}

function merged(base: string, adds: Readonly<Record<string, string>>, out: string | undefined): string {
  const parts = [base];
  if (Object.keys(adds).length > 0) parts.push(literal(adds));
  if (out !== undefined) parts.push(out);
  return parts.length === 1 ? base : `$merge([${parts.join(', ')}])`;
}

/** What a branch hands out: JSONata text of `{"=": {…}}`. */
function exported(course: Course, way: Way, fresh: ReadonlyMap<string, string>): string | undefined {
  const members = course.needed.flatMap((variable) => {
    const { name } = variable;
    if (variable.exported === undefined) return [];
    const text = way.nulls.includes(name) ? '{}' : (fresh.get(name) ?? `$${name}`);
    return [`${literal(variable.exported.key)}: ${text}`];
  });
  return members.length === 0 ? undefined : `{${literal(EXPORTS)}: {${members.join(', ')}}}`;
}
