/**
 * Compile → execute gives exactly what the reference says, for any DAG, rules, outcomes and durations.
 *
 * `SOAK=100000` runs that many cases (`npm run soak`), `SEED=…` other ones. A failure is printed as a case of the shared
 * format: put it into a folder `semantics/` and run `npm run conformance` on it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import { type Compiled, compile } from '../../lib/compiler/compile.ts';
import { build } from '../build.ts';
import { anyCase, plainCase } from '../reference/arbitrary.ts';
import type { Case } from '../reference/case.ts';
import { caseText, differences } from '../reference/compare.ts';
import { minimise } from '../reference/minimise.ts';
import { reference } from '../reference/reference.ts';
import { simulateCompiled } from '../simulate-case.ts';
import { Shares } from './shares.ts';

/** How many cases, and which. */
const { SOAK, SEED } = process.env;
const RUNS = Number(SOAK ?? 1000);
const OPTIONS = { numRuns: RUNS, seed: Number(SEED ?? 42) };

test('a compiled DAG does what the reference does, at the same instants', {
  timeout: 120_000 + RUNS * 60,
}, async () => {
  const shares = new Shares();
  const property = fc.asyncProperty(anyCase, async (input) => {
    const compiled = compile(build(input).dag);
    shares.count(input, compiled.plan);
    return (await problemOf(input, compiled)) === undefined;
  });
  const { counterexample } = await fc.check(property, { ...OPTIONS, endOnFailure: true });
  process.stdout.write(`${shares.text()}\n`);
  expect(counterexample === null ? undefined : await explain(counterexample[0])).toBeUndefined();
  for (const share of shares.required()) expect(share).toBeGreaterThanOrEqual(0.05);
});

test('a compiled DAG that only wants success does the same', { timeout: 120_000 + RUNS * 60 }, async () => {
  const property = fc.asyncProperty(plainCase, async (input) => (await problemOf(input)) === undefined);
  const { counterexample } = await fc.check(property, {
    ...OPTIONS,
    numRuns: Math.ceil(RUNS / 2),
    endOnFailure: true,
  });
  expect(counterexample === null ? undefined : await explain(counterexample[0])).toBeUndefined();
});

/** The smallest such case, as a file that can be run again, and what is wrong with it. */
async function explain(found: Case): Promise<string> {
  const input = await minimise(found, async (smaller) => (await problemOf(smaller)) !== undefined);
  return `${await problemOf(input)}\n${caseText({ ...input, expected: reference(input) })}`;
}

async function problemOf(input: Case, known?: Compiled): Promise<string | undefined> {
  try {
    const compiled = known ?? compile(build(input).dag);
    return cleanliness(compiled) ?? differences(reference(input), await simulateCompiled(compiled, input));
  } catch (thrown) {
    return String(thrown);
  }
}

function cleanliness({ definition }: Compiled): string | undefined {
  const problems = checkDefinition(definition).map(({ path, message }) => `${path}: ${message}`);
  return problems.length === 0 ? undefined : problems.join('\n');
}

test('the same DAG compiles to the same bytes', () => {
  const bytes = (input: Case) => {
    const { definition, manifest } = compile(build(input).dag);
    return JSON.stringify({ definition, manifest });
  };
  fc.assert(
    fc.property(anyCase, (input) => {
      expect(bytes(structuredClone(input))).toBe(bytes(input));
    }),
    { ...OPTIONS, numRuns: Math.min(RUNS, 300) },
  );
});

test('adding a task renames no state of another task', () => {
  const statesOf = (input: Case) => {
    const { states } = compile(build(input).dag).manifest;
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
    { ...OPTIONS, numRuns: Math.min(RUNS, 300) },
  );
});
