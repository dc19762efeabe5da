import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { project, tutti } from './tutti.ts';

const CONFIG = `
import { defineConfig } from 'tutti';
export const config = defineConfig({
  environments: { local: { connections: { warehouse: { kind: 'sql', database: 'shop.duckdb' } } } },
});
`;

/** Replaces what it writes, but for what `daily` is told to do otherwise. */
const daily = (insert: string, stamp = 'undefined') => `
import { connection, cron, dag, fn, sql } from 'tutti';

const warehouse = connection.sql('warehouse');

export const daily = dag('daily', { schedule: cron('@daily'), start: '2026-01-01' }, ({ task, run }) => {
  const day = run.interval.date;
  const fetch = task('fetch', fn({ day }, async ({ day }, { files }) => {
    return { path: await files.write('raw/' + day + '.json', [{ day, amount: 1 }, { day, amount: 2 }]), at: ${stamp} };
  }));
  const load = task('load', warehouse.transaction(
    sql\`create table if not exists sales (day varchar, amount integer, loaded_at timestamp)\`,
    ${insert}
    sql\`insert into sales select \${day}, unnest([1, 2]), \${run.logicalDate}::timestamp\`,
  ), { after: fetch });
  const sums = task('sums', warehouse.query(sql\`select sum(amount)::integer as amount from sales\`), { after: load });
  task('report', fn({ day, amount: sums.output.rows }, async ({ day, amount }, { files }) => {
    return { path: await files.write('report/' + day + '.json', { amount, at: ${stamp} }) };
  }));
});
`;
const DELETE = `sql\`delete from sales where day = \${day}\`,`;

interface Report {
  readonly dags: readonly {
    readonly dag: string;
    readonly ok: boolean;
    readonly logicalDate?: string;
    readonly states?: readonly string[];
    readonly differences?: readonly Readonly<Record<string, unknown>>[];
    readonly refused?: { readonly code: string };
  }[];
}

async function twice(
  root: string,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly dags: Report['dags'] }> {
  const { code, stdout } = await tutti(root, 'test', '--twice', '--json', ...args);
  const { dags }: Report = JSON.parse(stdout);
  return { code, dags };
}

test('a DAG that replaces what it wrote passes, and the project is left as it was', async () => {
  const root = project({ 'tutti.config.ts': CONFIG, 'pipelines/daily.ts': daily(DELETE) });
  mkdirSync(join(root, '.tutti/data/raw'), { recursive: true });
  writeFileSync(join(root, '.tutti/data/raw/2026-01-05.json'), 'as it was');
  const { code, stdout } = await tutti(root, 'test', 'daily', '--twice', '--logical-date', '2026-01-05');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: '✓ daily  2026-01-05T00:00:00Z: the same after a second run\n',
  });
  expect(readFileSync(join(root, '.tutti/data/raw/2026-01-05.json'), 'utf8')).toBe('as it was');
  expect(existsSync(join(root, 'shop.duckdb'))).toBe(false);
  expect(existsSync(join(root, '.tutti/runs'))).toBe(false);
});

test('an append instead of a replacement is told, with the task that did it and what came of it', async () => {
  const root = project({ 'tutti.config.ts': CONFIG, 'pipelines/daily.ts': daily('') });
  const { code, dags } = await twice(root, '--logical-date', '2026-01-05');
  expect(code).toBe(1);
  expect(dags).toEqual([
    {
      dag: 'daily',
      ok: false,
      logicalDate: '2026-01-05T00:00:00Z',
      states: ['success', 'success'],
      differences: [
        { kind: 'value', name: 'sums', got: 'output.rows.0.amount: 3, then 6', by: ['sums'] },
        {
          kind: 'file',
          name: 'report/2026-01-05.json',
          got: 'other content of as many bytes (25)',
          by: ['report'],
        },
        { kind: 'table', name: 'warehouse.sales', got: '2 rows, then 4', by: ['load'] },
      ],
    },
  ]);
});

