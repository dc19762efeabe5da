/** What a call refers to, and what of it the machine must evaluate itself. */
import { type Expression, expressionsIn } from '../model/ref.ts';
import type { CallNode } from '../model/task.ts';
import { syncJobOf } from './answers.ts';

/** Calls that are states of their own: everything in them is evaluated by the machine. */
const OWN_STATES: ReadonlySet<CallNode['kind']> = new Set(['choose', 'shortCircuit', 'at']);

/** Expressions of a call whose values the machine needs; the others it only hands on. */
export function computedIn(call: CallNode): readonly Expression[] {
  const expressions = expressionsIn(call);
  // What Step Functions sends an engine itself, no handler reads.
  const inMachine = OWN_STATES.has(call.kind) || syncJobOf(call) !== undefined;
  return inMachine ? expressions : expressions.flatMap(operands);
}

function operands(expression: Expression): readonly Expression[] {
  if (expression.kind === 'text') return expressionsIn(expression.parts);
  return expression.kind === 'call' ? expressionsIn(expression.args) : [];
}
