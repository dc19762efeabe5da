import { describe, expect, test } from 'vitest';
import { type DagHere, type DagThere, deployPlan } from '../../../lib/cli/deploy/deploy-plan.ts';
import { renderDeployPlan } from '../../../lib/cli/deploy/render-deploy-plan.ts';
import { compile } from '../../../lib/compiler/compile.ts';
import { cron, dag, fn } from '../../../lib/index.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { Manifest, VersionParts } from '../../../lib/model/manifest.ts';
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

function here(of: DagNode, more: Partial<Manifest> = {}): DagHere {
  const compiled = compile(of);
  return { dag: of, compiled, permissions: [], manifest: { ...compiled.manifest, ...more } };
}

/** As what is deployed has them. */
const PARTS: VersionParts = {
  definition: 'd1',
  code: 'c1',
  runtime: 'r1',
  connections: 'b1',
  configuration: 'f1',
  rights: 'p1',
};

async function there(of: DagNode, more: Partial<Manifest> = {}) {
  const world = rig('2026-01-10T12:00:00Z');
  const compiled = compile(of);
  const manifest = { ...compiled.manifest, ...more };
  await registerDags(world, [{ dag: of, manifest }]);
  await trigger(world, PERSON, { dagId: of.id });
  const head = await world.store.dags.head(of.id);
  if (head === undefined) throw new Error('must be registered');
  const open = await world.store.runs.open();
  return {
    head,
    version: { dag: of, manifest },
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
    const after = here(salesAt(3, ['a', 'b', 'c']));
    const { dags, monthly } = deployPlan('prod', [after], [before], NOW);
    expect(dags).toEqual([
      {
        dagId: 'sales',
        change: 'changed',
        version: {
          before: before.head.version,
          after: after.manifest?.hash,
          parts: [],
        },
        isVersionAlone: false,
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

  test('says what follows of many changes, however many they are', () => {
    const tasks = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const lines = renderDeployPlan(deployPlan('prod', [here(salesAt(2, tasks))], [], NOW), PLAIN).split('\n');
    expect(lines.slice(12)).toEqual([
      '  + task t18',
      '    and 49 more (--json has them all)',
      '    9 intervals get a run at once: 2026-01-01T02:00:00Z … 2026-01-09T02:00:00Z',
      expect.stringMatching(/^ {4}a month: \$0\.00 → /),
      expect.stringMatching(/^a month: /),
    ]);
  });

  test('counts one interval as one', () => {
    const day = Date.parse('2026-01-02T12:00:00Z');
    const text = renderDeployPlan(deployPlan('prod', [here(salesAt(2, ['a']))], [], day), PLAIN);
    expect(text).toContain('1 interval gets a run at once: 2026-01-01T02:00:00Z');
  });

  describe('of the same DAG that is made of something else', () => {
    const same = salesAt(2, ['a', 'b']);
    const old = { hash: 'aaaa1111bbbb2222', parts: PARTS };
    const planned = async (after: Partial<Manifest>, change: (there: DagThere) => DagThere = (it) => it) => {
      const before = change({ ...(await there(same, old)), permissions: [] });
      const plan = deployPlan('prod', [here(same, after)], [before], NOW);
      return { plan, lines: renderDeployPlan(plan, PLAIN).split('\n') };
    };

    test('names what differs, and counts it by itself', async () => {
      const { plan, lines } = await planned({ hash: 'cccc3333dddd4444', parts: { ...PARTS, code: 'c2' } });
      expect(plan.dags).toMatchObject([
        {
          dagId: 'sales',
          change: 'changed',
          version: { before: old.hash, after: 'cccc3333dddd4444', parts: ['code'] },
          isVersionAlone: true,
          tasks: { added: [], removed: [], changed: [] },
          inFlight: [{ state: 'running', version: old.hash }],
        },
      ]);
      expect(lines.slice(0, 3)).toEqual([
        'prod: 1 changed (1 by code alone)',
        '~ sales',
        '  ~ code: version aaaa1111 → cccc3333',
      ]);
    });

    test('names all that differs', async () => {
      const parts = { ...PARTS, runtime: 'r2', configuration: 'f2', rights: 'p2' };
      const { lines } = await planned({ hash: 'cccc3333dddd4444', parts });
      expect(lines.slice(0, 3)).toEqual([
        'prod: 1 changed (1 by runtime, function configuration and rights alone)',
        '~ sales',
        '  ~ runtime, function configuration and rights: version aaaa1111 → cccc3333',
      ]);
    });

    test('names the versions where one of them does not tell what it is made of', async () => {
      const { lines } = await planned({ hash: 'cccc3333dddd4444' });
      expect(lines.slice(0, 3)).toEqual([
        'prod: 1 changed (1 by version alone)',
        '~ sales',
        '  ~ version aaaa1111 → cccc3333',
      ]);
    });

    test('says that somebody went back to the version before, and when that ends', async () => {
      const hash = 'cccc3333dddd4444';
      const pinned = async (pinnedFrom: string) => {
        const after = { hash, parts: { ...PARTS, code: 'c2' } };
        const change = (each: DagThere) => ({ ...each, head: { ...each.head, pinnedFrom } });
        const { plan, lines } = await planned(after, change);
        return [plan.dags[0]?.version?.pin, lines[2]];
      };
      expect(await pinned('eeee5555ffff6666')).toEqual([
        'ends',
        '  ~ code: version aaaa1111 (pinned) → cccc3333',
      ]);
      expect(await pinned(hash)).toEqual([
        'stays',
        '  ~ code: version aaaa1111 (pinned) → cccc3333 once its stack changes',
      ]);
    });

    test('is none where all is the same', async () => {
      expect((await planned(old)).plan.dags).toEqual([]);
    });
  });
});