test('a timestamp in a row, a file or an output is told with its column or field', async () => {
  const stamped = daily(DELETE, 'performance.timeOrigin + performance.now()').replace(
    `\${run.logicalDate}::timestamp`,
    'now()',
  );
  const root = project({ 'tutti.config.ts': CONFIG, 'pipelines/daily.ts': stamped });
  const { code, stdout } = await tutti(root, 'test', 'daily', '--twice', '-d', '2026-01-05');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✕ daily {2}2026-01-05T00:00:00Z: 3 things differ after a second run\n/);
  expect(stdout).toMatch(/value +fetch +output\.at: [\d.]+, then [\d.]+\n/);
  expect(stdout).toMatch(/file +report\/2026-01-05\.json .* by report\n/);
  expect(stdout).toMatch(/table +warehouse\.sales +other values in loaded_at \(2 of 2 rows\) +by load\n/);
});

test('runs start from the data of the project, which changes only where that is asked for', async () => {
  const root = project({ 'tutti.config.ts': CONFIG, 'pipelines/daily.ts': daily('') });
  expect((await tutti(root, 'test', '--in-place', '-d', '2026-01-05')).code).toBe(0);
  expect(existsSync(join(root, '.tutti/data/report/2026-01-05.json'))).toBe(true);
  const { dags } = await twice(root, '-d', '2026-01-05');
  expect(dags[0]?.differences?.at(-1)).toMatchObject({ got: '4 rows, then 6' });
  const database = await DuckDBInstance.create(join(root, 'shop.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await database.connect();
  const rows = await connection.runAndReadAll('select count(*)::integer from sales');
  expect(rows.getRows()).toEqual([[2]]);
  connection.closeSync();
  database.closeSync();
});

const OTHERS = `
import { approve, connection, dag, fn, sql } from 'tutti';

export const asks = dag('asks', {}, ({ task }) => {
  const gate = task('gate', approve({ message: 'go on?' }));
  task('then', fn({ choice: gate.output.choice }, ({ choice }) => ({ choice })), { after: gate });
});

export const broken = dag('broken', {}, ({ task }) => {
  task('boom', fn(() => { throw new Error('no such table'); }));
});

export const counts = dag('counts', {}, ({ task, branch }) => {
  const seen = task('seen', fn(async ({ state }) => {
    const runs = (await state.get('runs')) ?? 0;
    await state.set('runs', runs + 1);
    return { runs };
  }));
  const way = branch('way', fn({ runs: seen.output.runs }, ({ runs }) => (runs === 0 ? 'first' : 'later')));
  task('a', fn(() => 1), { after: way.to('first') });
  task('b', fn(() => 1), { after: way.to('later') });
});

export const elsewhere = dag('elsewhere', {}, ({ task }) => {
  task('query', connection.sql('nowhere').query(sql\`select 1\`));
});
`;

test('every DAG is tried: people agree, failures and refusals fail the command', async () => {
  const root = project({ 'pipelines/others.ts': OTHERS });
  const { code, dags } = await twice(root);
  expect(code).toBe(1);
  expect(dags.map(({ dag, ok, states, refused }) => [dag, ok, states ?? refused?.code])).toEqual([
    ['asks', true, ['success', 'success']],
    ['broken', false, ['failed']],
    ['counts', false, ['success', 'success']],
    ['elsewhere', false, 'unknown-connection'],
  ]);
  expect(dags[2]?.differences).toEqual([
    { kind: 'state', name: 'a', got: 'success, then skipped', by: ['a'] },
    { kind: 'state', name: 'b', got: 'skipped, then success', by: ['b'] },
    { kind: 'value', name: 'seen', got: 'output.runs: 0, then 1', by: ['seen'] },
    { kind: 'value', name: 'way', got: 'output: "first", then "later"', by: ['way'] },
  ]);
});

test('what cannot be is refused, and no copy stays behind', async () => {
  const root = project({ 'pipelines/others.ts': OTHERS });
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tutti-test-'));
  expect((await tutti(root, 'test', 'nowhere')).code).toBe(3);
  expect((await tutti(root, 'test', 'asks', '-d', '2026-13-01')).code).toBe(2);
  expect((await tutti(root, 'test', 'asks', '-p', 'x=1')).code).toBe(2);
  expect((await tutti(root, 'test', 'broken')).stdout).toContain('boom: Error: no such table');
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('tutti-test-'));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
});
