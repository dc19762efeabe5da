import { expect, test } from 'vitest';
import { nearest } from '../../lib/base/suggest.ts';

test.each([
  ['retrys', ['timeout', 'retries'], 'retries'],
  ['fetch_order', ['fetch_orders', 'fetch_users'], 'fetch_orders'],
  ['Europe/Berln', ['Europe/Bern', 'Europe/Berlin'], 'Europe/Bern'],
  ['timeuot', ['timeout'], 'timeout'],
  ['TIMEOUT', ['timeout'], 'timeout'],
  ['transform_customers_v2', ['transform_customer'], 'transform_customer'],
])('%s means one of %j', (name, candidates, meant) => {
  expect(nearest(name, candidates)).toBe(meant);
});

test.each([
  ['b', ['a']],
  ['load', ['fetch', 'clean']],
  ['x', []],
])('%s means none of %j', (name, candidates) => {
  expect(nearest(name, candidates)).toBeUndefined();
});

test('the nearer of two candidates wins, and the first of two equally near', () => {
  expect(nearest('cleam', ['clear', 'clean', 'cleam_all'])).toBe('clear');
  expect(nearest('orders', ['order', 'orders_v', 'orders'])).toBe('orders');
});
