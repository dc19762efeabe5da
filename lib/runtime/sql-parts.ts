/** Statements as the tag `sql` splits them, read from a call's resolved arguments. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';

export function statementsOf({ statements }: JsonObject): readonly Json[] {
  return Array.isArray(statements) ? statements : [];
}

export function partsOf(statement: Json): readonly Json[] {
  return isObject(statement) && Array.isArray(statement['parts']) ? statement['parts'] : [];
}

/** The files that statements name, in their order. */
export function filesIn(statements: readonly Json[]): readonly JsonObject[] {
  return statements.flatMap((statement) =>
    partsOf(statement).flatMap((part) => (isObject(part) && isObject(part['file']) ? [part['file']] : [])),
  );
}
