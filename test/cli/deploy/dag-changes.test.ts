import { expect, test } from 'vitest';
import { dagChange } from '../../../lib/cli/deploy/dag-changes.ts';
import { cron, dag, fn } from '../../../lib/index.ts';

const before = dag('sales', { schedule: cron('0 2 * * *'), catchup: true }, ({ task }) => {
  const fetch = task(
    'fetch',
    fn(async () => 1),
  );
  const check = task(
    'check',
    fn(async () => 2),
    { after: fetch },
  );
  task(
    'load',
    fn(async () => 3),
    { after: check },
  );
});
const after = dag('sales', { schedule: cron('0 3 * * *'), owner: 'data' }, ({ task }) => {
  const fetch = task(
    'fetch',
    fn(async () => 1),
    { timeout: '1m' },
  );
  const load = task(
    'load',
    fn(async () => 3),
    { after: fetch },
  );
  task(
    'report',
    fn(async () => 4),
    { after: load },
  );
});

test('the same DAG, read back from a store, has no change', () => {
  const kept = JSON.parse(JSON.stringify(before));
  const { tasks, id, ...others } = kept;
  expect(dagChange({ tasks, ...others, id }, before)).toBeUndefined();
});

test('tasks, edges and settings are told by their names', () => {
  expect(dagChange(before, after)).toEqual({
    dagId: 'sales',
    change: 'changed',
    tasks: { added: ['report'], removed: ['check'], changed: ['fetch'] },
    edges: {
      added: ['fetch → load', 'load → report'],
      removed: ['check → load', 'fetch → check'],
      changed: [],
    },
    settings: ['catchup', 'owner', 'schedule'],
  });
});

test('a new DAG has all of its tasks added, one that is gone all removed', () => {
  expect(dagChange(undefined, before)).toMatchObject({
    change: 'added',
    tasks: { added: ['check', 'fetch', 'load'] },
  });
  expect(dagChange(before, undefined)).toMatchObject({
    change: 'removed',
    tasks: { removed: ['check', 'fetch', 'load'] },
  });
});
