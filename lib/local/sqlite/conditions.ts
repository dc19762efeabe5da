import type { SQLInputValue } from 'node:sqlite';

export interface Conditions {
  /** `a = ? and b = ?`. */
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** What a condition asks for, and its values; it is left out where they are `undefined`. */
type Condition = readonly [sql: string, ...values: (SQLInputValue | undefined)[]];

/** All conditions that are not left out. */
export function conditions(...all: readonly Condition[]): Conditions {
  const asked = all.flatMap(([sql, ...given]) => {
    const values = given.filter((value) => value !== undefined);
    return values.length === given.length ? [{ sql, values }] : [];
  });
  return {
    sql: asked.map(({ sql }) => sql).join(' and ') || 'true',
    values: asked.flatMap(({ values }) => values),
  };
}

/** The column is one of a list, which is given as JSON: one statement for any length. */
export function oneOf(column: string, list: readonly string[] | undefined): Condition {
  return [
    `${column} in (select value from json_each(?))`,
    list === undefined ? undefined : JSON.stringify(list),
  ];
}
