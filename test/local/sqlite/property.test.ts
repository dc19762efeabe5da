/** Whatever is asked of them in whatever order, memory and SQLite answer alike. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RefusedError } from '../../../lib/base/errors.ts';
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import { memoryStore } from '../../../lib/store/memory.ts';
import { newFolder } from './folder.ts';
import { type Asked, type Step, step } from './steps.ts';

test('random steps have the same answers from both', async () => {
  const folder = newFolder();
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step(), { minLength: 1, maxLength: 80, size: 'max' }), async (steps) => {
      const memory: Asked = { store: memoryStore() };
      const sqlite: Asked = { store: openSqliteStore(join(folder, `${++files}.db`)) };
      for (const one of steps) expect(await answer(one, sqlite)).toEqual(await answer(one, memory));
      await sqlite.store.close();
    }),
    { numRuns: 100 },
  );
});

async function answer(one: Step, asked: Asked): Promise<unknown> {
  try {
    return await one(asked);
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
}
