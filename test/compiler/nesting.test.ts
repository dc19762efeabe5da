import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Branch } from '../../lib/asl/states.ts';
import { type Compiled, compile } from '../../lib/compiler/compile.ts';
import { rootMachine } from '../../lib/compiler/machine.ts';
import { branchesOf } from '../../lib/compiler/split/variables.ts';
import { type Simulation, simulate } from '../../lib/local/simulate.ts';
import { build, dagOf } from '../build.ts';
import type { Case } from '../reference/case.ts';
import { anyCase } from '../reference/random/arbitrary.ts';

const LIMITS = { nested: 32, inlineItems: 40, tasks: 400, events: 15_000, bytes: 800_000 };

/** A chain with one task beside each of its tasks: below it, or above it. */
function comb(length: number, teeth: 'below' | 'above'): Case {
  const tasks = Array.from({ length }, (_, at) => {
    const before = at === 0 ? [] : [`t${at - 1}`];
    const isBelow = teeth === 'below';
    return [
      { id: `c${at}`, upstream: isBelow ? [`t${at}`] : [] },
      { id: `t${at}`, upstream: isBelow ? before : [...before, `c${at}`] },
    ];
  });
  return { name: 'comb', runState: 'leaves', tasks: tasks.flat() };
}

/** Two chains, the second of which waits for the first at every step. */
function ladder(length: number): Case {
  const tasks = Array.from({ length }, (_, at) => [
    { id: `a${at}`, upstream: at === 0 ? [] : [`a${at - 1}`] },
    { id: `b${at}`, upstream: [`a${at}`, ...(at === 0 ? [] : [`b${at - 1}`])] },
  ]);
  return { name: 'ladder', runState: 'leaves', tasks: tasks.flat() };
}

function depthOf({ States }: Branch): number {
  const inner = Object.values(States).flatMap((state) =>
    branchesOf(state).map((branch) => (state.Type === 'Parallel' ? 1 : 0) + depthOf(branch)),
  );
  return Math.max(0, ...inner);
}

function deepest({ definition, parts = {} }: Compiled): number {
  return Math.max(...[definition, ...Object.values(parts)].map(depthOf));
}

describe('Parallels inside each other', () => {
  test.each([
    ['a comb', comb(80, 'below')],
    ['a comb upside down', comb(80, 'above')],
    ['a ladder', ladder(80)],
  ])('are at most 32 of: %s, in the time of its longest chain', async (_, input) => {
    const { dag, script } = build(input);
    const compiled = compile(dag);
    expect(deepest(compiled)).toBeLessThanOrEqual(32);
    const { state, endSec } = await simulate(compiled, script);
    expect([state, endSec]).toEqual(['success', 81]);
  });

  test('need no more than a few latches: one for each line that is cut off', () => {
    expect(compile(build(comb(80, 'below')).dag).plan.latches).toHaveLength(2);
    expect(compile(build(comb(30, 'below')).dag).plan.latches).toHaveLength(0);
  });

  test('whatever their depth, the run is the same', { timeout: 60_000 }, async () => {
    let flatter = 0;
    const property = fc.asyncProperty(anyCase, fc.integer({ min: 1, max: 2 }), async (any, nested) => {
      const input = withoutPools(any);
      const [deep, flat] = [compile(dagOf(input)), compile(dagOf(input), { limits: { nested } })];
      if (deepest(flat) < deepest(deep)) flatter++;
      const [one, other] = [await run(deep, input), await run(flat, input)];
      expect(other).toEqual(one);
    });
    await fc.assert(property, { numRuns: 20, seed: 5 });
    expect(flatter).toBeGreaterThan(5);
  });

  test('are no deeper however long a comb is', () => {
    const dag = dagOf(comb(2000, 'below'));
    const { strand } = rootMachine(dag, { secondsOf: () => 1, limits: LIMITS, isRerun: false });
    expect(strand).toMatchObject([{ kind: 'par' }]);
  });
});

/** Of two that ask a pool at one instant either may be the first. */
function withoutPools(input: Case): Case {
  return { ...input, tasks: input.tasks.map(({ pool: _, ...task }) => task) };
}

/** A script counts the tries of its run: each run has its own. */
async function run(compiled: Compiled, input: Case): Promise<Pick<Simulation, 'tasks' | 'state' | 'endSec'>> {
  const { script, params } = build(input);
  const { tasks, state, endSec } = await simulate(compiled, script, { params });
  return { tasks, state, endSec };
}
