import type { JsonObject } from '../../base/json.ts';
import { type Attribute, attributeFrom, type Item, malformed } from './item.ts';
import type { Tokens } from './tokens.ts';

/** What an expression is evaluated on. */
export interface Scope {
  /** The item as it is, without attributes where there is none. */
  readonly item: Item;
  readonly names: JsonObject;
  readonly values: JsonObject;
}

export type Operand = (scope: Scope) => Attribute | undefined;

/** The name an attribute path stands for. */
export type Name = (scope: Scope) => string;

/** `:value` or the path of a top-level attribute. */
export function parseOperand(tokens: Tokens): Operand {
  if (tokens.next.startsWith(':')) return parseValue(tokens);
  const name = parseName(tokens);
  return (scope) => scope.item[name(scope)];
}

export function parseValue(tokens: Tokens): (scope: Scope) => Attribute {
  const token = tokens.take();
  if (!token.startsWith(':')) throw tokens.error(`a value like ":v" expected, got "${token}"`);
  return ({ values }) => {
    const value = values[token];
    if (value === undefined) {
      throw malformed(
        `Invalid expression: An expression attribute value used in expression is not defined; attribute value: ${token}`,
      );
    }
    return attributeFrom(token, value);
  };
}

/** A top-level attribute: what Tutti's machines use; a path into a document is refused. */
export function parseName(tokens: Tokens): Name {
  const token = tokens.take();
  if (!/^#?[A-Za-z_0-9]+$/.test(token)) throw tokens.error(`an attribute expected, got "${token}"`);
  if (tokens.next === '.' || tokens.next === '[') {
    throw tokens.error('a path into a document is not supported here, only top-level attributes are;');
  }
  if (!token.startsWith('#')) return () => token;
  return ({ names }) => {
    const name = names[token];
    if (typeof name === 'string') return name;
    throw malformed(
      `Invalid expression: An expression attribute name used in the document path is not defined; attribute name: ${token}`,
    );
  };
}
