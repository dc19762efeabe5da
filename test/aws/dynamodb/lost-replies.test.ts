import { expect, test } from 'vitest';
import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import { backfill, backfillDate, dateOf, head, row, run, version } from '../../store/build.ts';
import { storeContract } from '../../store/contract.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { losingReplies } from './lost-replies.ts';

await onDynamoDB('DynamoDB whose replies are lost', (local) => {
  const { client, lost } = losingReplies(local.client());
  const open = async () => openDynamoStore({ client, table: await local.newTable() });
  storeContract('DynamoDB whose replies are lost', open, { many: 10 });

  test('is still who wrote first', async () => {
    const { runs, dags, backfills, leases, taskRuns } = await open();
    const before = lost();
    expect(await runs.create(run(1))).toBe(true);
    expect(
      await runs.update({ dagId: 'sales', runId: dateOf(1) }, { states: ['queued'] }, { state: 'starting' }),
    ).toMatchObject({ state: 'starting', rev: 1 });
    expect(await runs.admit('sales', 'main', 'a#1', 1)).toBe(true);
    expect(await dags.createHead(head('sales'))).toBe(true);
    expect(await dags.updateHead('sales', 0, { paused: true })).toMatchObject({ rev: 1 });
    await dags.putVersion(version('sales', 'h1'));
    expect(await backfills.create(backfill('01A'), [backfillDate(1, 0)])).toBe(true);
    expect(await backfills.update('sales', '01A', 0, { state: 'paused' })).toMatchObject({ rev: 1 });
    const date = { dagId: 'sales', id: '01A', logicalDate: dateOf(1) };
    expect(await backfills.updateDate(date, 'pending', { state: 'queued' })).toBe(true);
    expect(await leases.acquire('one', { id: 'ann' }, 200, 100)).toBeUndefined();
    expect(await leases.once('key', { n: 1 }, 200, 100)).toBeUndefined();
    await taskRuns.put({ dagId: 'sales', runId: dateOf(1) }, [row('a')]);
    expect(await taskRuns.list({ dagId: 'sales', runId: dateOf(1) })).toEqual([row('a')]);
    expect(lost() - before).toBeGreaterThan(20);
  });
});
