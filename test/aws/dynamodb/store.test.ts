/** What only a table has: its limits, its index, its times to live, and what writers leave that die in their midst. */

import { randomBytes } from 'node:crypto';
import type { AttributeValue, BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import type { AwsClient, Command } from '../../../lib/aws/signed/command.ts';
import { BatchWriteItemCommand, UpdateItemCommand } from '../../../lib/aws/signed/commands.ts';
import { backfill, backfillDate, dateOf, ended, entry, head, row, run, version } from '../../store/build.ts';
import { type DynamoDBLocal, onDynamoDB } from '../dynamodb-local.ts';
import { ScanCommand } from './commands.ts';

const KEY = { dagId: 'sales', runId: dateOf(1) };

await onDynamoDB('DynamoDB', (local) => {
  describe('the table', () => tableTests(local));
  describe('writers that die', () => dyingTests(local));
});

function tableTests(local: DynamoDBLocal): void {
  const open = async () => {
    const table = await local.newTable();
    const client = local.client();
    return { table, client, store: openDynamoStore({ client, table }) };
  };

  test('must be there', async () => {
    const store = openDynamoStore({ client: local.client(), table: 'tutti-prod' });
    const refusal = {
      code: 'no-table',
      message:
        'table "tutti-prod": must exist in this account and region, got none; run cdk deploy for its environment',
    };
    for (const ask of [
      async () => store.dags.heads(),
      async () => store.runs.get(KEY),
      async () => store.runs.create(run(1)),
      async () => store.runs.changes(),
      async () => store.backfills.create(backfill('01A'), [backfillDate(1, 0)]),
      async () => store.leases.once('a', 1, 2, 1),
      async () => store.audit.list({}),
    ])
      await expect(ask()).rejects.toMatchObject(refusal);
  });

  test('keeps what is larger than an item: versions, task runs, what runs recorded', async () => {
    const { store, client, table } = await open();
    const noise = (bytes: number) => randomBytes(bytes).toString('base64');
    const [large, other] = [version('sales', 'h1', noise(900_000)), version('sales', 'h1', noise(500_000))];
    await store.dags.putVersion(large);
    expect(await store.dags.version('sales', 'h1')).toEqual(large);
    await store.dags.putVersion(other);
    expect(await store.dags.version('sales', 'h1')).toEqual(other);
    await store.dags.putVersion(version('sales', 'h1'));
    // Nothing is left of those before.
    expect((await itemsOf(client, table)).map(sortKeyOf)).toEqual(['V#h1']);
    await store.runs.create(run(1));
    const tries = (cause: string) => [{ startMs: 1, state: 'failed', error: 'E', cause }] as const;
    const rows = Array.from({ length: 1_500 }, (_, index) =>
      row('load', { instance: String(index), tries: tries(noise(2_900).slice(0, 3_900)) }),
    );
    await store.taskRuns.put(KEY, rows);
    expect(await store.taskRuns.list(KEY)).toEqual(rows);
    const last = row('load', { instance: '1499', state: 'failed' });
    await store.taskRuns.put(KEY, [last]);
    expect(await store.taskRuns.list(KEY)).toEqual([...rows.slice(0, -1), last]);
    const outputs = new Map([['a', { text: noise(800_000) }]]);
    const recorded = { states: new Map(), outputs, marks: {}, records: [] };
    await store.taskRuns.putRecorded(KEY, recorded);
    expect(await store.taskRuns.recorded(KEY)).toEqual(recorded);
    await store.runs.update(KEY, { states: ['queued'] }, { state: 'success' });
    await store.runs.prune({ keep: 0 });
    expect((await itemsOf(client, table)).filter(({ pk }) => pk?.S?.startsWith('RUN#'))).toEqual([]);
  });

  test('takes in a backfill of thousands of dates, whatever of it is left undone at first', async () => {
    const table = await local.newTable();
    const throttled = throttling(local.client());
    const store = openDynamoStore({ client: throttled.client, table });
    const dates = Array.from({ length: 3_000 }, (_, index) => backfillDate(index, index));
    expect(await store.backfills.create(backfill('01A'), dates)).toBe(true);
    expect(throttled.left).toBeGreaterThan(5);
    expect(await store.backfills.dates('sales', '01A')).toEqual(dates);
    expect(await store.backfills.dates('sales', '01A', ['pending'], 3)).toEqual(dates.slice(0, 3));
  });

  test('says in its index which runs are open and which failed, and when what goes by itself goes', async () => {
    const { store, client, table } = await open();
    await store.runs.create(run(1));
    await store.runs.create(ended(2, { state: 'failed' }));
    await store.runs.create(ended(3));
    const before = Math.floor(Date.now() / 1000);
    await store.taskRuns.put(KEY, [row('a')]);
    await store.audit.append(entry('01A'));
    await store.leases.acquire('one', { id: 'ann' }, 1_000_000, 1);
    const items = await itemsOf(client, table);
    const of = (prefix: string) =>
      items.filter((item) => `${item['pk']?.S} ${item['sk']?.S}`.startsWith(prefix));
    expect(of('DAG#sales RUN#').map((item) => [item['gsi1pk']?.S, item['gsi1sk']?.S])).toEqual([
      ['RUN#open', `${dateOf(2)}#sales#${dateOf(1)}`],
      ['RUN#failed', `${dateOf(3)}#sales#${dateOf(2)}`],
      ['RUN#success', `${dateOf(4)}#sales#${dateOf(3)}`],
    ]);
    expect(items.filter((item) => item['gsi1pk'] !== undefined)).toHaveLength(3);
    const days = (prefix: string) =>
      of(prefix).map((item) => Math.round((Number(item['ttl']?.N) - before) / 86_400));
    expect(days(`RUN#sales#${dateOf(1)} T#`)).toEqual([400]);
    expect(days('LOG#2026-01')).toEqual([400]);
    expect(of('LOCK#one').map((item) => item['ttl']?.N)).toEqual([String(1_000 + 86_400)]);
    expect(of('DAG#sales RUN#').filter((item) => item['ttl'] !== undefined)).toEqual([]);
  });

  test('gives names that no item can have to nobody', async () => {
    const { store } = await open();
    const long = 'x'.repeat(3_000);
    expect(await store.runs.get({ dagId: 'sales', runId: long })).toBeUndefined();
    expect(await store.dags.head(long)).toBeUndefined();
    expect(await store.dags.version(long, 'h1')).toBeUndefined();
    expect((await store.runs.list({ dagId: long })).items).toEqual([]);
    expect((await store.runs.list({ dagId: 'sales', from: long })).items).toEqual([]);
    expect(await store.taskRuns.list({ dagId: 'sales', runId: long })).toEqual([]);
    expect(await store.backfills.get('sales', long)).toBeUndefined();
  });
}

function dyingTests(local: DynamoDBLocal): void {
  test('are told of once what they announced is written, however late', async () => {
    const table = await local.newTable();
    const store = openDynamoStore({ client: local.client(), table });
    await store.runs.create(run(1));
    const { cursor } = await store.runs.changes();
    const slow = stopping(local.client(), 'PutItem', 2);
    const late = openDynamoStore({ client: slow.client, table }).runs.create(run(2));
    await slow.reached;
    // Another is done before it.
    await store.runs.create(run(3));
    const first = await store.runs.changes(cursor);
    expect(first.runs).toEqual([run(3)]);
    expect((await store.runs.changes(first.cursor)).runs).toEqual([]);
    const now = await store.runs.changes();
    slow.goOn();
    expect(await late).toBe(true);
    const second = await store.runs.changes(first.cursor);
    expect(second.runs).toEqual([run(2)]);
    expect(await store.runs.changes(second.cursor)).toEqual({ runs: [], dags: [], cursor: second.cursor });
    // Also to those who came while it was under way.
    expect((await store.runs.changes(now.cursor)).runs).toEqual([run(2)]);
  });

  test('leave a run that has ended among the newest, and their mark goes when it is old', async () => {
    const table = await local.newTable();
    const client = local.client();
    const store = openDynamoStore({ client, table });
    await store.dags.createHead(head('sales'));
    await store.runs.create(run(1, { state: 'running' }));
    const dying = stopping(local.client(), 'UpdateItem', 2);
    void openDynamoStore({ client: dying.client, table }).runs.update(
      KEY,
      { states: ['running'] },
      { state: 'success' },
    );
    await dying.reached;
    const told = [{ dagId: 'sales', runs: [expect.objectContaining({ state: 'success' })] }];
    expect(await store.runs.open()).toEqual([]);
    expect(await store.dags.recent(1)).toEqual(told);
    expect(await partition(client, table, 'OPEN')).toHaveLength(1);
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: 'OPEN' }, sk: { S: `sales#${dateOf(1)}` } },
        UpdateExpression: 'set #at = :at',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':at': { N: '0' } },
      }),
    );
    expect(await openDynamoStore({ client: onlyReading(client), table }).runs.open()).toEqual([]);
    expect(await partition(client, table, 'OPEN')).toHaveLength(1);
    expect(await store.runs.open()).toEqual([]);
    expect(await partition(client, table, 'OPEN')).toEqual([]);
    expect(await store.dags.recent(1)).toEqual(told);
  });

  test('never hide a run that was opened again while its end was being told', async () => {
    const table = await local.newTable();
    const store = openDynamoStore({ client: local.client(), table });
    await store.runs.create(run(1, { state: 'running' }));
    const slow = stopping(local.client(), 'DeleteItem', 1);
    const ending = openDynamoStore({ client: slow.client, table }).runs.update(
      KEY,
      { states: ['running'] },
      { state: 'success' },
    );
    await slow.reached;
    await store.runs.update(KEY, { states: ['success'] }, { state: 'queued', attempt: 2 });
    slow.goOn();
    await ending;
    expect((await store.runs.open()).map(({ id, attempt }) => [id, attempt])).toEqual([[dateOf(1), 2]]);
  });
}

