/** SQL on DuckDB in a DAG's function: the real binding, the file in a bucket that several functions write. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { duckdbSql } from '../../../lib/aws/engines/duckdb.ts';
import type { JsonObject } from '../../../lib/base/json.ts';
import { file, type Sql, sql } from '../../../lib/dsl/sql.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { Rig, type RigTable } from './rig.ts';
import { S3Service } from './s3-service.ts';

await onDynamoDB('sql on DuckDB in a function', (local) => {
  const KEY = 'databases/lake.duckdb';

  let table: RigTable;
  let s3: S3Service;
  let runs = 0;
  beforeAll(async () => {
    table = { local, name: await local.newTable() };
    s3 = await new S3Service().start();
  });
  beforeEach(() => s3.objects.clear());
  afterAll(() => s3?.stop());

  function rig(verb: string, ...statements: readonly Sql[]): Rig {
    runs += 1;
    const client = s3.client();
    return new Rig(table, `duckdb-${runs}`, {
      engine: duckdbSql,
      call: { engine: `sql.${verb}`, connection: 'lake' },
      args: { statements: statements.map(({ statement }) => statement) } as JsonObject,
      connections: { lake: { kind: 'sql' } },
      clients: { s3: async () => client },
      want: ['rowCount', 'rowCounts', 'rows'],
    });
  }

  const rowsOf = async (statement: Sql) => ((await rig('query', statement).call()) as JsonObject)['rows'];

  test('makes the file, changes it, and reads it without a change', async () => {
    expect(await rig('execute', sql`create table t (x int, seen timestamptz)`).call()).toEqual({
      rowCount: 0,
    });
    expect(await rig('execute', sql`insert into t values (${1}, '2026-01-05T01:00:00Z')`).call()).toEqual({
      rowCount: 1,
    });
    const { etag } = s3.objects.get(KEY) ?? {};
    const first = { x: 1, seen: '2026-01-05T01:00:00.000Z' };
    expect(await rig('query', sql`select * from t`).call()).toEqual({ rows: [first], first, rowCount: 1 });
    expect(s3.objects.get(KEY)?.etag).toBe(etag);
  });

  test('reads nothing from a file that is not there, and makes none', async () => {
    expect(await rowsOf(sql`select 1 as one`)).toEqual([{ one: 1 }]);
    expect(s3.keys).toEqual([]);
  });

  test('keeps the write of somebody else who was faster, and its own', async () => {
    await rig('execute', sql`create table t (x int)`).call();
    const mine = rig('execute', sql`insert into t select ${1} + count(*) from t`);
    let others = 0;
    const interfere = () => {
      others += 1;
      if (others > 3) return;
      s3.beforePut = undefined;
      interferes.push(rig('execute', sql`insert into t values (100)`).call());
    };
    const interferes: Promise<unknown>[] = [];
    // Writers at the same time: each may find the file replaced.
    const writers = Array.from({ length: 4 }, () => rig('execute', sql`insert into t values (10)`).call());
    s3.beforePut = interfere;
    await Promise.all([mine.call(), ...writers]);
    await Promise.all(interferes);
    const rows = (await rowsOf(sql`select count(*) as n, sum(x) as total from t`)) as JsonObject[];
    expect(rows[0]?.['n']).toBe(5 + interferes.length);
    expect(interferes.length).toBeGreaterThan(0);
  });

  test('writes once where the reply to the upload is lost, and after a process that died', async () => {
    await rig('execute', sql`create table t (x int)`).call();
    const write = rig('execute', sql`insert into t values (1), (2)`);
    s3.losesReplyOf = KEY;
    // Sent again, it is refused: the file was replaced meanwhile, by ourselves.
    expect(await write.call()).toEqual({ rowCount: 2 });
    expect(await write.call({ asked: 2 })).toEqual({ rowCount: 2 });
    const dying = rig('execute', sql`insert into t values (3)`);
    // Its first write to the ledger is the try, its second one the end.
    expect(await dying.outcome({ diesAtWrite: 2 })).toBe('Error');
    expect(await dying.call({ asked: 2 })).toEqual({ rowCount: 1 });
    expect(await rowsOf(sql`select x from t order by x`)).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
  });

  test('gives the rows of a query that writes once more, not the write', async () => {
    await rig('execute', sql`create table t (x int)`).call();
    const write = rig('query', sql`insert into t values (7) returning x`);
    expect(await write.outcome({ diesAtWrite: 2 })).toBe('Error');
    expect(await write.call({ asked: 2 })).toMatchObject({ rows: [{ x: 7 }] });
    expect(await rowsOf(sql`select x from t`)).toEqual([{ x: 7 }]);
  });

  test('leaves the file as it is where a statement fails', async () => {
    await rig('execute', sql`create table t (x int)`).call();
    const { etag } = s3.objects.get(KEY) ?? {};
    const both = rig('transaction', sql`insert into t values (1)`, sql`insert into missing values (${2})`);
    await expect(both.call()).rejects.toMatchObject({
      name: 'Sql.CatalogError',
      message: expect.stringContaining('statement 2 (insert into missing values ($1)): Table'),
    });
    expect(s3.objects.get(KEY)?.etag).toBe(etag);
    expect(await rig('transaction', sql`insert into t values (1)`, sql`delete from t`).call()).toEqual({
      rowCounts: [1, 1],
    });
  });

  test('writes nothing for a run that is cancelled meanwhile', async () => {
    await rig('execute', sql`create table t (x int)`).call();
    const { etag } = s3.objects.get(KEY) ?? {};
    const write = rig('execute', sql`insert into t values (1)`);
    s3.beforeGet = () => write.cancel();
    expect(await write.outcome()).toBe('Engine.Refused');
    expect(s3.objects.get(KEY)?.etag).toBe(etag);
  });

  test('reads files of the bucket, also by a pattern', async () => {
    s3.put('files/raw/a/orders.json', '[{"id":1},{"id":2}]');
    s3.put('files/raw/b/orders.json', '{"id":3}\n');
    s3.put('files/raw/c.csv', 'id\n4\n');
    const all = sql`select id from ${file.json('raw/*/orders.json')} union all select id from ${file.csv('s3://tutti-test/files/raw/c.csv')} order by id`;
    expect(await rowsOf(all)).toEqual([1, 2, 3, 4].map((id) => ({ id })));
    await expect(rig('query', sql`select * from ${file.json('raw/none.json')}`).call()).rejects.toMatchObject(
      {
        name: 'Sql.IOError',
      },
    );
  });

  test('says so where the file is no database', async () => {
    s3.put(KEY, 'no database at all');
    await expect(rig('query', sql`select 1`).call()).rejects.toMatchObject({
      name: 'Engine.Refused',
      message: expect.stringContaining('must be a DuckDB file'),
    });
  });

  test('a look keeps neither ledger nor change', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tutti-lake-'));
    try {
      const path = join(folder, 'lake.duckdb');
      const instance = await DuckDBInstance.create(path);
      const connection = await instance.connect();
      await connection.run('create table t as select 5 as x');
      connection.closeSync();
      instance.closeSync();
      s3.put(KEY, readFileSync(path));
    } finally {
      rmSync(folder, { recursive: true });
    }
    const look = rig('query', sql`select x from t`);
    const poke = { timeout: 60, softFail: false };
    expect(await look.call({ poke, want: ['first'] })).toMatchObject({ first: { x: 5 } });
    expect(await look.items()).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tutti-duckdb-'))).toEqual([]);
  });
});
