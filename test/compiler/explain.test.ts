import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compiled, compile } from '../../lib/compiler/compile.ts';
import { explain } from '../../lib/compiler/explain.ts';
import { dagOf } from '../build.ts';
import * as features from '../features.ts';
import { anyCase } from '../reference/random/arbitrary.ts';

/** States without a sentence, and states explained otherwise than once. */
function unexplained(compiled: Compiled): readonly string[] {
  const explained = explain(compiled);
  const names = explained.map(({ state }) => state);
  return [
    ...explained.filter(({ says }) => says === '').map(({ state }) => state),
    ...Object.keys(compiled.manifest.states).filter((name) => !names.includes(name)),
    ...names.filter((name, at) => names.indexOf(name) !== at),
  ];
}

describe('tutti show --explain', () => {
  test.each(Object.values(features))('has a sentence for every state of $id', (dag) => {
    expect([false, true].flatMap((rerun) => unexplained(compile(dag, { rerun })))).toEqual([]);
  });

  test('has a sentence for every state of any DAG, divided or not', () => {
    const property = fc.property(anyCase, fc.constantFrom(5, 400), (input, tasks) => {
      expect(unexplained(compile(dagOf(input), { limits: { tasks, inlineItems: 2 } }))).toEqual([]);
    });
    fc.assert(property, { numRuns: 150, seed: 7 });
  });

  test('says what a gate asks and whose it is', () => {
    const states = explain(compile(features.lateRules));
    const gates = states.filter(({ type, state }) => type === 'Choice' && state.endsWith('· gate'));
    expect(gates.length).toBeGreaterThan(0);
    for (const { task, says } of gates) expect(says).toContain(`${task} runs when`);
  });
});
