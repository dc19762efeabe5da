import { expect, test } from 'vitest';
import { heldByPast } from '../../lib/schedule/depends-on-past.ts';
import { node, sales, unit } from '../compiler/rules/graphs.ts';

test('a run waits for tasks that depend on the past, and for what is below them where they say so', () => {
  const dag = sales(
    [
      node('a', { dependsOnPast: true, waitForDownstream: true }),
      node('b', { after: ['a'] }),
      node('c', { dependsOnPast: true }),
      node('d'),
    ],
    {
      groups: [{ ...unit('g', { kind: 'retry', retries: { attempts: 1 } }, { after: ['a'] }), tasks: ['d'] }],
    },
  );
  const held = (states: Readonly<Record<string, 'success' | 'failed' | 'skipped' | 'none'>>) =>
    heldByPast(dag, (task) => states[task]);
  expect(held({ a: 'success', b: 'skipped', c: 'skipped', d: 'success' })).toEqual([]);
  expect(held({ a: 'success', b: 'failed', c: 'success', d: 'success' })).toEqual(['a']);
  expect(held({ a: 'success', b: 'success', c: 'none', d: 'failed' })).toEqual(['a', 'c']);
  expect(held({ c: 'failed' })).toEqual(['c']);
  expect(held({})).toEqual([]);
});
