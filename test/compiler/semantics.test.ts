/**
 * Compile → execute gives exactly what the reference says, for any DAG, groups, rules, outcomes and durations; the same
 * for a rerun of some of it.
 *
 * `SEED=…` runs other cases, `npm run soak` many. A failure is printed as a case: `counterexample.ts`.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Case } from '../reference/case.ts';
import { anyCase, plainCase } from '../reference/random/arbitrary.ts';
import { explain } from './counterexample.ts';
import { compiledOf, problemOf } from './problem.ts';
import { Shares } from './shares.ts';

const { SEED } = process.env;
/** `npm run soak` plays 100,000. */
const RUNS = 300;
const OPTIONS = { numRuns: RUNS, seed: Number(SEED ?? 42) };

test('a compiled DAG does what the reference does, at the same instants', { timeout: 300_000 }, async () => {
  const shares = new Shares();
  const property = fc.asyncProperty(anyCase, async (input) => {
    const compiled = compiledOf(input);
    shares.count(input, compiled);
    return (await problemOf(input, compiled)) === undefined;
  });
  const { counterexample } = await fc.check(property, { ...OPTIONS, endOnFailure: true });
  process.stdout.write(`${shares.text()}\n`);
  expect(counterexample === null ? undefined : await explain(counterexample[0])).toBeUndefined();
  expect(shares.all().filter(([, share]) => share < 0.05)).toEqual([]);
});

test('a compiled DAG that only wants success does the same', { timeout: 300_000 }, async () => {
  const property = fc.asyncProperty(plainCase, async (input) => (await problemOf(input)) === undefined);
  const { counterexample } = await fc.check(property, { ...OPTIONS, numRuns: RUNS / 2, endOnFailure: true });
  expect(counterexample === null ? undefined : await explain(counterexample[0])).toBeUndefined();
});

test('the same DAG compiles to the same bytes', () => {
  const bytes = (input: Case) => {
    const { definition, parts, manifest } = compiledOf(input);
    return JSON.stringify({ definition, parts, manifest });
  };
  fc.assert(
    fc.property(anyCase, (input) => {
      expect(bytes(structuredClone(input))).toBe(bytes(input));
    }),
    { ...OPTIONS, numRuns: 150 },
  );
});

test('adding a task renames no state of another task', () => {
  const statesOf = (input: Case) => {
    const { states } = compiledOf(input).manifest;
    const own = Object.entries(states).flatMap(([name, { task }]) =>
      task === undefined ? [] : [[task, name]],
    );
    return Object.fromEntries(own.filter(([task]) => task !== 'added'));
  };
  fc.assert(
    fc.property(anyCase, fc.nat(), fc.nat(), (input, where, below) => {
      const { tasks } = input;
      const above = tasks[below % tasks.length]?.id ?? '';
      const place = where % (tasks.length + 1);
      const more = { ...input, tasks: tasks.toSpliced(place, 0, { id: 'added', upstream: [above] }) };
      const before = statesOf(input);
      // A task that certainly never runs has no state; more tasks may leave that less certain.
      const both = Object.entries(statesOf(more)).filter(([task]) => task in before);
      expect(Object.fromEntries(both)).toEqual(before);
    }),
    { ...OPTIONS, numRuns: 150 },
  );
});
