import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import type { State, StateMachine } from '../../lib/asl/states.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { execute } from '../../lib/interpreter/execute.ts';

/** What a state does, as numbers to pick by. */
interface Draft {
  readonly kind: 'pass' | 'choice' | 'parallel';
  readonly assigns: readonly number[];
  readonly reads: readonly number[];
  /** How many states further the ways out lead. */
  readonly leaps: readonly [number, number];
  readonly branches: readonly (readonly Draft[])[];
}

function draft(depth: number): fc.Arbitrary<Draft> {
  const inner =
    depth === 0 ? fc.constant([]) : fc.array(drafts(depth - 1, 4), { minLength: 1, maxLength: 2 });
  return fc.record({
    kind: fc.constantFrom('pass', 'pass', 'choice', depth === 0 ? 'pass' : 'parallel'),
    assigns: fc.subarray([0, 1, 2]),
    reads: fc.array(fc.nat(2), { maxLength: 1 }),
    leaps: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    branches: inner,
  });
}

function drafts(depth: number, maxLength: number): fc.Arbitrary<readonly Draft[]> {
  return fc.array(draft(depth), { minLength: 1, maxLength });
}

/** Builds machines; every Choice has a bit of the input to itself. */
class Builder {
  choices = 0;
  #states = 0;

  container(list: readonly Draft[], scope: string): { StartAt: string; States: Record<string, State> } {
    const names = list.map(() => `s${this.#states++}`);
    const end = `s${this.#states++}`;
    const target = (index: number, leap: number) => names[index + leap] ?? end;
    const states: Record<string, State> = { [end]: { Type: 'Succeed' } };
    list.forEach((one, index) => {
      states[names[index] ?? ''] = this.#state(one, scope, [
        target(index, one.leaps[0]),
        target(index, one.leaps[1]),
      ]);
    });
    return { StartAt: names[0] ?? end, States: states };
  }

  #state(one: Draft, scope: string, [first, second]: readonly [string, string]): State {
    const Assign = Object.fromEntries(one.assigns.map((name) => [`${scope}${name}`, name]));
    // A name of the scope itself or of one around it.
    const Output = one.reads.map(
      (name) => `{% $${scope.slice(0, Math.max(1, scope.length - (name % 2)))}${name} %}`,
    );
    if (one.kind === 'choice') {
      const Condition = `{% $states.context.Execution.Input.bits[${this.choices++}] %}`;
      return { Type: 'Choice', Choices: [{ Condition, Next: first, Assign }], Default: second, Output };
    }
    if (one.kind === 'pass') return { Type: 'Pass', Assign, Output, Next: first };
    const Branches = one.branches.map((branch) => this.container(branch, `${scope}${'abc'[scope.length]}`));
    return { Type: 'Parallel', Branches, Assign, Output, Next: first };
  }
}

async function fails(machine: StateMachine, bits: readonly boolean[]): Promise<boolean> {
  const clock = new VirtualClock(0);
  const resources = () => Promise.reject(new Error('no tasks here'));
  const run = execute(machine, { bits }, { clock, random: seededRandom(1), resources });
  return (await clock.drive(run)).status !== 'SUCCEEDED';
}

test('a variable is called missing exactly when some way through the machine misses it', async () => {
  let missing = 0;
  await fc.assert(
    fc.asyncProperty(drafts(2, 6), async (states) => {
      const builder = new Builder();
      const machine: StateMachine = { QueryLanguage: 'JSONata', ...builder.container(states, 'a') };
      fc.pre(builder.choices <= 6);
      const found = checkDefinition(machine).filter(({ severity }) => severity === 'fails-at-run-time');
      let failed = false;
      for (let input = 0; input < 2 ** builder.choices && !failed; input++) {
        const bits = Array.from({ length: builder.choices }, (_, bit) => (input >> bit) % 2 === 1);
        failed = await fails(machine, bits);
      }
      if (failed) missing++;
      expect(found.length > 0, JSON.stringify(found)).toBe(failed);
    }),
    { numRuns: 300 },
  );
  expect(missing).toBeGreaterThan(30);
});
