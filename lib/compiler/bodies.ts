/** Group retries and loops: a body, a question, and the way back. */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { Assignments, ChoiceRule, State } from '../asl/states.ts';
import type { LoopNode, ModuleKind } from '../model/module.ts';
import { moduleVariable } from '../model/variables.ts';
import { type Around, resolverFor } from './around.ts';
import { INPUT } from './conditions.ts';
import type { Course, Way } from './course.ts';
import { waitText } from './delay.ts';
import { firstState } from './entry.ts';
import { evaluating, operandText, type Resolve, templateText } from './expression.ts';
import { idOf } from './graph.ts';
import { codeText, exportsText, leftBehind, recording } from './instances.ts';
import { HAND, withoutHand } from './latch-item.ts';
import { dataAt, sidestep } from './leading.ts';
import { leave } from './leave.ts';
import type { LowerInside } from './modules.ts';
import { auxiliary } from './names.ts';
import { readText } from './outputs.ts';
import { unitVariable } from './values.ts';

interface Body<Does> {
  readonly position: number;
  readonly module: number;
  readonly does: Does;
}

/** Runs the group, and again while it failed and tries are left. */
export function retryStates(
  course: Course,
  module: Body<Extract<ModuleKind, { readonly kind: 'retry' }>>,
  lowerInside: LowerInside,
): void {
  const { retries } = module.does;
  const body = bodyStates(course, module, lowerInside, { initially: {}, rounds: retries.attempts + 1 });
  const { names, out } = body;
  const again: ChoiceRule = {
    Condition: expr(`${HANDED} = "f" and $${names.counter} <= ${retries.attempts}`),
    Output: expr(withoutHand()),
    Next: names.wait,
  };
  const { Next, ...flow } = sidestep(course, recording(course, module.module, out('s')));
  put(course, names.verdict, 'verdict of a body', {
    Type: 'Choice',
    Choices: [...(retries.attempts > 0 ? [again] : []), ...badEnds(course, body)],
    ...flow,
    Default: Next,
  });
  if (retries.attempts === 0) return;
  course.machine.owners.set(names.wait, { module: idOf(course.machine.graph, module.module) });
  put(course, names.wait, 'wait before the next try', {
    Type: 'Wait',
    Seconds: expr(waitText(retries, `$${names.counter}`)),
    Assign: { [names.counter]: expr(`$${names.counter} + 1`) },
    Output: expr(INPUT),
    Next: names.body,
  });
}

/** Repeats the group until its condition holds. */
export function loopStates(course: Course, module: Body<LoopNode>, lowerInside: LowerInside): void {
  const { does } = module;
  const resolve = evaluating(resolverFor(course.machine, module.module));
  const unit = course.machine.graph.tasks[module.module];
  if (unit === undefined) throw new Error('unreachable: no such loop');
  const [last, given] = [moduleVariable('v', unit.id), moduleVariable('m', unit.id)];
  const initially = { [last]: expr(orNull(templateText(does.initial, resolve))) };
  const body = bodyStates(course, module, lowerInside, { initially, rounds: does.maxIterations });
  const { names, out } = body;
  const within: Resolve = {
    ...resolve,
    output: (task, path) =>
      unit.inside?.scope.unitOf.has(task)
        ? readText(unit, `$${given}`, task, path)
        : resolve.output(task, path, true),
    previous: (of, path) =>
      of === unit.id ? path.reduce<string>(member, `$${last}`) : resolve.previous(of, path),
  };
  const until = operandText(does.until, within);
  const next = orNull(templateText(does.next, within));
  const isRead = leftBehind(course, module.module, given).size > 0;
  const output = { [given]: expr(`$merge([$${given}, {${literal(unit.id)}: ${next}}])`) };
  const done = sidestep(course, recording(course, module.module, out('s')));
  const failed = sidestep(course, recording(course, module.module, out('f'), 'f'));
  const again: ChoiceRule = {
    Condition: expr(`(${until}) = false and $${names.counter} < ${does.maxIterations}`),
    Assign: { [last]: expr(next), [names.counter]: expr(`$${names.counter} + 1`) },
    Next: names.body,
  };
  const { Next, ...flow } = failed;
  put(course, names.verdict, 'verdict of a body', {
    Type: 'Choice',
    Choices: [
      ...badEnds(course, body),
      {
        Condition: expr(`(${until}) = true`),
        ...done,
        ...(isRead ? { Assign: { ...done.Assign, ...output } } : {}),
      },
      again,
      { Condition: expr(`(${until}) = false`), Next: names.limit },
    ],
    ...flow,
    Default: Next,
  });
  put(course, names.limit, 'loop limit', { Type: 'Pass', Output: expr(INPUT), ...failed });
}

