import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../lib/base/json.ts';
import { type RunOptions, runDag } from '../../../lib/local/run.ts';
import type { CallNode } from '../../../lib/model/task.ts';
import { output, type TestTask, temporaryFolder, testDag } from '../dag.ts';

type Part = string | Record<string, Json>;

function sql(
  verb: 'query' | 'execute' | 'transaction',
  ...statements: readonly (readonly Part[])[]
): CallNode {
  const args = { statements: statements.map((parts) => ({ parts })) };
  return { kind: 'engine', engine: `sql.${verb}`, connection: 'warehouse', args };
}

const environment = { name: 'local', connections: { warehouse: { kind: 'sql' as const } } };

/** Runs tasks one after the other; gives the outcome, and what `read` refers to. */
async function run(
  tasks: Readonly<Record<string, TestTask>>,
  read: Json = {},
  options: Partial<RunOptions> = {},
) {
  const ids = Object.keys(tasks);
  const chained = Object.entries(tasks).map(([id, task], index) => {
    const before = ids[index - 1];
    return [id, before === undefined ? task : { ...task, after: [before] }] as const;
  });
  const seen: unknown[] = [];
  const last = ids.at(-1);
  const dag = testDag(
    {
      ...Object.fromEntries(chained),
      read: {
        inputs: { read },
        after: last === undefined ? [] : [last],
        body: (inputs) => void seen.push(inputs.read),
      },
    },
    { connections: [{ name: 'warehouse', kind: 'sql' }] },
  );
  const root = options.root ?? temporaryFolder();
  const outcome = await runDag(dag, { environment, ...options, root });
  return { outcome, read: seen[0], root, errors: outcome.tasks.map(({ tries }) => tries[0]?.error) };
}

