import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../../lib/compiler/bounds/bounds.ts';
import { boundProblems } from '../../../lib/compiler/bounds/problems.ts';
import { type Compiled, compile } from '../../../lib/compiler/compile.ts';
import { simulate } from '../../../lib/local/simulate.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { PokeNode, TaskNode } from '../../../lib/model/task.ts';
import { build, dagOf, emptyDag } from '../../build.ts';
import { durationsOf, graphsIn, layered } from '../../graphs.ts';
import { anyCase } from '../../reference/random/arbitrary.ts';
import { SHARED } from '../../reference/shared.ts';
import { sharedDescribe } from '../../reference/shared-describe.ts';

/** Events of the fullest history of a run. */
function fullest(events: readonly { readonly execution?: string }[]): number {
  const counts = [...Map.groupBy(events, ({ execution }) => execution ?? '').values()];
  return Math.max(...counts.map(({ length }) => length));
}

async function ran(compiled: Compiled, input: Parameters<typeof build>[0]) {
  const { script, params } = build(input);
  const { events, transitions } = await simulate(compiled, script, { params });
  return { events: fullest(events), transitions };
}

describe('bounds', () => {
  test('no run takes more, whatever fails, waits or repeats', { timeout: 120_000 }, async () => {
    let near = 0;
    const property = fc.asyncProperty(anyCase, fc.constantFrom(5, 400), async (input, tasks) => {
      const dag = dagOf(input);
      const compiled = compile(dag, { limits: { tasks, inlineItems: 2 } });
      const { worst } = boundsOf(dag, compiled);
      const took = await ran(compiled, input);
      if (took.transitions * 3 > worst.transitions) near++;
      expect(took.transitions).toBeLessThanOrEqual(worst.transitions);
      expect(took.events).toBeLessThanOrEqual(worst.events);
    });
    await fc.assert(property, { numRuns: 200, seed: 11 });
    // A bound that is far from everything tells nothing.
    expect(near).toBeGreaterThan(20);
  });

  sharedDescribe('of the shared graphs', () => {
    test.each(graphsIn(SHARED).filter(({ input }) => input.tasks.length < 150))(
      'are what a run without failures takes: $input.name',
      async ({ input }) => {
        const { dag } = build(input);
        const compiled = compile(dag, { durations: durationsOf(input) });
        const { expected } = boundsOf(dag, compiled);
        expect({ transitions: expected.transitions }).toEqual({
          transitions: (await ran(compiled, input)).transitions,
        });
      },
    );
  });

  test('a sensor that looks 1,000 times takes a transition and three events a look, known before the run', async () => {
    const looks = 1000;
    const dag = withTask({ ...SENSOR, call: { ...SENSOR.call, poke: { ...POKE, timeout: looks * 60 } } });
    const compiled = compile(dag);
    const { expected, worst } = boundsOf(dag, compiled);
    const notYet = { outcome: 'failed', durationSec: 0, error: 'Sensor.NotReady' } as const;
    const tries = [
      ...Array.from({ length: looks }, () => notYet),
      { outcome: 'success', durationSec: 0 } as const,
    ];
    const { events, transitions } = await simulate(compiled, { look: tries });
    expect(transitions - expected.transitions).toBe(looks);
    expect(events.length - expected.events).toBe(3 * looks);
    // Where it fails at last, the verdict and the Fail behind it are all that is more.
    expect(worst.transitions - transitions).toBeLessThanOrEqual(2);
    expect(worst.events - events.length).toBeLessThanOrEqual(4);
    expect(boundProblems(dag, boundsOf(dag, compiled))).toEqual([]);
  });

  test('a sensor that could look for a week every minute is warned of, with what to write instead', () => {
    const dag = withTask(SENSOR);
    expect(boundProblems(dag, boundsOf(dag, compile(dag)))).toMatchObject([
      {
        code: 'history-too-long',
        severity: 'warning',
        remedy: expect.stringContaining('"look" looks up to 10,081'),
      },
    ]);
    const rarely = withTask({ ...SENSOR, call: { ...SENSOR.call, poke: { ...POKE, pokeEvery: '121s' } } });
    expect(boundProblems(rarely, boundsOf(rarely, compile(rarely)))).toEqual([]);
  });

  test('a task that holds more than a definition may is an error', () => {
    const dag = withTask({ ...FN, call: { kind: 'fn', inputs: { text: 'x'.repeat(1_100_000) } } });
    expect(boundProblems(dag, boundsOf(dag, compile(dag)))).toMatchObject([{ code: 'definition-too-large' }]);
  });

  test('a wait renews itself a few times in a week', () => {
    const input = layered(12, 3, 5);
    const dag = dagOf(input);
    const [long, short] = ['7d', '1h'] as const;
    const worst = (runTimeout: typeof long | typeof short) =>
      boundsOf({ ...dag, runTimeout }, compile({ ...dag, runTimeout })).worst.transitions;
    const { latches } = compile(dag).plan;
    expect(latches.length).toBeGreaterThan(3);
    expect(worst(long)).toBeGreaterThan(worst(short));
    expect(worst(long) - worst(short)).toBeLessThanOrEqual(8 * latches.length);
  });
});

const FN: TaskNode = {
  id: 'look',
  call: { kind: 'fn', inputs: null },
  upstream: [],
  triggerRule: 'all_success',
  retries: [],
};

const POKE: PokeNode = { pokeEvery: '1m', backoff: 1, timeout: '7d', softFail: false };

const SENSOR = { ...FN, call: { kind: 'sensor', sensor: 'fn', args: null, poke: POKE } } as const;

function withTask(task: TaskNode): DagNode {
  return { ...emptyDag('one'), tasks: [task] };
}
