import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../../lib/asl/check.ts';
import { FORBIDDEN_IN_NAMES, MAX_NAME_LENGTH } from '../../../lib/asl/limits.ts';
import type { Branch } from '../../../lib/asl/states.ts';
import { isObject } from '../../../lib/base/json.ts';
import { boundsOf } from '../../../lib/compiler/bounds/bounds.ts';
import { type Compiled, compile } from '../../../lib/compiler/compile.ts';
import { partStarted } from '../../../lib/compiler/split/start.ts';
import { branchesOf } from '../../../lib/compiler/split/variables.ts';
import { simulate } from '../../../lib/local/simulate.ts';
import { build, dagOf } from '../../build.ts';
import { criticalPathSec, durationsOf, graphsIn, layered } from '../../graphs.ts';
import type { Case } from '../../reference/case.ts';
import { anyCase } from '../../reference/random/arbitrary.ts';
import { SHARED } from '../../reference/shared.ts';
import { sharedDescribe } from '../../reference/shared-describe.ts';

const LIMITS = { tasks: 5, inlineItems: 2 };

/** Tasks, and different parts that are started, of each machine. */
function tasksOf({ definition, parts = {}, manifest }: Compiled): readonly number[] {
  const count = (branch: Branch): readonly string[] =>
    Object.entries(branch.States).flatMap(([name, state]) => {
      const part = state.Type === 'Task' ? partStarted(state) : undefined;
      const own = part ?? (manifest.states[name]?.task === undefined ? undefined : name);
      return [...(own === undefined ? [] : [own]), ...branchesOf(state).flatMap(count)];
    });
  return [definition, ...Object.values(parts)].map((machine) => new Set(count(machine)).size);
}

function series(count: number): Case {
  const tasks = Array.from({ length: count }, (_, at) => ({
    id: `t${at}`,
    upstream: at === 0 ? [] : [`t${at - 1}`],
  }));
  return { name: 'series', runState: 'leaves', tasks };
}

/** Many tasks side by side, each read by one behind all of them. */
function wide(count: number): Case {
  const tasks = Array.from({ length: count }, (_, at) => ({ id: `t${at}`, upstream: [] }));
  const ids = tasks.map(({ id }) => id);
  return { name: 'wide', runState: 'leaves', tasks: [...tasks, { id: 'last', upstream: ids, reads: ids }] };
}

describe('a machine that is too large', () => {
  test.each([
    ['a series', series(43)],
    ['tasks side by side', wide(31)],
    ['a tangle', layered(60, 6, 3)],
  ])('is divided until each has at most 5 tasks: %s', async (_, input) => {
    const { dag, script } = build(input);
    const [whole, divided] = [compile(dag), compile(dag, { limits: LIMITS })];
    expect(whole.parts).toBeUndefined();
    expect(Math.max(...tasksOf(divided))).toBeLessThanOrEqual(5);
    const [one, other] = [await simulate(whole, script), await simulate(divided, script)];
    expect(other.tasks).toEqual(one.tasks);
    expect(other.state).toBe('success');
  });

  test('is divided by bytes and by events, too', async () => {
    const { dag, script } = build(layered(300, 10, 9));
    for (const limits of [{ bytes: 60_000 }, { events: 3000 }]) {
      const compiled = compile(dag, { limits });
      const { machines, histories } = boundsOf(dag, compiled);
      expect(machines.length).toBeGreaterThan(1);
      if ('bytes' in limits) expect(Math.max(...machines.map(({ bytes }) => bytes))).toBeLessThan(70_000);
      else expect(Math.max(...histories.map(({ worst }) => worst))).toBeLessThan(3100);
      expect((await simulate(compiled, script)).state).toBe('success');
    }
  });

  test('starts parts under names of their own, which are legal', { timeout: 60_000 }, async () => {
    let nested = 0;
    const property = fc.asyncProperty(anyCase, async (input) => {
      const { dag, script, params } = { ...build(input) };
      const compiled = compile(dag, { limits: LIMITS });
      const { events } = await simulate(compiled, script, { params });
      const names = events.flatMap(({ type, details }) => {
        if (type !== 'TaskScheduled' || details['resourceType'] !== 'states') return [];
        const sent: unknown = JSON.parse(String(details['parameters']));
        return isObject(sent) ? [`${sent['StateMachineArn']} ${sent['Name']}`] : [];
      });
      nested += names.length;
      // Of one machine no two executions have the same name.
      expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
      for (const name of names.map((both) => both.split(' ')[1] ?? '')) {
        expect(name.length).toBeLessThanOrEqual(MAX_NAME_LENGTH);
        expect(name).not.toMatch(FORBIDDEN_IN_NAMES);
      }
    });
    await fc.assert(property, { numRuns: 75, seed: 5 });
    expect(nested).toBeGreaterThan(300);
  });

  test('is made of machines that Step Functions accepts', { timeout: 60_000 }, () => {
    const property = fc.property(anyCase, fc.integer({ min: 2, max: 8 }), (input, tasks) => {
      const { definition, parts = {} } = compile(dagOf(input), { limits: { tasks, inlineItems: 2 } });
      for (const machine of [definition, ...Object.values(parts)])
        expect(checkDefinition(machine)).toEqual([]);
    });
    fc.assert(property, { numRuns: 75, seed: 3 });
  });
});

sharedDescribe('the shared graphs', () => {
  const large = graphsIn(SHARED).filter(({ input }) => compile(dagOf(input)).parts !== undefined);

  test('some are too large for one machine', () => {
    expect(large.length).toBeGreaterThan(2);
  });

  test.each(large)(
    'keep every bound and lose no time: $input.name',
    { timeout: 60_000 },
    async ({ input }) => {
      const { dag, script } = build(input);
      const compiled = compile(dag, { durations: durationsOf(input) });
      const { machines, worst } = boundsOf(dag, compiled);
      expect(Math.max(...machines.map(({ bytes }) => bytes))).toBeLessThanOrEqual(800_000);
      expect(Math.max(...tasksOf(compiled))).toBeLessThanOrEqual(400);
      expect(worst.events).toBeLessThan(25_000);
      const { state, endSec } = await simulate(compiled, script, { keepEvents: false });
      expect([state, endSec]).toEqual(['success', criticalPathSec(input)]);
    },
  );
});
