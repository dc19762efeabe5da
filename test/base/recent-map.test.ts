import { expect, test } from 'vitest';
import { RecentMap } from '../../lib/base/recent-map.ts';

test('the last one set is the last to go', () => {
  const kept = new RecentMap<string, number>(2);
  kept.set('a', 1);
  kept.set('b', 2);
  kept.set('a', 3);
  kept.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual([3, undefined, 4]);
  kept.delete('c');
  kept.set('d', 5);
  expect(['a', 'c', 'd'].map((key) => kept.get(key))).toEqual([3, undefined, 5]);
});
