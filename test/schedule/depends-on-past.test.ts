import { expect, test } from 'vitest';
import type { CellState } from '../../lib/model/state-chars.ts';
import { pastBlockers } from '../../lib/schedule/depends-on-past.ts';
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
  const held = (states: Readonly<Record<string, CellState>>) =>
    pastBlockers(dag, { logicalDate: '2026-01-01T00:00:00Z', states: new Map(Object.entries(states)) });
  expect(held({ a: 'success', b: 'skipped', c: 'skipped', d: 'success' })).toEqual([]);
  expect(held({ a: 'success', b: 'failed', c: 'success', d: 'success' })).toEqual([
    { task: 'b', state: 'failed' },
  ]);
  expect(held({ a: 'success', b: 'success', c: 'none', d: 'failed' })).toEqual([
    { task: 'c', state: 'none' },
    { task: 'd', state: 'failed' },
  ]);
  expect(held({ c: 'failed' })).toEqual([{ task: 'c', state: 'failed' }]);
  expect(held({})).toEqual([]);
  expect(pastBlockers(dag, undefined)).toEqual([]);
});
