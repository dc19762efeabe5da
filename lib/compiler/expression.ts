/** Refs and expressions over them → JSONata text. The only place that decides how a Ref compiles. */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { Json } from '../base/json.ts';
import { unreachable } from '../base/unreachable.ts';
import { type Expression, expressionsIn, isRef, type Operand, type Path } from '../model/ref.ts';

/** How the values that only a place in the machine knows are read there: JSONata texts. */
export interface Resolve {
  /**
   * A field of a task's output; where only a handler can read it, the marker that tells it so. `computed`: the machine
   * itself needs the value, as part of an expression; `undefined`: it is not at hand.
   */
  output(task: string, path: Path, computed: boolean): string | undefined;
  /** Item and place in the list of an instance of the map `of`. */
  item(of: string, path: Path): string;
  index(of: string): string;
  /** What the iteration before gave, in the loop `of`. */
  previous(of: string, path: Path): string;
}

const EXECUTION_INPUT = '$states.context.Execution.Input';

/** Instants are compared as numbers: texts of them differ in their fractions of a second. */
const IS_LATEST = `($d := ${EXECUTION_INPUT}.run.supersededAt; $exists($d) ? $toMillis($states.context.State.EnteredTime) < $toMillis($d) : true)`;

/** Name of an output field as producers and readers know it: `a.b.0`; `''` is the whole output. */
export function fieldName(path: Path): string {
  return path.join('.');
}

/** An operand as JSONata text. */
export function operandText(operand: Operand, resolve: Resolve): string {
  return isRef(operand) ? expressionText(operand.$ref, resolve) : literal(operand);
}

function expressionText(expression: Expression, resolve: Resolve): string {
  switch (expression.kind) {
    case 'output':
      return resolve.output(expression.task, expression.path, true) ?? unresolved(expression.task);
    case 'param':
      return path(member(`${EXECUTION_INPUT}.params`, expression.name), expression.path);
    case 'run':
      return path(`${EXECUTION_INPUT}.run`, expression.path);
    case 'item':
      return resolve.item(expression.of, expression.path);
    case 'index':
      return resolve.index(expression.of);
    case 'previous':
      return resolve.previous(expression.of, expression.path);
    case 'latest':
      return IS_LATEST;
    case 'text':
      return expression.parts.length === 0
        ? '""'
        : `("" & ${expression.parts.map((part) => operandText(part, resolve)).join(' & ')})`;
    case 'call':
      return callText(expression, resolve);
    default:
      return unreachable(expression);
  }
}

function unresolved(task: string): never {
  throw new Error(`unreachable: the output of "${task}" is not at hand`);
}

function path(from: string, steps: Path): string {
  return steps.reduce<string>(member, from);
}

const COMPARE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Conditions are total: one that cannot be answered (a missing value, a number against a text)
 * gives the text "invalid" instead of an error, because an error in a Choice ends the run uncaught.
 */
function callText({ op, args }: Extract<Expression, { kind: 'call' }>, resolve: Resolve): string {
  const [a = 'null', b = 'null'] = args.map((arg) => operandText(arg, resolve));
  switch (op) {
    case 'eq':
      return `(${a} = ${b})`;
    case 'ne':
      return `$not(${a} = ${b})`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return `($a := ${a}; $b := ${b}; $type($a) = $type($b) and $type($a) in ["number", "string"] ? $a ${COMPARE[op]} $b : "invalid")`;
    case 'and':
      return lazily(args, resolve, (first, rest) => `($c := ${first}; $c = true ? ${rest} : $c)`);
    case 'or':
      return lazily(args, resolve, (first, rest) => `($c := ${first}; $c = false ? ${rest} : $c)`);
    case 'not':
      return `($c := ${a}; $type($c) = "boolean" ? $not($c) : $c)`;
    case 'exists':
      return `($exists(${a}) and ${a} != null)`;
    case 'orElse':
      return `(${a} != null ? ${a} : ${b})`;
    default:
      return unreachable(op);
  }
}

function lazily(
  args: readonly Operand[],
  resolve: Resolve,
  join: (first: string, rest: string) => string,
): string {
  return args.map((arg) => operandText(arg, resolve)).reduceRight((rest, first) => join(first, rest));
}

/** JSON with Refs in it → JSONata text that builds it; members without a value are left out. */
export function templateText(value: Json, resolve: Resolve): string {
  if (isRef(value)) return refText(value.$ref, resolve);
  if (Array.isArray(value)) return `[${value.map((item: Json) => elementText(item, resolve)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [`${literal(key)}: ${templateText(item, resolve)}`],
    );
    return `{${members.join(', ')}}`;
  }
  return literal(value);
}

/** JSON with Refs in it as a field of a state: as it is where nothing in it must be evaluated. */
export function valueField(value: Json, resolve: Resolve): Json {
  const evaluated = expressionsIn(value).length > 0 || hasBraces(value);
  return evaluated ? expr(templateText(value, resolve)) : value;
}

/** A literal that Step Functions would take for an expression must be written as one. */
function hasBraces(value: Json | undefined): boolean {
  if (typeof value === 'string') return value.startsWith('{%');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBraces);
}

/** Everything is evaluated by the machine: nothing is left to a handler. */
export function evaluating(resolve: Resolve): Resolve {
  return { ...resolve, output: (task, path) => resolve.output(task, path, true) };
}

/** A plain reference may be left to the handler, as `{ $output }`; inside an expression it may not. */
function refText(expression: Expression, resolve: Resolve): string {
  if (expression.kind === 'output') {
    return resolve.output(expression.task, expression.path, false) ?? unresolved(expression.task);
  }
  return expressionText(expression, resolve);
}

/** JSONata flattens a list that stands in a list, unless it is written as one. */
function elementText(item: Json, resolve: Resolve): string {
  const text = templateText(item, resolve);
  return isRef(item) ? `($i := ${text}; $type($i) = "array" ? [[$i]] : [$i])` : text;
}
