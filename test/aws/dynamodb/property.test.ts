/** Whatever is asked of them in whatever order, memory and DynamoDB answer alike. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import { RefusedError } from '../../../lib/base/errors.ts';
import { memoryStore } from '../../../lib/store/memory.ts';
import { type Asked, type Step, step } from '../../local/sqlite/steps.ts';
import { onDynamoDB } from '../dynamodb-local.ts';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 10);

await onDynamoDB('DynamoDB', (local) => {
  test('random steps have the same answers from both', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step(), { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
        const memory: Asked = { store: memoryStore() };
        const table = await local.newTable();
        const dynamo: Asked = { store: openDynamoStore({ client: local.client(), table }) };
        for (const one of steps) expect(await answer(one, dynamo)).toEqual(await answer(one, memory));
      }),
      { numRuns: RUNS, ...(process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }) },
    );
  }, 300_000);
});

async function answer(one: Step, asked: Asked): Promise<unknown> {
  try {
    return await one(asked);
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
}
