import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { ConnectionConfig } from '../model/environment.ts';
import { athenaPermissions } from './athena-permissions.ts';
import type { ArgumentProblem, Engine } from './engine.ts';

/** SQL on whatever warehouse the connection is bound to; here DuckDB. The calls are made by `connection.sql`. */
const warehouse = {
  connection: 'sql',
  timeoutSeconds: 3600,
  local: 'built-in',
  // What Athena refuses is `Engine.Refused`.
  refused: ['Sql.ParserError', 'Sql.BadValue'],
  permissions: (_: JsonObject, connection?: ConnectionConfig) => {
    // DuckDB runs in the function, on files that are its DAG's already.
    if (connection?.kind !== 'sql' || !isAthena(connection)) return [];
    const { workGroup, catalog, database, outputLocation, data } = connection;
    return athenaPermissions({
      ...{ workGroup, catalog, database, outputLocation },
      ...(data === undefined ? {} : { data }),
    });
  },
  checkIn: fileProblems,
} as const;

/** One statement, its rows wanted. */
export const sqlQuery: Engine = { ...warehouse, name: 'sql.query', check: oneStatement };

/** One statement, its effect wanted. */
export const sqlExecute: Engine = { ...warehouse, name: 'sql.execute', check: oneStatement };

/** Statements in order, all or none. */
export const sqlTransaction: Engine = {
  ...warehouse,
  name: 'sql.transaction',
  check: someStatements,
  checkIn: (args, connection) => [
    ...(isAthena(connection) && args['atomic'] !== false ? [NO_TRANSACTIONS] : []),
    ...fileProblems(args, connection),
  ],
};

const NO_TRANSACTIONS: ArgumentProblem = {
  path: 'transaction',
  message: 'must not be all or none on Athena, which has no transactions',
  remedy: 'write transaction({ atomic: false }, …)',
};

function isAthena(connection: ConnectionConfig): boolean {
  return connection.kind === 'sql' && connection.engine === 'athena';
}

/** DuckDB finds the columns of a file out; Athena makes a table of it, and must be told. */
function fileProblems({ statements }: JsonObject, connection: ConnectionConfig): readonly ArgumentProblem[] {
  if (!isAthena(connection) || !Array.isArray(statements)) return [];
  return statements.flatMap((statement: Json, index) =>
    filesIn(statement).flatMap(({ format, path, columns }) => {
      if (isObject(columns) && Object.keys(columns).length > 0) return [];
      const name = typeof path === 'string' ? `file "${path}"` : 'file';
      return [
        {
          path: `statement ${index + 1} › ${name}`,
          message: 'must name its columns for Athena, got none',
          remedy: `write file.${String(format)}(path, { columns: { id: 'varchar' } })`,
        },
      ];
    }),
  );
}

function filesIn(statement: Json): readonly JsonObject[] {
  const parts = isObject(statement) && Array.isArray(statement['parts']) ? statement['parts'] : [];
  return parts.flatMap((part: Json) => (isObject(part) && isObject(part['file']) ? [part['file']] : []));
}

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
