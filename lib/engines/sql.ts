import type { JsonObject } from '../base/json.ts';
import type { ArgumentProblem, Engine } from './engine.ts';

/** SQL on whatever warehouse the connection is bound to; here DuckDB. The calls are made by `connection.sql`. */
const warehouse = { connection: 'sql', timeoutSeconds: 3600, local: 'built-in' } as const;

/** One statement, its rows wanted. */
export const sqlQuery: Engine = { ...warehouse, name: 'sql.query', check: oneStatement };

/** One statement, its effect wanted. */
export const sqlExecute: Engine = { ...warehouse, name: 'sql.execute', check: oneStatement };

/** Statements in order, all or none. */
export const sqlTransaction: Engine = { ...warehouse, name: 'sql.transaction', check: someStatements };

function oneStatement(args: JsonObject): readonly ArgumentProblem[] {
  return [...someStatements(args), ...severalStatements(args)];
}

function someStatements({ statements }: JsonObject): readonly ArgumentProblem[] {
  const empty = !Array.isArray(statements) || statements.length === 0;
  return empty
    ? [{ path: 'statements', message: 'must be at least one, got none', remedy: 'write sql`…`' }]
    : [];
}

function severalStatements({ statements }: JsonObject): readonly ArgumentProblem[] {
  if (!Array.isArray(statements) || statements.length < 2) return [];
  return [
    {
      path: 'statements',
      message: `must be one, got ${statements.length}`,
      remedy: 'use transaction(…) for several',
    },
  ];
}
