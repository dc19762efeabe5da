import { describe, expect, test } from 'vitest';
import { leavingDags } from '../../../lib/cli/deploy/leaving.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { PERSON, rig, versionOf } from '../../orchestrator/rig.ts';

const AWS = { account: '000000000000', region: 'us-east-1' };

async function deployed() {
  const world = rig('2026-01-05T00:00:00Z');
  const dags = ['sales', 'flights'].map((id) => versionOf(id, { kind: 'manual' }));
  await registerDags(world, dags, { stack: '0' });
  await trigger(world, PERSON, { dagId: 'sales' });
  return { heads: await world.store.dags.heads(), open: await world.store.runs.open() };
}

const placed = (...ids: readonly string[]) => ids.map((id) => ({ id, tags: [] }));

describe('DAGs that leave a stack', () => {
  test('none, where every DAG stays', async () => {
    const { heads, open } = await deployed();
    const place = { environment: 'dev', aws: AWS };
    expect(leavingDags(place, heads, placed('sales', 'flights', 'more'), open)).toEqual([]);
  });

  test('one that is gone, with the runs that go on', async () => {
    const { heads, open } = await deployed();
    const place = { environment: 'dev', aws: AWS };
    expect(leavingDags(place, heads, placed('flights'), open)).toEqual([
      { dagId: 'sales', stack: '0', active: [open[0]?.id] },
    ]);
    expect(leavingDags(place, heads, placed('sales'), open)).toEqual([
      { dagId: 'flights', stack: '0', active: [] },
    ]);
  });

  test('one that moves to another stack', async () => {
    const { heads, open } = await deployed();
    const place = { environment: 'dev', aws: { ...AWS, stacks: () => 'data' } };
    expect(leavingDags(place, heads, placed('sales', 'flights'), open)).toMatchObject([
      { dagId: 'flights', stack: '0', to: 'data', active: [] },
      { dagId: 'sales', stack: '0', to: 'data', active: [open[0]?.id] },
    ]);
  });
});
