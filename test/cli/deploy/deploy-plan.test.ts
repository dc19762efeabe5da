import { describe, expect, test } from 'vitest';
import { deployPlan } from '../../../lib/cli/deploy/deploy-plan.ts';
import { renderDeployPlan } from '../../../lib/cli/deploy/render-deploy-plan.ts';
import { compile } from '../../../lib/compiler/compile.ts';
import { cron, dag, fn } from '../../../lib/index.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { PERSON, rig } from '../../orchestrator/rig.ts';

const NOW = Date.parse('2026-01-10T12:00:00Z');
const PERMISSION = { actions: ['glue:StartJobRun'], resources: ['arn:aws:glue:eu-central-1:1:job/a'] };
const PLAIN: Parameters<typeof renderDeployPlan>[1] = { paint: (_, text) => text };

function salesAt(hour: number, tasks: readonly string[]): DagNode {
  return dag(
    'sales',
    { schedule: cron(`0 ${hour} * * *`), start: '2026-01-01', catchup: true },
    ({ task }) => {
      tasks.reduce<ReturnType<typeof task> | undefined>(
        (before, id) =>
          task(
            id,
            fn(async () => 1),
            before === undefined ? {} : { after: before },
          ),
        undefined,
      );
    },
  );
}

const here = (of: DagNode) => ({ dag: of, compiled: compile(of), permissions: [] });

async function there(of: DagNode) {
  const world = rig('2026-01-10T12:00:00Z');
  const compiled = compile(of);
  await registerDags(world, [{ dag: of, manifest: compiled.manifest }]);
  await trigger(world, PERSON, { dagId: of.id });
  const head = await world.store.dags.head(of.id);
  if (head === undefined) throw new Error('must be registered');
  const open = await world.store.runs.open();
  return {
    head,
    version: { dag: of, manifest: compiled.manifest },
    compiled,
    permissions: [PERMISSION],
    open,
  };
}

describe('the plan of a deployment', () => {
  test('an unchanged project changes nothing', async () => {
    const before = { ...(await there(salesAt(2, ['a', 'b']))), permissions: [] };
    const plan = deployPlan('prod', [here(salesAt(2, ['a', 'b']))], [before], NOW);
    expect(plan.dags).toEqual([]);
    expect(renderDeployPlan(plan, PLAIN)).toMatch(/^nothing changes in prod, about \$0\.00\d+ a month$/);
  });

  test('tells tasks, edges, schedules, permissions, intervals, dollars and what is in flight', async () => {
    const before = await there(salesAt(2, ['a', 'b']));
    const { dags, monthly } = deployPlan('prod', [here(salesAt(3, ['a', 'b', 'c']))], [before], NOW);
    expect(dags).toEqual([
      {
        dagId: 'sales',
        change: 'changed',
        tasks: { added: ['c'], removed: [], changed: [] },
        edges: { added: ['b → c'], removed: [], changed: [] },
        settings: ['schedule'],
        schedules: { added: ['cron(0 3 * * ? *) UTC'], removed: ['cron(0 2 * * ? *) UTC'], changed: [] },
        permissions: {
          added: [],
          removed: ['glue:StartJobRun arn:aws:glue:eu-central-1:1:job/a'],
          changed: [],
        },
        // The schedule moved by an hour: its intervals are others, from the start on.
        intervals: { first: '2026-01-01T03:00:00Z', last: '2026-01-09T03:00:00Z', count: 9, more: false },
        inFlight: [{ run: before.open[0]?.id, state: 'running', version: before.head.version }],
        monthly,
      },
    ]);
    expect(monthly.after).toBeGreaterThan(monthly.before);
  });

  test('a new DAG shows its catchup, one that is gone costs nothing any more', async () => {
    const added = deployPlan('prod', [here(salesAt(2, ['a']))], [], NOW);
    expect(added.dags).toMatchObject([{ change: 'added', intervals: { count: 9 }, monthly: { before: 0 } }]);
    const removed = deployPlan('prod', [], [await there(salesAt(2, ['a']))], NOW);
    expect(removed.dags).toMatchObject([
      { change: 'removed', intervals: { count: 0 }, monthly: { after: 0 } },
    ]);
    expect(renderDeployPlan(removed, PLAIN)).toContain('is running and keeps version');
  });
});