/** After a body that failed, or of which nothing ran. */
function badEnds(course: Course, { module, out }: Written): readonly ChoiceRule[] {
  return (['f', 'k'] as const).map((code) => ({
    Condition: expr(`${HANDED} = "${code}"`),
    ...sidestep(course, recording(course, module, out(code), code), withoutHand()),
  }));
}

/** A variable must have a value. */
function orNull(text: string): string {
  return `($o := ${text}; $exists($o) ? $o : null)`;
}

const HANDED = member(INPUT, HAND);

interface Names {
  readonly body: string;
  readonly verdict: string;
  readonly wait: string;
  readonly limit: string;
  readonly counter: string;
}

interface Written {
  readonly module: number;
  readonly names: Names;
  /** Where the module leads when it ended so. */
  readonly out: (code: 's' | 'f' | 'k') => Way;
}

/** Start and body; `initially`: variables besides the counter. */
function bodyStates(
  course: Course,
  { position, module, does }: Body<ModuleKind>,
  lowerInside: LowerInside,
  { initially, rounds }: { readonly initially: Assignments; readonly rounds: number },
): Written {
  const { machine } = course;
  const id = idOf(machine.graph, module);
  const named = (role: string) => auxiliary(id, role);
  const names: Names = {
    body: named('body'),
    verdict: named('verdict'),
    wait: named('wait'),
    limit: named('limit'),
    counter: moduleVariable('n', id),
  };
  const around: Around = { machine, module, isApart: false, isSingle: false, borrowed: new Map() };
  const { machine: inside, branch } = lowerInside(around, INPUT);
  const ended = '$states.result[0]';
  const given =
    does.kind === 'loop'
      ? new Map([[moduleVariable('m', id), exportsText(ended)]])
      : leftBehind(course, module, exportsText(ended));
  put(course, firstState(machine.graph, module), 'enter', {
    Type: 'Pass',
    Assign: { [names.counter]: 1, ...initially },
    Output: expr(dataAt(course, position)),
    Next: names.body,
  });
  machine.owners.set(names.body, { module: id });
  machine.hints.set(names.body, { rounds });
  put(course, names.body, 'body', {
    Type: 'Parallel',
    Arguments: {},
    Branches: [branch],
    ...assigning(given),
    Output: expr(
      `$merge([${INPUT}, ($s := ${codeText(inside, ended)}; $exists($s) ? {${literal(HAND)}: $s})])`,
    ),
    Next: names.verdict,
  });
  const own = unitVariable(machine.graph, module);
  const out = (code: 's' | 'f' | 'k'): Way => {
    const way = leave(course, course.facts.exit(new Map([[id, code]]), code === 's'), position + 1);
    // What tasks gave in the last try is there even where the whole failed.
    return { ...way, nulls: way.nulls.filter((name) => name !== own) };
  };
  return { module, names, out };
}

function assigning(values: ReadonlyMap<string, string>): { readonly Assign?: Assignments } {
  if (values.size === 0) return {};
  return { Assign: Object.fromEntries([...values].map(([name, text]) => [name, expr(`$merge([${text}])`)])) };
}

function put(course: Course, name: string, role: string, state: State): void {
  course.states[name] = state;
  course.machine.roles.set(name, role);
}
