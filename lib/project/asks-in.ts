/** What source files name of their environment: HTTP connections that they make and use, secrets that they read by name. */
import { existsSync, readFileSync } from 'node:fs';
import { compareTexts } from '../base/compare.ts';
import type { Asks } from '../model/asks.ts';
import { bodyOf } from '../model/bodies.ts';
import type { DagNode } from '../model/dag.ts';

/** What bodies of a DAG ask: as its options say, else as `files` name it, its own and those that it imports. */
export function asksOfBodies(dag: DagNode, files: () => Iterable<string>): Asks {
  const { connections, secrets } = dag.asks ?? {};
  if (connections !== undefined && secrets !== undefined) return { connections, secrets };
  const hasBodies = dag.tasks.some(({ id }) => bodyOf(dag, id) !== undefined);
  const found = asksIn(
    hasBodies ? [...files()].filter(isCode).map((file) => readFileSync(file, 'utf8')) : [],
  );
  return { connections: connections ?? found.connections, secrets: secrets ?? found.secrets };
}

/**
 * Of one DAG's file and all that it imports. `shop` of `const shop = connection.http('shop')` counts where the name is in
 * the files once more: what a shared file makes for others is not asked. A name that is computed is not found; then the
 * DAG's options say it.
 */
export function asksIn(texts: readonly string[]): Asks {
  const codes = texts.map((text) => text.replaceAll(COMMENT, '$1'));
  const made = codes.flatMap((code) => [...code.matchAll(CONNECTION)]);
  const others = codes.map((code) => code.replaceAll(CONNECTION, '')).join('\n');
  const used = made.flatMap(([, variable, , name = '']) =>
    variable === undefined || isIn(others, variable) ? [name] : [],
  );
  const read = codes.flatMap((code) => [...code.matchAll(SECRET)].map(([, , name = '']) => name));
  return { connections: unique(used), secrets: unique(read) };
}

function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file) && existsSync(file);
}

/** A comment, or, kept as it is, a text in which none begins. */
const COMMENT = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** `shop = connection.http('shop')`, `shop: connection.http('shop')`, `connection.http('shop')`. */
const CONNECTION =
  /(?:(?<![\w$])([\w$]+)\s*(?::\s*[\w$.]+\s*=|[=:])\s*)?\bconnection\s*\.\s*http\s*\(\s*(['"`])([^'"`$]*)\2/g;

/** `secret('sales/key')`, also with a type. */
const SECRET = /\bsecret\s*\(\s*(['"`])([^'"`$]+)\1\s*\)/g;

function isIn(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareTexts);
}
