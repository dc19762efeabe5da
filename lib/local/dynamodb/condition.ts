/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html */
import { compareAttributes, sameAttribute, typed } from './item.ts';
import { type Operand, parseName, parseOperand, type Scope } from './operand.ts';
import { Tokens } from './tokens.ts';

export type Condition = (scope: Scope) => boolean;

/** A `ConditionExpression`, ready to be asked. @throws {TaskError} where DynamoDB would not understand it */
export function parseCondition(source: string): {
  readonly holds: Condition;
  readonly used: ReadonlySet<string>;
} {
  const tokens = new Tokens(source);
  const holds = parseOr(tokens);
  if (tokens.next !== '') throw tokens.error('unexpected word');
  return { holds, used: tokens.used };
}

function parseOr(tokens: Tokens): Condition {
  const left = parseAnd(tokens);
  if (!tokens.skip('OR')) return left;
  const right = parseOr(tokens);
  return (scope) => left(scope) || right(scope);
}

function parseAnd(tokens: Tokens): Condition {
  const left = parseNot(tokens);
  if (!tokens.skip('AND')) return left;
  const right = parseAnd(tokens);
  return (scope) => left(scope) && right(scope);
}

function parseNot(tokens: Tokens): Condition {
  if (!tokens.skip('NOT')) return parseTerm(tokens);
  const inner = parseNot(tokens);
  return (scope) => !inner(scope);
}

function parseTerm(tokens: Tokens): Condition {
  if (tokens.skip('(')) {
    const inner = parseOr(tokens);
    tokens.expect(')');
    return inner;
  }
  const known = FUNCTIONS[tokens.next];
  if (known !== undefined) {
    tokens.take();
    tokens.expect('(');
    const condition = known(tokens);
    tokens.expect(')');
    return condition;
  }
  return parseComparison(tokens);
}

const FUNCTIONS: Readonly<Record<string, ((tokens: Tokens) => Condition) | undefined>> = {
  attribute_exists(tokens) {
    const name = parseName(tokens);
    return (scope) => scope.item[name(scope)] !== undefined;
  },
  attribute_not_exists(tokens) {
    const name = parseName(tokens);
    return (scope) => scope.item[name(scope)] === undefined;
  },
  begins_with(tokens) {
    const [text, prefix] = parsePair(tokens);
    return (scope) => textOf(text, scope)?.startsWith(textOf(prefix, scope) ?? '\u0000') ?? false;
  },
  contains(tokens) {
    const [text, part] = parsePair(tokens);
    return (scope) => textOf(text, scope)?.includes(textOf(part, scope) ?? '\u0000') ?? false;
  },
};

function parseComparison(tokens: Tokens): Condition {
  const left = parseOperand(tokens);
  if (tokens.skip('BETWEEN')) {
    const low = parseOperand(tokens);
    tokens.expect('AND');
    const high = parseOperand(tokens);
    return both(
      ordered(left, low, (order) => order >= 0),
      ordered(left, high, (order) => order <= 0),
    );
  }
  if (tokens.skip('IN')) return parseIn(tokens, left);
  const operator = tokens.take();
  const right = parseOperand(tokens);
  if (operator === '=') return equal(left, right);
  if (operator === '<>') {
    const same = equal(left, right);
    return (scope) => !same(scope);
  }
  const test = ORDERS[operator];
  if (test === undefined) throw tokens.error(`a comparison expected, got "${operator}"`);
  return ordered(left, right, test);
}

const ORDERS: Readonly<Record<string, ((order: number) => boolean) | undefined>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function parseIn(tokens: Tokens, left: Operand): Condition {
  tokens.expect('(');
  const choices = [equal(left, parseOperand(tokens))];
  while (tokens.skip(',')) choices.push(equal(left, parseOperand(tokens)));
  tokens.expect(')');
  return (scope) => choices.some((choice) => choice(scope));
}

function parsePair(tokens: Tokens): readonly [Operand, Operand] {
  const first = parseOperand(tokens);
  tokens.expect(',');
  return [first, parseOperand(tokens)];
}

function both(a: Condition, b: Condition): Condition {
  return (scope) => a(scope) && b(scope);
}

function equal(left: Operand, right: Operand): Condition {
  return (scope) => {
    const [a, b] = [left(scope), right(scope)];
    return a !== undefined && b !== undefined && sameAttribute(a, b);
  };
}

/** False where one side is missing or the two are of different types. */
function ordered(left: Operand, right: Operand, test: (order: number) => boolean): Condition {
  return (scope) => {
    const [a, b] = [left(scope), right(scope)];
    const order = a === undefined || b === undefined ? undefined : compareAttributes(a, b);
    return order !== undefined && test(order);
  };
}

function textOf(operand: Operand, scope: Scope): string | undefined {
  const [type, content] = typed(operand(scope) ?? {});
  return type === 'S' && typeof content === 'string' ? content : undefined;
}
