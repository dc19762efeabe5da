/** A try in a DAG's function is what it is on the laptop: the samples, and every feature of the language. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connection, dag, lambda, simulate, sql } from '../../../lib/index.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { dailySales } from '../../../pipelines/daily-sales.ts';
import { etlExample } from '../../../pipelines/etl-example.ts';
import { flights } from '../../../pipelines/flights.ts';
import { lateFile } from '../../../pipelines/late-file.ts';
import { type Shop, startShop } from '../../../pipelines/support/shop.ts';
import { userDataPipeline } from '../../../pipelines/user-data-pipeline.ts';
import * as features from '../../features.ts';
import { output, testDag } from '../../local/dag.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { onBothSides, type Places } from './both-sides.ts';
import { Cloud } from './cloud.ts';
import type { TestTable } from './rig.ts';

const dags = Object.values(features).filter((value): value is DagNode => 'tasks' in value && 'id' in value);
let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

await onDynamoDB('a try is the same on both sides', (local) => {
  const places = async (more: Partial<Places> = {}): Promise<Places> => {
    const root = mkdtempSync(join(tmpdir(), 'tutti-sides-'));
    mkdirSync(join(root, '.tutti', 'data'), { recursive: true });
    const cloud = new Cloud();
    await cloud.start();
    onTestFinished(() => {
      cloud.stop();
      rmSync(root, { recursive: true, force: true });
    });
    const table: TestTable = { name: await local.newTable(), url: local.url };
    const connections = {
      warehouse: { kind: 'sql', database: join(root, 'warehouse.duckdb') },
      shop: { kind: 'http', baseUrl: shop.url },
    } as const;
    return { root, cloud, table, connections, ...more };
  };

  test.each(dags.map((dag) => [dag.id, dag] as const))('of feature %s', async (_, dag) => {
    const { tries } = await onBothSides(dag, await places());
    expect(tries.map(({ task, lambda }) => [task, lambda])).toEqual(
      tries.map(({ task, laptop }) => [task, laptop]),
    );
    expect(tries.length).toBeGreaterThan(0);
  });

  test.each([
    ['daily_sales', dailySales, '2026-01-05', '2026-01-06'],
    ['etl_example', etlExample, '2026-01-05', '2026-01-12'],
    ['user_data_pipeline', userDataPipeline, '2024-02-29', '2024-03-01'],
    ['flights', flights, '2001-02-01', '2001-03-01'],
    ['late_file', lateFile, '2012-02-01', '2012-03-01'],
  ] as const)('of sample %s', async (_, dag, start, end) => {
    const interval = { start: `${start}T00:00:00Z`, end: `${end}T00:00:00Z`, date: start };
    const { tries, files, status } = await onBothSides(dag, await places({ interval }));
    expect(tries.map(({ task, lambda }) => [task, lambda])).toEqual(
      tries.map(({ task, laptop }) => [task, laptop]),
    );
    expect(files.lambda).toEqual(files.laptop);
    expect(status).toBe('SUCCEEDED');
    expect(Object.keys(files.lambda).length).toBeGreaterThan(0);
  });

  test('where values are large, functions fail, skip, and try again', async () => {
    const text = 'x'.repeat(100_000);
    let tries = 0;
    const dag = testDag({
      read: { body: () => ({ text, rows: 3 }) },
      load: {
        inputs: { text: output('read', 'text'), rows: output('read', 'rows') },
        retries: [{ attempts: 3, delay: '1m' }],
        body: (given: { readonly text: string }) => {
          // Once on either side, then both succeed.
          tries += 1;
          if (tries <= 2) throw new RangeError(`got ${given.text.length}`);
          return given.text.length;
        },
      },
      bad: { body: () => ({ when: new Map() }) },
      skip: {
        body: () => {
          throw Object.assign(new Error('nothing today'), { name: 'SkipTask' });
        },
      },
      late: { after: ['bad', 'skip'], triggerRule: 'all_done', body: () => [text] },
    });
    const compared = await onBothSides(dag, await places());
    const ends = compared.tries.map(({ task, laptop: { outcome } }) => [
      task,
      'error' in outcome ? outcome.error : 'success',
    ]);
    expect(ends.toSorted()).toEqual([
      ['bad', 'Dag.BadOutput'],
      ['late', 'success'],
      ['load', 'RangeError'],
      ['load', 'success'],
      ['read', 'success'],
      ['skip', 'SkipTask'],
    ]);
    for (const { laptop, lambda } of compared.tries) expect(lambda).toEqual(laptop);
  });

  test('what an engine refuses is tried once, what failed as often as its rules say', async () => {
    const failing = (error?: string) =>
      lambda.invoke<number>({
        functionName: 'score',
        local: simulate({ output: { payload: 1 }, failTimes: 9, ...(error === undefined ? {} : { error }) }),
      });
    const retried = { retries: [{ attempts: 2, delay: '1m' }] } as const;
    const byName = {
      retries: [...retried.retries, { on: 'Engine.Refused', attempts: 1, delay: '1m' }],
    } as const;
    const own = dag('refused', {}, ({ task }) => {
      task('refused', failing('Engine.Refused'), retried);
      task('named', failing('Engine.Refused'), byName);
      task('failed', failing(), retried);
      task('sql', connection.sql('warehouse').query(sql`selct 1`), retried);
    });
    const { tries } = await onBothSides(own, await places());
    const counts = Object.groupBy(tries, ({ task }) => task);
    expect(Object.fromEntries(Object.entries(counts).map(([task, all]) => [task, all?.length]))).toEqual({
      refused: 1,
      named: 2,
      failed: 3,
      sql: 1,
    });
    for (const { laptop, lambda: there } of tries) expect(there.outcome).toEqual(laptop.outcome);
  });
});
