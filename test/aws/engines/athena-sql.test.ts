/** SQL on Athena: what is sent, statement by statement, and what comes back. */
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { athenaSql } from '../../../lib/aws/engines/athena-sql.ts';
import { athenaText } from '../../../lib/aws/engines/athena-text.ts';
import type { Json, JsonObject } from '../../../lib/base/json.ts';
import { file, sql } from '../../../lib/dsl/sql.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { AthenaService } from './athena-service.ts';
import { Rig, type RigTable } from './rig.ts';
import { S3Service } from './s3-service.ts';

describe('a statement as text', () => {
  const text = (statement: ReturnType<typeof sql>) => athenaText(statement.statement as Json, () => 'rows');

  test('writes values as literals, by the parser that reads the statement', () => {
    const value = "it's \\ me";
    expect(text(sql`select ${value}, ${1.5}, ${true}, ${null}`)).toBe(
      "select 'it''s \\ me', 1.5, true, null",
    );
    expect(text(sql`alter table t add partition (day = ${value})`)).toBe(
      "alter table t add partition (day = 'it\\'s \\\\ me')",
    );
    expect(text(sql`create table t as select ${value}`)).toContain("'it''s");
    expect(text(sql`create table t (x string) location ${value}`)).toContain("'it\\'s");
  });

  test('takes no value for the beginning of a statement', () => {
    expect(text(sql`${sql.identifier('x')} ${'select'} '`)).toContain("'select'");
    expect(
      text(sql`-- select
      drop table ${sql.identifier('a.b')}`),
    ).toContain('`a`.`b`');
    expect(text(sql`(select * from ${sql.identifier('a.b"c')})`)).toContain('"a"."b""c"');
  });

  test('keeps a sign from beginning a comment', () => {
    expect(text(sql`select 1 -${-5}`)).toBe('select 1 - -5');
    expect(text(sql`select ${1e21}, ${-1.5e-7}`)).toBe('select 1E21,  -1.5E-7');
  });

  test('writes every text so that it is read as it was', async () => {
    // DuckDB reads literals as Trino does.
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const value = fc.oneof(
      fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0')),
      fc.constantFrom("'", "''", "\\'", '--', '/*', "'; drop table x; --"),
      fc.boolean(),
      fc.integer(),
      fc.double({ noDefaultInfinity: true, noNaN: true }).map((each) => (Object.is(each, -0) ? 0 : each)),
    );
    try {
      await fc.assert(
        fc.asyncProperty(value, async (given) => {
          const reader = await connection.runAndReadAll(text(sql`select ${given} as given`));
          const [row] = reader.getRowsJson();
          const read = row?.[0];
          expect(typeof given === 'number' ? Number(read) : read).toEqual(given);
        }),
        { numRuns: 300 },
      );
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
});

await onDynamoDB('statements on Athena', (local) => {
  let table: RigTable;
  let athena: AthenaService;
  let s3: S3Service;
  let runs = 0;
  beforeAll(async () => {
    table = { local, name: await local.newTable() };
    athena = await new AthenaService().start();
    s3 = await new S3Service().start();
  });
  afterAll(() => Promise.all([athena?.stop(), s3?.stop()]));

  const rig = (engine: string, statements: readonly ReturnType<typeof sql>[], more: JsonObject = {}) => {
    athena.service.jobs.length = 0;
    athena.service.fates.length = 0;
    athena.requests.length = 0;
    athena.result = () => ({});
    athena.refuse = () => undefined;
    s3.objects.clear();
    runs += 1;
    const clients = { athena: athena.client(), s3: s3.client() };
    return new Rig(table, `sql-${runs}`, {
      engine: athenaSql,
      call: { engine, connection: 'lake' },
      args: { statements: statements.map(({ statement }) => statement), ...more } as JsonObject,
      connections: {
        lake: {
          kind: 'sql',
          engine: 'athena',
          database: 'sales',
          workGroup: 'team',
          outputLocation: 's3://out/',
        },
      },
      clients: { athena: async () => clients.athena, s3: async () => clients.s3 },
    });
  };

  test('give rows as DuckDB does, where somebody reads them', async () => {
    const query = rig('sql.query', [sql`select * from orders where id > ${3}`]);
    athena.result = () => ({
      columns: [
        ['id', 'bigint'],
        ['big', 'bigint'],
        ['amount', 'decimal'],
        ['at', 'timestamp'],
        ['zoned', 'timestamp with time zone'],
        ['ok', 'boolean'],
        ['ratio', 'double'],
        ['note', 'varchar'],
      ],
      rows: [
        [
          '4',
          '9007199254740993',
          '10.50',
          '2026-01-05 01:00:00.000',
          '2026-01-05 01:00:00.000 UTC',
          'true',
          'NaN',
          null,
        ],
        [
          '5',
          '1',
          '1.00',
          '2026-01-05 01:00:00.120',
          '2026-01-05 01:00:00.000 Europe/Berlin',
          'false',
          '0.5',
          '',
        ],
      ],
    });
    const first = {
      id: 4,
      big: '9007199254740993',
      amount: 10.5,
      at: '2026-01-05T01:00:00',
      zoned: '2026-01-05T01:00:00.000Z',
      ok: true,
      ratio: 'NaN',
      note: null,
    };
    const second = {
      id: 5,
      big: 1,
      amount: 1,
      at: '2026-01-05T01:00:00.12',
      zoned: '2026-01-05 01:00:00.000 Europe/Berlin',
      ok: false,
      ratio: 0.5,
      note: '',
    };
    expect(await query.call({ want: ['rows'] })).toEqual({ rows: [first, second], first, rowCount: 2 });
    expect(await query.call({ attempt: '2', want: ['first.id'] })).toEqual({ rows: [first], first });
    athena.requests.length = 0;
    expect(await query.call({ attempt: '3', want: [] })).toEqual({ rows: [] });
    expect(athena.requests.map(({ call }) => call)).not.toContain('GetQueryResults');
    expect(athena.requests[0]?.input).toMatchObject({
      QueryString: 'select * from orders where id > 3',
      WorkGroup: 'team',
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'sales' },
      ResultConfiguration: { OutputLocation: 's3://out/' },
    });
  });

  test('give the first page of many rows, and count all', async () => {
    const query = rig('sql.query', [sql`select * from numbers`]);
    const rows = Array.from({ length: 2500 }, (_, index) => [String(index)]);
    athena.result = () => ({ columns: [['n', 'integer']], rows });
    const output = (await query.call({ want: ['rows', 'rowCount'] })) as JsonObject;
    expect(output['rowCount']).toBe(2500);
    expect(output['rows']).toHaveLength(1000);
    expect(query.lines.join()).toContain('the first 1000 of 2500 rows');
    expect(await query.call({ attempt: '2', want: ['rowCount'] })).toEqual({ rows: [], rowCount: 2500 });
  });

  const two = [sql`insert into a values (1)`, sql`insert into b values (${2})`];

  test('run in order, each once, though every process in between dies', async () => {
    const writes = rig('sql.transaction', two, { atomic: false });
    athena.result = (text) => ({ updateCount: text.includes('into a') ? 1 : 2 });
    const want = ['rowCounts'];
    // Before the id of the first query is kept, before that of the second, before the end.
    for (const diesAtWrite of [2, 1, 2, 1, 2, 1])
      expect(await writes.outcome({ want, diesAtWrite })).toBe('Error');
    expect(await writes.call({ want, asked: 9 })).toEqual({ rowCounts: [1, 2] });
    expect(athena.texts).toEqual(['insert into a values (1)', 'insert into b values (2)']);
  });

  test('tell which of them failed', async () => {
    const writes = rig('sql.transaction', two, { atomic: false });
    athena.service.fates.push('done', 'failed');
    await expect(writes.call()).rejects.toMatchObject({
      name: 'Engine.JobFailed',
      message: 'statement 2 (insert into b values (?)): TABLE_NOT_FOUND; query job-2',
    });
  });

  test('end where the next one is refused', async () => {
    const writes = rig('sql.transaction', two, { atomic: false });
    athena.refuse = (text) => (text.includes('into b') ? 'mismatched input' : undefined);
    const refused = { name: 'Engine.Refused', message: expect.stringContaining('mismatched input') };
    await expect(writes.call()).rejects.toMatchObject(refused);
    expect((await writes.job()).state).toBe('failed');
  });

  test('are no transaction', async () => {
    await expect(rig('sql.transaction', two).call()).rejects.toMatchObject({
      name: 'Engine.Refused',
      message:
        'environment "test" › connections.lake › transaction: must not be all or none on Athena, which has no transactions; write transaction({ atomic: false }, …)',
    });
    expect(athena.texts).toEqual([]);
  });

  test('read files by tables that are there as long as they', async () => {
    const columns = { id: 'bigint', amount: 'decimal(10, 2)', at: 'timestamp' };
    const orders = rig('sql.execute', [
      sql`insert into orders select * from ${file.json('raw/orders.json', { columns })} union all select * from ${file.csv('s3://other/x.csv', { columns: { id: 'int' } })}`,
    ]);
    s3.put('files/raw/orders.json', JSON.stringify([{ id: 1 }, { id: 2 }]));
    s3.put('x.csv', 'id\n1\n');
    let copies: readonly string[] = [];
    athena.result = () => {
      copies = s3.keys.filter((key) => key.startsWith('values/')).map((key) => `${key}: ${s3.text(key)}`);
      return {};
    };
    await orders.call({ want: ['rowCount'] });
    const [first = '', second = '', insert = '', ...drops] = athena.texts;
    const [, name = ''] = /exists `(\w+)_0`/.exec(first) ?? [];
    const folder = `values/sales/sql-${runs}/jobs/1/${name}`;
    expect(first).toBe(
      `create external table if not exists \`${name}_0\` (\`id\` string, \`amount\` string, \`at\` string) row format serde 'org.openx.data.jsonserde.JsonSerDe' location 's3://tutti-test/${folder}_0/'`,
    );
    expect(second).toContain(
      `location 's3://tutti-test/${folder}_1/' tblproperties ('skip.header.line.count' = '1')`,
    );
    expect(insert).toContain(
      `(select cast("id" as bigint) as "id", cast("amount" as decimal(10, 2)) as "amount", cast(at_timezone(from_iso8601_timestamp(replace("at", ' ', 'T')), 'UTC') as timestamp) as "at" from "${name}_0")`,
    );
    expect(insert).toContain(`(select cast(nullif("id", '') as integer) as "id" from "${name}_1")`);
    // Rows of a list one a line; other files as they are.
    expect(copies).toEqual([`${folder}_0/0.json: {"id":1}\n{"id":2}\n`, `${folder}_1/0.csv: id\n1\n`]);
    expect(drops).toEqual([`drop table if exists \`${name}_0\``, `drop table if exists \`${name}_1\``]);
    expect(s3.keys.filter((key) => key.startsWith('values/'))).toEqual([]);
  });

  test('leave no table behind where they fail or are cancelled', async () => {
    const columns = { id: 'bigint' };
    const orders = rig('sql.execute', [
      sql`insert into o select * from ${file.json('raw/*.json', { columns })}`,
    ]);
    s3.put('files/raw/a.json', '{"id":1}\n');
    s3.put('files/raw/b.json', '{"id":2}\n');
    athena.service.fates.push('done', 'failed');
    await expect(orders.call()).rejects.toMatchObject({ name: 'Engine.JobFailed' });
    expect(athena.texts.at(-1)).toContain('drop table');
    expect(s3.keys).toEqual(['files/raw/a.json', 'files/raw/b.json']);
    athena.service.isHeld = true;
    try {
      expect(await orders.outcome({ attempt: '2' })).toBe('Engine.NotReady');
      expect(s3.keys).toHaveLength(4);
      await orders.cancel(2);
    } finally {
      athena.service.isHeld = false;
    }
    expect(athena.texts.at(-1)).toContain('drop table');
    expect(s3.keys).toHaveLength(2);
  });

  test.each([
    [
      'columns',
      file.json('raw/orders.json'),
      'statement 1 › file "raw/orders.json": must name its columns for Athena',
    ],
    ['a bucket', file.csv('https://example.com/x.csv', { columns: { id: 'int' } }), 'must be in a bucket'],
  ])('refuse a file without %s', async (_, given, message) => {
    const error = { name: 'Engine.Refused', message: expect.stringContaining(message) };
    await expect(rig('sql.query', [sql`select * from ${given}`]).call()).rejects.toMatchObject(error);
  });

  test('are not longer than Athena takes', async () => {
    const long = rig('sql.query', [sql`select ${'x'.repeat(262_144)}`]);
    const error = { name: 'Engine.Refused', message: expect.stringContaining('at most 262144 bytes') };
    await expect(long.call()).rejects.toMatchObject(error);
  });

  test('go on from look to look of a sensor, and end with it', async () => {
    const look = rig('sql.query', [sql`select count(*) from orders`]);
    const poke = { timeout: 60, softFail: false };
    const want = ['first'];
    athena.service.isHeld = true;
    try {
      expect(await look.call({ poke, want })).toEqual({});
      expect(await look.call({ poke, want, asked: 2 })).toEqual({});
      expect(athena.texts).toHaveLength(1);
      look.nowMs += 60_000;
      expect(await look.call({ poke, want, asked: 3 })).toEqual({});
      expect(athena.service.states).toEqual(['cancelled']);
    } finally {
      athena.service.isHeld = false;
    }
    athena.result = () => ({ columns: [['_col0', 'bigint']], rows: [['7']] });
    expect(await look.call({ poke, want, asked: 4 })).toMatchObject({ first: { _col0: 7 } });
    // Each look asks anew.
    expect(await look.call({ poke, want, asked: 5 })).toMatchObject({ first: { _col0: 7 } });
    expect(athena.texts).toHaveLength(3);
  });
});