describe('sql here', () => {
  test.each(['json', 'csv', 'parquet'])(
    'reads from %s what is in the file, nothing from its path',
    async (format) => {
      const root = temporaryFolder();
      const folder = join(root, '.tutti/data/raw/date=2026-01-05');
      mkdirSync(folder, { recursive: true });
      const path = `raw/date=2026-01-05/x.${format}`;
      const copy = `copy (select 1 as id, 'a' as name) to '${join(folder, `x.${format}`)}'`;
      const typed = { id: 'bigint', name: 'varchar' };
      const reading = (columns: Record<string, Json>) =>
        sql('query', ['select * from ', { file: { path, format, ...columns } }]);
      const tasks = {
        write: { call: sql('execute', [copy]) },
        plain: { call: reading({}) },
        typed: { call: reading({ columns: typed }) },
      };
      const rows = { plain: output('plain', 'rows'), typed: output('typed', 'rows') };
      const { read } = await run(tasks, rows as never, { root });
      expect(JSON.stringify(read)).toBe('{"plain":[{"id":1,"name":"a"}],"typed":[{"id":1,"name":"a"}]}');
    },
  );

  test('binds values, quotes names and reads files', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'rows.csv'), 'id,day\n7,2026-01-02\n');
    const evil = `x'; drop table "o'r"; --`;
    const tasks = {
      file: {
        body: ({ files }: { files: { write: (path: string, rows: Json) => Promise<string> } }) =>
          files.write('in.json', [{ id: 1, day: '2026-01-01', text: evil }]),
      },
      load: {
        call: sql(
          'transaction',
          ['create table ', { identifier: 'main.or"ders' }, ' (id integer, day date, text varchar)'],
          [
            'insert into ',
            { identifier: 'or"ders' },
            ' select * from ',
            {
              file: {
                format: 'json',
                path: 'in.json',
                columns: { id: 'integer', day: 'date', text: 'varchar' },
              },
            },
          ],
          [
            'insert into ',
            { identifier: 'or"ders' },
            ' select id, day, ',
            { value: null },
            ' from ',
            { file: { format: 'csv', path: 'rows.csv' } },
          ],
          [
            'update ',
            { identifier: 'or"ders' },
            ' set text = ',
            { value: evil },
            ' where id = ',
            { value: 7 },
            ' and ',
            { value: true },
          ],
        ),
      },
      query: {
        call: sql('query', [
          'select * from ',
          { identifier: 'or"ders' },
          ' where text = ',
          { value: evil },
          ' order by id',
        ]),
      },
    };
    const { read } = await run(
      tasks,
      { rows: output('query', 'rows'), counts: output('load', 'rowCounts') } as never,
      { root },
    );
    expect(read).toEqual({
      rows: [
        { id: 1, day: '2026-01-01', text: evil },
        { id: 7, day: '2026-01-02', text: evil },
      ],
      counts: [0, 1, 1, 1],
    });
  });

  test('gives numbers where they are exact, and ISO times in UTC', async () => {
    const text = `select 9007199254740991::bigint as safe, 9007199254740993::bigint as large, 12.50::decimal(10,2) as price,
      12345678901234.56789::decimal(30,5) as precise, timestamp '2026-01-02 03:04:05.5' as local,
      timestamptz '2026-01-02 03:04:05+02' as instant, date '2026-01-02' as day, [1, 2] as list, {'a': 1::bigint} as struct,
      null as nothing, 1.5::double as real, sum(3) as total`;
    const { read } = await run({ q: { call: sql('query', [text]) } }, output('q', 'first') as never);
    expect(read).toEqual({
      safe: 9_007_199_254_740_991,
      large: '9007199254740993',
      price: 12.5,
      precise: '12345678901234.56789',
      local: '2026-01-02T03:04:05.5',
      instant: '2026-01-02T01:04:05.000Z',
      day: '2026-01-02',
      list: [1, 2],
      struct: { a: 1 },
      nothing: null,
      real: 1.5,
      total: 3,
    });
  });

  test('keeps the first page of the rows and counts all', async () => {
    const tasks = { q: { call: sql('query', ['select range as n from range(5000)']) } };
    const both = { rows: output('q', 'rows'), count: output('q', 'rowCount') };
    const { read } = await run(tasks, both as never);
    expect(read).toMatchObject({ count: 5000, rows: { length: 1000, 0: { n: 0 }, 999: { n: 999 } } });
    const wide = { q: { call: sql('query', ["select repeat('x', 1000) as x from range(500)"]) } };
    const { read: bounded } = await run(wide, {
      rows: output('q', 'rows'),
      count: output('q', 'rowCount'),
    } as never);
    expect(bounded).toMatchObject({ count: 500, rows: { length: 63 } });
  });

  test('hands on a row that is larger than a page, instead of losing it', async () => {
    const text = ["select repeat('x', 70000) as x"];
    const { read } = await run({ q: { call: sql('query', text) } }, output('q', 'first') as never);
    expect(read).toEqual({ x: 'x'.repeat(70_000) });
  });

  test('rolls a transaction back whole, naming the statement', async () => {
    const root = temporaryFolder();
    await run({ make: { call: sql('execute', ['create table t (n integer)']) } }, {}, { root });
    const { outcome, errors } = await run(
      { both: { call: sql('transaction', ['insert into t values (1)'], ['insert into nope values (1)']) } },
      {},
      { root },
    );
    expect(errors[0]).toBe('Sql.CatalogError');
    expect(outcome.tasks[0]?.tries[0]?.cause).toMatch(
      /^statement 2 \(insert into nope values \(1\)\): Table with name nope does not exist!/,
    );
    const { read } = await run(
      { q: { call: sql('query', ['select count(*) as n from t']) } },
      output('q', 'first', 'n') as never,
      { root },
    );
    expect(read).toBe(0);
  });

  test.each<[string, Part[], string]>([
    ['a syntax error', ['selct 1'], 'Sql.ParserError'],
    ['a missing file', ['select * from ', { file: { format: 'json', path: 'none.json' } }], 'Sql.IOError'],
    ['several statements in one', ['select 1; select 2'], 'Sql.InvalidInputError'],
    ['a value that is a list', ['select ', { value: [1] }], 'Sql.BadValue'],
    [
      'a column type that is SQL',
      ['select * from ', { file: { format: 'csv', path: 'a', columns: { a: "int'}) --" } } }],
      'Sql.BadValue',
    ],
  ])('names %s', async (_, parts, name) => {
    const { errors } = await run({ q: { call: sql('query', parts) } });
    expect(errors[0]).toBe(name);
  });

  test('is interrupted at its timeout', async () => {
    const endless = sql('query', [
      'select count(*) from range(1000000000) a, range(1000000) b where a.range * b.range % 7 = 3',
    ]);
    const { errors } = await run({ q: { call: endless, timeout: 1 } });
    expect(errors[0]).toBe('States.Timeout');
  });

  test('refuses a run while another process holds the file', async () => {
    const root = temporaryFolder();
    await run({ make: { call: sql('execute', ['create table t (n integer)']) } }, {}, { root });
    const file = join(root, '.tutti', 'warehouse.duckdb');
    expect(existsSync(file)).toBe(true);
    const program = `import('@duckdb/node-api').then(async (d) => { await d.DuckDBInstance.create(${JSON.stringify(file)}); console.log('held'); setInterval(() => {}, 1000); })`;
    const holder = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve));
      const refused = run({ q: { call: sql('query', ['select 1']) } }, {}, { root });
      await expect(refused).rejects.toMatchObject({ name: 'RefusedError', code: 'database-locked' });
      await expect(refused).rejects.toThrow(
        `connection "warehouse" › database: must be open in one process at a time, got "${file}" held by `,
      );
    } finally {
      holder.kill();
    }
  });

  test('refuses a file that is no database', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'notes.txt'), 'no database at all');
    const connections = { warehouse: { kind: 'sql' as const, database: 'notes.txt' } };
    const refused = run(
      { q: { call: sql('query', ['select 1']) } },
      {},
      { root, environment: { name: 'local', connections } },
    );
    await expect(refused).rejects.toMatchObject({ code: 'database-unusable' });
  });
});
