import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import { branch, findings, machine, pass, task } from './machines.ts';

describe('where states lead', () => {
  const missing = (at: string) => `MISSING_TRANSITION_TARGET ${at}: Missing 'Next' target: X`;
  test.each<[Record<string, unknown>, string]>([
    [{ A: pass({ Next: 'X' }), B: pass() }, '/States/A/Next'],
    [
      { A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'X' }], Default: 'B' }, B: pass() },
      '/States/A/Choices[0]/Next',
    ],
    [
      { A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'B' }], Default: 'X' }, B: pass() },
      '/States/A/Default',
    ],
    [{ A: task({ Catch: [{ ErrorEquals: ['E'], Next: 'X' }] }) }, '/States/A/Catch[0]/Next'],
  ])('%j has no target at %s', (states, at) => {
    expect(findings(machine(states))).toContain(missing(at));
  });

  test('a state of another scope is no target', () => {
    const par = { Type: 'Parallel', End: true, Branches: [branch({ A: pass({ Next: 'Out' }) })] };
    expect(findings(machine({ Par: par, Out: pass() }))).toStrictEqual([
      'MISSING_TRANSITION_TARGET /States/Out: State "Out" is not reachable.',
      `MISSING_TRANSITION_TARGET /States/Par/Branches[0]/States/A/Next: Missing 'Next' target: Out`,
      'runs: ENDLESS_LOOP /States/Par/Branches[0]/States/A: No terminal state can be reached from "A"',
    ]);
  });

  test('a start that is not there makes all states unreachable', () => {
    expect(findings(machine({ A: pass() }, { StartAt: 'X' }))).toStrictEqual([
      missing('/StartAt'),
      'MISSING_TRANSITION_TARGET /States/A: State "A" is not reachable.',
    ]);
  });

  test('a machine that cannot end is refused for that alone', () => {
    expect(
      findings(machine({ A: pass({ Next: 'B' }), B: pass({ Next: 'A' }), C: pass({ Next: 'C' }) })),
    ).toStrictEqual(['MISSING_END_STATE /: Workflow has no terminal state']);
  });

  test('a loop without a way out runs for ever, in a branch too', () => {
    const trap = { Type: 'Choice', Choices: [{ Condition: true, Next: 'Trap' }], Default: 'End' };
    expect(findings(machine({ Start: trap, Trap: pass({ Next: 'Trap' }), End: pass() }))).toStrictEqual([
      'runs: ENDLESS_LOOP /States/Trap: No terminal state can be reached from "Trap"',
    ]);
    const par = { Type: 'Parallel', End: true, Branches: [branch({ A: pass({ Next: 'A' }) })] };
    expect(findings(machine({ Par: par }))).toStrictEqual([
      'runs: ENDLESS_LOOP /States/Par/Branches[0]/States/A: No terminal state can be reached from "A"',
    ]);
  });

  test('a Choice without Default fails when nothing matches', () => {
    const choice = (Condition: unknown) =>
      machine({ A: { Type: 'Choice', Choices: [{ Condition, Next: 'B' }] }, B: pass() });
    expect(findings(choice('{% $states.input.a %}'))).toStrictEqual([
      'runs: NO_DEFAULT /States/A: Choice without Default fails with States.NoChoiceMatched when no rule matches',
    ]);
    expect(findings(choice(true))).toStrictEqual([]);
  });
});

test('a thousand Parallels in one another are checked without recursion', () => {
  let state: Record<string, unknown> = pass({ Output: '{% $nowhere %}' });
  for (let depth = 0; depth < 1000; depth++)
    state = { Type: 'Parallel', Branches: [branch({ [`s${depth}`]: state })], End: true };
  expect(checkDefinition(machine({ top: state }))).toMatchObject([{ code: 'UNDEFINED_VARIABLE' }]);
});
