/** A latch loses no wake-up and starts nothing twice, whatever order the world answers in and whatever it loses. */
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../lib/base/random.ts';
import type { Compiled } from '../../lib/compiler/compile.ts';
import { simulate } from '../../lib/local/simulate.ts';
import { build } from '../build.ts';
import type { Case, CaseModule, CaseResult, CaseTask } from '../reference/case.ts';
import { reference } from '../reference/reference.ts';
import { resultOf } from '../simulate-case.ts';
import { Explorer, everySchedule, type Fault, type Pick, randomPick } from './explorer.ts';
import { compiledOf } from './problem.ts';

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

/** Of a task in a module: it does not succeed in one of two instances. */
const FAILS_FIRST = { runs: [{ outcome: 'success' }, { outcome: 'failed' }] } as const;
const SKIPS_FIRST = { runs: [{ outcome: 'success' }, { outcome: 'skipped' }] } as const;

const OUTCOMES = ['success', 'failed', 'skipped'] as const;

test.each(OUTCOMES.flatMap((a) => OUTCOMES.map((b) => [a, b] as const)))(
  'every interleaving of waiter and producer is right where a is %s and b is %s',
  { timeout: 60_000 },
  async (a, b) => {
    const input = nGraph({ outcome: a }, { outcome: b });
    const compiled = compiledOf(input);
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
  const compiled = compiledOf(input);
  for (const victim of [0, 1, 2, 3, 4]) {
    await everySchedule(LIMIT / 10, (pick) => explore(compiled, input, { pick, fault: only(victim, fault) }));
  }
});

test('a waiter whose wake-up was never sent goes on by itself within the hour or two', {
  timeout: 60_000,
}, async () => {
  const input = nGraph();
  const compiled = compiledOf(input);
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
      const compiled = compiledOf(input);
      await everySchedule(LIMIT / 20, (pick) => explore(compiled, input, { pick }));
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
  const compiled = compiledOf(input);
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
  const compiled = compiledOf(input);
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    await explore(compiled, input, { pick: randomPick(random), fault: sometimes(random) });
  }
});

const MODULES: readonly (readonly [string, CaseModule, Partial<CaseTask>])[] = [
  ['each try of a group', { id: 'm', kind: 'retry', retries: { attempts: 1, delaySec: 1 } }, FAILS_FIRST],
  [
    'each iteration of a loop',
    { id: 'm', kind: 'loop', loop: { maxIterations: 2, untilAt: 2, task: 'm.b' } },
    SKIPS_FIRST,
  ],
  ['each instance of a map', { id: 'm', kind: 'map', count: 2 }, FAILS_FIRST],
  ['each child of a distributed map', { id: 'm', kind: 'map', count: 3 }, FAILS_FIRST],
];

test.each(MODULES)(
  '%s has latches of its own, in every order and whatever goes wrong',
  {
    timeout: 120_000,
  },
  async (name, module, a) => {
    // Where all must succeed, what another instance left in a latch would decide wrongly; `e` is never decided so.
    const inside = [...nGraph(a).tasks, { id: 'e' }].map(
      ({ id, upstream = [], runs }: CaseTask): CaseTask => ({
        id: `m.${id}`,
        upstream: upstream.map((above) => `m.${above}`),
        ...(runs === undefined ? {} : { runs }),
      }),
    );
    const input: Case = {
      ...caseOf([...inside, { id: 'end', upstream: ['m'], triggerRule: 'all_done' }]),
      modules: [module],
      ...(name.includes('distributed') ? { limits: { inlineItems: 2 } } : {}),
    };
    const compiled = compiledOf(input);
    expect(compiled.plan.latches.length).toBeGreaterThan(0);
    await everySchedule(LIMIT / 40, (pick) => explore(compiled, input, { pick }));
    for (let seed = 0; seed < 30; seed++) {
      const random = seededRandom(seed);
      await explore(compiled, input, { pick: randomPick(random), fault: sometimes(random) });
    }
  },
);

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
  const tries = new Map<string, number>();
  const { script, params } = build(input);
  const got = await simulate(compiled, script, {
    params,
    clock: explorer,
    keepEvents: false,
    wrap: (inner) => explorer.wrap(inner, fault),
    onTry: ({ task, instance }) => {
      const key = instance === undefined ? task : `${task}#${instance}`;
      tries.set(key, (tries.get(key) ?? 0) + 1);
    },
  });
  const expected = reference(input);
  expect(endsOf(resultOf(got, input))).toEqual(endsOf(expected));
  const ran = Object.entries({ ...expected.tasks, ...expected.inner });
  const wanted = ran.flatMap(([key, { tries: count = 0 }]) => (count > 0 ? [[key, count] as const] : []));
  expect(Object.fromEntries(tries)).toEqual(Object.fromEntries(wanted));
  expect(got.state).toBe(expected.runState);
  if (!mayOversleep) expect(explorer.longWaits).toBe(0);
  return explorer.longWaits;
}

/** States alone: when something ends depends on who was first. */
function endsOf({ tasks, inner = {} }: CaseResult): Readonly<Record<string, string>> {
  const all = Object.entries({ ...tasks, ...inner });
  return Object.fromEntries(all.map(([id, { state }]) => [id, state]));
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
