/** What Athena may do for a DAG, and what a DAG may not ask of it. */
import { expect, test } from 'vitest';
import { unfitCalls } from '../../lib/engines/fit.ts';
import { permissionsOf } from '../../lib/engines/permissions-of.ts';
import { athena, connection, dag, file, sensor, sql } from '../../lib/index.ts';
import type { SqlConnectionConfig } from '../../lib/model/environment.ts';

const lake = connection.sql('lake');

const bound: SqlConnectionConfig = {
  kind: 'sql',
  engine: 'athena',
  database: 'sales',
  workGroup: 'team',
  outputLocation: 's3://results/athena/',
  data: ['lake/sales/*', 'lake/raw/*'],
};

const arn = (service: string, resource: string) =>
  `arn:{partition}:${service}:{region}:{account}:${resource}`;

test('its work group, its database, its results, its data; nothing of the account but what has no resources', () => {
  const sales = dag('sales', {}, ({ task }) => {
    task('load', lake.execute(sql`insert into orders select 1`));
    task('wait', sensor.sql(lake, sql`select 1`));
  });
  const { machine, function: own } = permissionsOf(sales, { lake: bound });
  expect(machine).toEqual([]);
  const resourcesOf = (action: string) =>
    own.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources);
  for (const action of ['athena:StartQueryExecution', 'athena:StopQueryExecution', 'athena:GetQueryResults'])
    expect(resourcesOf(action)).toEqual([arn('athena', 'workgroup/team')]);
  expect(resourcesOf('glue:GetTable')).toEqual([
    arn('glue', 'catalog'),
    arn('glue', 'database/sales'),
    arn('glue', 'table/sales/*'),
  ]);
  expect(resourcesOf('s3:PutObject').toSorted()).toEqual(
    ['lake/raw/*', 'lake/sales/*', 'results/athena/*'].map((path) => `arn:{partition}:s3:::${path}`),
  );
  expect(resourcesOf('s3:DeleteObject')).not.toContain('arn:{partition}:s3:::results/athena/*');
  expect(resourcesOf('s3:ListBucket').toSorted()).toEqual([
    'arn:{partition}:s3:::lake',
    'arn:{partition}:s3:::results',
  ]);
  const wide = own.filter(({ resources }) => resources.includes('*'));
  expect(wide.map(({ actions, reason }) => [actions, reason !== undefined])).toEqual([
    [['lakeformation:GetDataAccess'], true],
  ]);
});

test("files of the environment's bucket, and a folder of the DAG's own there, where nothing is said; nothing for DuckDB", () => {
  const sales = dag('sales', {}, ({ task }) => {
    task('ask', lake.query(sql`select 1`));
  });
  const { function: own } = permissionsOf(sales, { lake: { kind: 'sql', engine: 'athena' } });
  const data = own.find(({ actions }) => actions.includes('s3:DeleteObject'));
  const bucket = 'arn:{partition}:s3:::tutti-{environment}-{account}-{region}';
  expect(data?.resources).toEqual([`${bucket}/athena/{dag}/*`, `${bucket}/files/*`]);
  const kept = permissionsOf(sales, {
    lake: { kind: 'sql', engine: 'athena', outputLocation: false, data: ['lake/*'] },
  });
  expect(JSON.stringify(kept.function)).not.toContain('tutti-{environment}');
  expect(permissionsOf(sales, { lake: { kind: 'sql' } }).function).toEqual([]);
});

test('a query of its own names its work group, or says that it is known later', () => {
  const sales = dag('sales', {}, ({ task }) => {
    task('ask', athena.query({ queryString: 'select 1', workGroup: 'own' }));
  });
  const { function: own } = permissionsOf(sales, {});
  expect(own.find(({ actions }) => actions.includes('athena:StartQueryExecution'))?.resources).toEqual([
    arn('athena', 'workgroup/own'),
  ]);
});

test('a transaction and a file without columns are refused where the connection is Athena, by environment and task', () => {
  const sales = dag('sales', {}, ({ task }) => {
    task(
      'both',
      lake.transaction(sql`delete from a`, sql`insert into a select * from ${file.json('x.json')}`),
    );
    task('each', lake.transaction({ atomic: false }, sql`delete from a`, sql`insert into a values (1)`));
  });
  const told = unfitCalls(sales, { name: 'prod', connections: { lake: bound } });
  expect(told.map(({ path, message, remedy }) => `${path}: ${message}; ${remedy}`)).toEqual([
    'environment "prod" › dag "sales" › task "both" › transaction: must not be all or none on Athena, which has no transactions; write transaction({ atomic: false }, …)',
    'environment "prod" › dag "sales" › task "both" › statement 2 › file "x.json": must name its columns for Athena, got none; write file.json(path, { columns: { id: \'varchar\' } })',
  ]);
  expect(unfitCalls(sales, { name: 'local', connections: { lake: { kind: 'sql' } } })).toEqual([]);
});
