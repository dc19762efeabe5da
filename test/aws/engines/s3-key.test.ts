/** `s3.key`: what a look of the sensor sees of a bucket. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { s3Key } from '../../../lib/aws/engines/s3-key.ts';
import type { EngineContext } from '../../../lib/aws/task/engine-call.ts';
import { BUCKET, S3Service } from './s3-service.ts';

const s3 = new S3Service();
beforeAll(async () => {
  await s3.start();
});
afterAll(() => s3.stop());
beforeEach(() => s3.objects.clear());

/** A look needs nothing of a call but these. */
async function seen(key: string): Promise<unknown> {
  if (!('answer' in s3Key)) throw new Error('a look answers at once');
  const { signal } = new AbortController();
  const context = { args: { bucket: BUCKET, key }, clients: { s3: async () => s3.client() }, signal };
  return s3Key.answer(context as unknown as EngineContext);
}

test('nothing is there', async () => {
  expect(await seen('orders/a.csv')).toEqual({ bucket: BUCKET, key: '', keys: [] });
  expect(await seen('orders/*.csv')).toEqual({ bucket: BUCKET, key: '', keys: [] });
});

test('one key is that object and no other', async () => {
  s3.put('orders/a.csv.part', 'x');
  expect(await seen('orders/a.csv')).toMatchObject({ keys: [] });
  s3.put('orders/a.csv', 'x');
  expect(await seen('orders/a.csv')).toEqual({
    bucket: BUCKET,
    key: 'orders/a.csv',
    keys: ['orders/a.csv'],
  });
});

test('a pattern is what matches it, sorted', async () => {
  for (const key of ['orders/b.csv', 'orders/a.csv', 'orders/x/c.csv', 'orders/a.json']) s3.put(key, 'x');
  expect(await seen('orders/*.csv')).toMatchObject({
    key: 'orders/a.csv',
    keys: ['orders/a.csv', 'orders/b.csv'],
  });
  expect(await seen('orders/**.csv')).toMatchObject({
    keys: ['orders/a.csv', 'orders/b.csv', 'orders/x/c.csv'],
  });
});
