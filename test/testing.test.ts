import { expect, test } from 'vitest';
import { compile, runDag, simulate } from '../lib/testing.ts';
import { temporaryFolder, testDag } from './local/dag.ts';

const dag = testDag({
  fetch: { body: () => 1, retries: [{ attempts: 1, delay: 3600 }] },
  load: { after: ['fetch'], body: () => 2 },
});

test('a script is played in virtual time: an hour between two tries takes no time', async () => {
  const script = { fetch: [{ outcome: 'failed', durationSec: 10 }, { durationSec: 20 }] } as const;
  const run = await simulate(compile(dag), script);
  expect(run).toMatchObject({ state: 'success', endSec: 10 + 3600 + 20 + 1 });
  expect(run.tasks['fetch']?.tries).toBe(2);
});

test('the same DAG runs for real in a folder', async () => {
  expect(await runDag(dag, { root: temporaryFolder() })).toMatchObject({ state: 'success' });
});
