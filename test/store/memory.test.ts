import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../lib/store/memory.ts';
import { storeContract } from './contract.ts';

storeContract('memory', memoryStore);

describe('two stores in memory', () => {
  test('ask those who come with a cursor of the other to read anew', async () => {
    const { cursor } = await memoryStore().runs.changes();
    expect(await memoryStore().runs.changes(cursor)).toMatchObject({ runs: [], resync: true });
  });
});