type Item = Record<string, AttributeValue>;

async function itemsOf(client: AwsClient, table: string): Promise<readonly Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const page: { Items?: Item[]; LastEvaluatedKey?: Item } = await client.send(
      new ScanCommand({ TableName: table, ...(from === undefined ? {} : { ExclusiveStartKey: from }) }),
    );
    found.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found.sort((a, b) => (sortKeyOf(a) < sortKeyOf(b) ? -1 : 1));
}

async function partition(client: AwsClient, table: string, pk: string): Promise<readonly Item[]> {
  return (await itemsOf(client, table)).filter((item) => item['pk']?.S === pk);
}

function sortKeyOf(item: Item): string {
  return item['sk']?.S ?? '';
}

/** A client of somebody who may not write. */
function onlyReading(client: AwsClient): AwsClient {
  return {
    async send(command) {
      if (/^(Get|BatchGet|Query)/.test(command.name)) return client.send(command);
      throw Object.assign(new Error('not authorized to perform it'), { name: 'AccessDeniedException' });
    },
  };
}

/** A client that stops before the so-manyth command of a kind, until it is let on. */
function stopping(client: AwsClient, kind: string, nth: number) {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: on, resolve: goOn } = Promise.withResolvers<void>();
  let count = 0;
  const send = async <Output>(command: Command<Output>): Promise<Output> => {
    if (command.name === kind && ++count === nth) {
      reach();
      await on;
    }
    return client.send(command);
  };
  return { client: { send }, reached, goOn };
}

/** A client of a table that is throttled: of every third batch it writes half, and leaves half undone. */
function throttling(client: AwsClient) {
  const made = { client: { send }, left: 0 };
  let count = 0;
  async function send<Output>(command: Command<Output>): Promise<Output> {
    if (!(command instanceof BatchWriteItemCommand) || ++count % 3 !== 0) return client.send(command);
    const { RequestItems = {} } = command.input as BatchWriteItemCommandInput;
    const [[table, requests] = ['', []]] = Object.entries(RequestItems);
    const half = Math.ceil(requests.length / 2);
    const input = { ...command.input, RequestItems: { [table]: requests.slice(0, half) } };
    const output = await client.send<Output>({ name: command.name, input });
    const undone = requests.slice(half);
    made.left += undone.length;
    return { ...output, ...(undone.length === 0 ? {} : { UnprocessedItems: { [table]: undone } }) };
  }
  return made;
}
