/** A latch loses no wake-up and starts nothing twice, whatever order the world answers in and whatever it loses. */
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../lib/base/random.ts';
import { type Compiled, compile } from '../../lib/compiler/compile.ts';
import { simulate } from '../../lib/local/simulate.ts';
import { build } from '../build.ts';
import type { Case, CaseTask } from '../reference/case.ts';
import { reference } from '../reference/reference.ts';
import { Explorer, everySchedule, type Fault, type Pick, randomPick } from './explorer.ts';

const LIMIT = 4000;

/** a and b above d, a alone above c: what no series and parallel expresses. */
function nGraph(a: Partial<CaseTask> = {}, b: Partial<CaseTask> = {}): Case {
  return caseOf([
    { id: 'a', ...a },
    { id: 'b', ...b },
    { id: 'c', upstream: ['a'] },
    { id: 'd', upstream: ['a', 'b'], triggerRule: 'all_done' },
  ]);
}

function caseOf(tasks: readonly CaseTask[]): Case {
  return { name: 'latch', runState: 'leaves', tasks };
}

const OUTCOMES = ['success', 'failed', 'skipped'] as const;

test.each(OUTCOMES.flatMap((a) => OUTCOMES.map((b) => [a, b] as const)))(
  'every interleaving of waiter and producer is right where a is %s and b is %s',
  { timeout: 60_000 },
  async (a, b) => {
    const input = nGraph({ outcome: a }, { outcome: b });
    const compiled = compile(build(input).dag);
    const { complete, count } = await everySchedule(LIMIT, (pick) => explore(compiled, input, { pick }));
    expect(count).toBeGreaterThan(1);
    expect(complete).toBe(true);
  },
);

test.each([
  ['a call is refused once', 'refused'],
  ['an answer is lost after its call took effect', 'answer lost'],
  ['a wake-up is sent twice', 'sent twice'],
] as const)('every interleaving is right where %s', { timeout: 120_000 }, async (_, fault) => {
  const input = nGraph();
  const compiled = compile(build(input).dag);
  for (const victim of [0, 1, 2, 3, 4]) {
    await everySchedule(LIMIT / 10, (pick) => explore(compiled, input, { pick, fault: only(victim, fault) }));
  }
});

test('a waiter whose wake-up was never sent goes on by itself within the hour or two', {
  timeout: 60_000,
}, async () => {
  const input = nGraph();
  const compiled = compile(build(input).dag);
  const fault = (resource: string): Fault => (resource.includes('sendTask') ? 'never sent' : 'none');
  let overslept = 0;
  await everySchedule(LIMIT / 4, async (pick) => {
    overslept += await explore(compiled, input, { pick, fault, mayOversleep: true });
  });
  // Else the other tests could not notice a lost wake-up either.
  expect(overslept).toBeGreaterThan(0);
});

test('an early rule is decided once, whoever comes first', { timeout: 120_000 }, async () => {
  for (const triggerRule of ['one_success', 'one_failed', 'one_done']) {
    for (const outcome of OUTCOMES) {
      const input = caseOf([
        { id: 'a' },
        { id: 'b', outcome },
        { id: 'early', upstream: ['a', 'b'], triggerRule },
        { id: 'after', upstream: ['early'], triggerRule: 'all_done' },
      ]);
      const compiled = compile(build(input).dag);
      await everySchedule(LIMIT / 10, (pick) => explore(compiled, input, { pick }));
    }
  }
});

test('a hundred waiters on one producer all wake, whatever fails on the way', {
  timeout: 120_000,
}, async () => {
  const indices = Array.from({ length: 100 }, (_, index) => index);
  const input = caseOf([
    { id: 'producer', durationSec: 2 },
    ...indices.map((index): CaseTask => ({ id: `q${index}`, durationSec: 1 + (index % 3) })),
    ...indices.map((index): CaseTask => ({ id: `c${index}`, upstream: ['producer', `q${index}`] })),
  ]);
  const compiled = compile(build(input).dag);
  expect(compiled.plan.latches.length).toBeGreaterThanOrEqual(99);
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed);
    await explore(compiled, input, { pick: randomPick(random), fault: sometimes(random) });
  }
});

test('crossing joins are right in random orders with random faults', { timeout: 120_000 }, async () => {
  const ids = ['a', 'b', 'c', 'd'];
  const input = caseOf([
    ...ids.map((id, index): CaseTask => ({ id, durationSec: 1 + (index % 2) })),
    ...ids.map(
      (id, index): CaseTask => ({
        id: `${id}2`,
        upstream: ids.filter((_, other) => other !== index),
        triggerRule: index === 0 ? 'one_success' : 'all_success',
      }),
    ),
    { id: 'end', upstream: ids.map((id) => `${id}2`) },
  ]);
  const compiled = compile(build(input).dag);
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    await explore(compiled, input, { pick: randomPick(random), fault: sometimes(random) });
  }
});

interface Exploration {
  readonly pick: Pick;
  /** Of each call in turn. */
  readonly fault?: (resource: string) => Fault;
  /** The machine may have to wait for a timeout of its own. @default false */
  readonly mayOversleep?: boolean;
}

/** One run: every task as often as the reference says, and in its state. How often nothing but an hour's wait was left. */
async function explore(compiled: Compiled, input: Case, exploration: Exploration): Promise<number> {
  const { pick, fault = () => 'none', mayOversleep = false } = exploration;
  const explorer = new Explorer(pick);
  const tries: string[] = [];
  const { script, params } = build(input);
  const got = await simulate(compiled, script, {
    params,
    clock: explorer,
    keepEvents: false,
    wrap: (inner) => explorer.wrap(inner, fault),
    onTry: ({ task }) => tries.push(task),
  });
  const expected = reference(input);
  const states = Object.entries(expected.tasks).map(([id, { state }]) => [id, state]);
  expect(Object.entries(got.tasks).map(([id, { state }]) => [id, state])).toEqual(states);
  const started = Object.fromEntries(
    input.tasks.map(({ id }) => [id, tries.filter((task) => task === id).length]),
  );
  const ran = Object.fromEntries(input.tasks.map(({ id }) => [id, expected.tasks[id]?.tries ?? 0]));
  expect(started).toEqual(ran);
  expect(got.state).toBe(expected.runState);
  if (!mayOversleep) expect(explorer.longWaits).toBe(0);
  return explorer.longWaits;
}

/** The fault on one call alone, the `victim`th that can have it. */
function only(victim: number, fault: Fault): (resource: string) => Fault {
  let seen = 0;
  return (resource) => {
    if (fault === 'sent twice' && !resource.includes('sendTask')) return 'none';
    return seen++ === victim ? fault : 'none';
  };
}

/** One call in ten goes wrong; a wake-up that is never sent is another test's. */
function sometimes(random: Random): (resource: string) => Fault {
  return (resource) => {
    if (random() >= 0.1) return 'none';
    const faults = resource.includes('sendTask')
      ? (['sent twice'] as const)
      : (['refused', 'answer lost'] as const);
    return faults[Math.floor(random() * faults.length)] ?? 'none';
  };
}
