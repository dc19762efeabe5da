/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html */
import { type Attribute, type Item, malformed, typed } from './item.ts';
import { type Name, type Operand, parseName, parseOperand, parseValue, type Scope } from './operand.ts';
import { Tokens } from './tokens.ts';

/** What an update changes; `undefined` removes the attribute. Every value is computed from the item as it was. */
export type Changes = ReadonlyMap<string, Attribute | undefined>;

export interface Update {
  readonly changes: (scope: Scope) => Changes;
  readonly used: ReadonlySet<string>;
}

type Action = { readonly name: Name; readonly value: Operand };

/** An `UpdateExpression`, ready to be applied. @throws {TaskError} where DynamoDB would not understand it */
export function parseUpdate(source: string): Update {
  const tokens = new Tokens(source);
  const actions: Action[] = [];
  const seen = new Set<string>();
  while (tokens.next !== '') {
    const section = tokens.take().toUpperCase();
    const parse = SECTIONS[section];
    if (parse === undefined) throw tokens.error(`SET, REMOVE or ADD expected, got "${section}"`);
    if (seen.has(section))
      throw malformed(`Invalid UpdateExpression: The "${section}" section can only be used once`);
    seen.add(section);
    do actions.push(parse(tokens));
    while (tokens.skip(','));
  }
  return { changes: (scope) => apply(actions, scope), used: tokens.used };
}

/** The item after `changes`. */
export function changed(item: Item, changes: Changes): Item {
  const next: Record<string, Attribute> = { ...item };
  for (const [name, value] of changes) {
    if (value === undefined) delete next[name];
    else next[name] = value;
  }
  return next;
}

function apply(actions: readonly Action[], scope: Scope): Changes {
  const changes = new Map<string, Attribute | undefined>();
  for (const { name, value } of actions) {
    const path = name(scope);
    if (path === 'pk' || path === 'sk')
      throw malformed(`Cannot update attribute ${path}. This attribute is part of the key`);
    if (changes.has(path)) {
      throw malformed(
        `Invalid UpdateExpression: Two document paths overlap with each other; path: [${path}]`,
      );
    }
    changes.set(path, value(scope));
  }
  return changes;
}

const SECTIONS: Readonly<Record<string, ((tokens: Tokens) => Action) | undefined>> = {
  SET(tokens) {
    const name = parseName(tokens);
    tokens.expect('=');
    return { name, value: existing(parseSum(tokens)) };
  },
  REMOVE(tokens) {
    return { name: parseName(tokens), value: () => undefined };
  },
  ADD(tokens) {
    const name = parseName(tokens);
    const by = parseValue(tokens);
    return { name, value: (scope) => sum(scope.item[name(scope)] ?? { N: '0' }, by(scope), 1) };
  },
};

function parseSum(tokens: Tokens): Operand {
  const left = parseTerm(tokens);
  const sign = tokens.next === '-' ? -1 : 1;
  if (!(tokens.skip('+') || tokens.skip('-'))) return left;
  const right = parseTerm(tokens);
  return (scope) => sum(existing(left)(scope), existing(right)(scope), sign);
}

function parseTerm(tokens: Tokens): Operand {
  if (tokens.next !== 'if_not_exists') return parseOperand(tokens);
  tokens.take();
  tokens.expect('(');
  const name = parseName(tokens);
  tokens.expect(',');
  const otherwise = parseTerm(tokens);
  tokens.expect(')');
  return (scope) => scope.item[name(scope)] ?? otherwise(scope);
}

function existing(operand: Operand): (scope: Scope) => Attribute {
  return (scope) => {
    const value = operand(scope);
    if (value !== undefined) return value;
    throw malformed('The provided expression refers to an attribute that does not exist in the item');
  };
}

function sum(a: Attribute, b: Attribute, sign: number): Attribute {
  const [[typeA, x], [typeB, y]] = [typed(a), typed(b)];
  if (typeA !== 'N' || typeB !== 'N') {
    throw malformed(
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operand type must be N',
    );
  }
  return { N: String(Number(x) + sign * Number(y)) };
}
