import { expect, test } from 'vitest';
import { startedElsewhere } from '../../lib/cli/ledger/with-places.ts';
import { sales, worldOf } from '../orchestrator/changes.ts';

test('a command that leaves runs to a tutti dev takes the DAGs as they are now for what that can start', async () => {
  const { launcher, store } = await worldOf(sales);
  const left = startedElsewhere({ ...launcher, hasCode: async () => false }, store);
  expect(await left.hasCode?.('d', sales.manifest.hash)).toBe(true);
  expect(await left.hasCode?.('d', 'another')).toBe(false);
  expect(await left.hasCode?.('x', sales.manifest.hash)).toBe(false);
  expect(await left.describe('none', { dagId: 'd', runId: 'none' })).toBe('unknown');
});
