/**
 * Expressions that differ in names alone read alike. Of the thousands in a compiled definition a
 * few dozen are left to parse.
 */
import { FUNCTIONS } from './functions.ts';

export interface Shape {
  /** The expression with its variables called `$v0`, `$v1` … and its texts and fields all alike. */
  readonly text: string;
  /** What the variables were called, in that order. */
  readonly names: readonly string[];
}

/** Texts without escapes, quoted names, `$states.field`, variables, fields. */
const TOKEN =
  /"[^"\\]*"|'[^'\\]*'|`[^`]*`|\$states\s*\.\s*[A-Za-z_]\w*|\$[A-Za-z_]\w*|(?<!\.)\.\s*(?!function\b)[A-Za-z_]\w*/g;

/** What may hold or end a token elsewhere: escapes, patterns, comments, names in other scripts. */
const UNSAFE = /[^\t\n\r -~]|[/\\]/;

/** The shape of JSONata text; `undefined` where only the parser can tell what is what. */
export function shapeOf(expression: string): Shape | undefined {
  const names: string[] = [];
  const text = expression.replace(TOKEN, (token: string, offset: number) => {
    switch (token[0]) {
      case '"':
      case "'":
        // After a dot a text is a field's name.
        return expression.slice(0, offset).trimEnd().endsWith('.') ? token : `${token[0]}s${token[0]}`;
      case '.':
        return '.f';
      case '$':
        return token.startsWith('$states') && !/^\$states\w/.test(token)
          ? token
          : variable(token.slice(1), names);
      default:
        return token;
    }
  });
  return UNSAFE.test(text) ? undefined : { text, names };
}

function variable(name: string, names: string[]): string {
  if (FUNCTIONS.has(name)) return `$${name}`;
  const known = names.indexOf(name);
  return `$v${known < 0 ? names.push(name) - 1 : known}`;
}
