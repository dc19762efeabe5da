/** Refs and expressions as a person reads them in a picture; nothing reads them back. */
import type { Json } from '../base/json.ts';
import { unreachable } from '../base/unreachable.ts';
import { type Expression, isRef, type Operand, type Operator, type Path } from '../model/ref.ts';

/** `listed.files`, `params.limit`, `fetch.rows ≥ 3`, `["eu","us"]`. */
export function inWords(operand: Operand): string {
  return isRef(operand) ? expressionWords(operand.$ref) : literalWords(operand);
}

function expressionWords(expression: Expression): string {
  switch (expression.kind) {
    case 'output':
      return [expression.task, ...expression.path].join('.');
    case 'param':
      return pathWords('params', [expression.name, ...expression.path]);
    case 'run':
      return pathWords('run', expression.path);
    case 'item':
      return pathWords('item', expression.path);
    case 'index':
      return 'index';
    case 'previous':
      return pathWords('previous', expression.path);
    case 'latest':
      return 'no newer interval has ended';
    case 'text':
      return expression.parts.map((part) => (isRef(part) ? `{${inWords(part)}}` : String(part))).join('');
    case 'call':
      return callWords(expression.op, expression.args);
    default:
      return unreachable(expression);
  }
}

function pathWords(name: string, path: Path): string {
  return [name, ...path].join('.');
}

const BETWEEN: Partial<Record<Operator, string>> = {
  eq: '=',
  ne: '≠',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  and: 'and',
  or: 'or',
  orElse: 'or else',
};

function callWords(op: Operator, args: readonly Operand[]): string {
  const between = BETWEEN[op];
  const words = args.map((arg) => (isCall(arg) ? `(${inWords(arg)})` : inWords(arg)));
  return between === undefined ? [op, ...words].join(' ') : words.join(` ${between} `);
}

/** An operand that is itself put together, by words between its own. */
function isCall(operand: Operand): boolean {
  return isRef(operand) && operand.$ref.kind === 'call' && BETWEEN[operand.$ref.op] !== undefined;
}

function literalWords(value: Json): string {
  return JSON.stringify(value, (_key, part: Json) => (isRef(part) ? inWords(part) : part));
}
