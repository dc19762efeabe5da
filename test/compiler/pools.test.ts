import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { pooledTasks } from '../../lib/compiler/pools.ts';
import type { ScriptedTry } from '../../lib/local/script.ts';
import { simulate } from '../../lib/local/simulate.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { TaskNode } from '../../lib/model/task.ts';
import * as features from '../features.ts';
import { testDag } from '../local/dag.ts';

const UNPOOLED: ReadonlySet<string> = new Set(['choose', 'shortCircuit', 'at']);
/** DAGs whose tasks hold no place yet. */
const FEATURES = Object.values(features).filter(({ pools = [] }) => pools.length === 0);

/** The DAG with a place for every task: none ever waits. */
function allPooled(dag: DagNode): DagNode {
  const pool = { name: 'all', slots: 1 };
  const tasks = dag.tasks.map((task) => (UNPOOLED.has(task.call.kind) ? task : { ...task, pool }));
  return { ...dag, tasks, pools: [{ name: 'all', slots: 10_000 }] };
}

const OPTIONS = [{}, { limits: { inlineItems: 1 } }] as const;
const CASES = FEATURES.flatMap((dag) => OPTIONS.map((options) => [dag.id, options, dag] as const));

describe.each(CASES)('%s %j, all of it in a pool', (_, options, dag) => {
  const OUTPUT = { rows: 3, files: ['a.json', 'b.json'] };
  const failing: readonly (string | undefined)[] = [undefined, ...dag.tasks.map(({ id }) => id)];
  const script = (fails: string | undefined, outcome: ScriptedTry['outcome']) =>
    Object.fromEntries(
      dag.tasks.map(({ id }) => [
        id,
        [id === fails ? { outcome: outcome ?? 'success' } : { output: OUTPUT }],
      ]),
    );

  test('is a machine that Step Functions accepts', () => {
    expect(checkDefinition(compile(allPooled(dag), options).definition)).toEqual([]);
  });

  test.each(['failed', 'skipped'] as const)(
    'ends as without, at the same instants, whatever is %s',
    async (outcome) => {
      const without = compile(dag);
      const within = compile(allPooled(dag));
      for (const fails of failing) {
        const played = script(fails, outcome);
        const [one, other] = await Promise.all([simulate(without, played), simulate(within, played)]);
        expect(other.tasks, fails).toEqual(one.tasks);
        expect({ state: other.state, endSec: other.endSec }).toEqual({
          state: one.state,
          endSec: one.endSec,
        });
        const asked = other.events.filter(
          ({ type, details }) => type === 'TaskStateEntered' && /· acquire$/.test(String(details['name'])),
        );
        expect(other.transitions - one.transitions, fails).toBe(2 * asked.length);
      }
    },
  );
});

describe('a lease', () => {
  const leaseOf = (task: Partial<TaskNode>) => {
    const pool = { name: 'db', slots: 1 };
    const pools = [{ name: 'db', slots: 4 }];
    return pooledTasks(testDag({ a: { ...task, pool } }, { pools })).get('a')?.leaseSec;
  };

  test('lasts five minutes longer than all tries and the waits between them may', () => {
    expect(leaseOf({ timeout: '10m' })).toBe(600 + 300);
    expect(leaseOf({ timeout: '10m', retries: [{ attempts: 2, delay: '1m' }] })).toBe(3 * 600 + 2 * 60 + 300);
    // Each wait counts as the longest: 1, 2, 4 minutes, but at most 3.
    const retries = [{ attempts: 3, delay: '1m', backoff: 2, maxDelay: '3m' }] as const;
    expect(leaseOf({ timeout: '10m', retries })).toBe(4 * 600 + 3 * 180 + 300);
  });

  test('is as long as a function may run where nothing is said', () => {
    expect(leaseOf({})).toBe(900 + 300);
  });
});
