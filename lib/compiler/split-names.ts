/** How a machine says which nested machine it starts. */

import { isExpression, member, unwrap } from '../asl/jsonata.ts';
import type { TaskState } from '../asl/states.ts';
import { RUN } from './latch-item.ts';

/** Starts a machine and waits for its end; the answer's `Output` is JSON. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
export const START_AND_WAIT = 'arn:aws:states:::states:startExecution.sync:2';

const MACHINES = `${RUN}.machines`;

/** JSONata text of a part's ARN. */
export function machineOf(part: string): string {
  return member(MACHINES, part);
}

/** The part that a Task starts; `undefined`: it starts none. */
export function partStarted({ Resource, Arguments }: TaskState): string | undefined {
  if (Resource !== START_AND_WAIT || typeof Arguments !== 'object' || Arguments === null) return undefined;
  const arn: unknown = 'StateMachineArn' in Arguments ? Arguments['StateMachineArn'] : undefined;
  if (!isExpression(arn) || !unwrap(arn).startsWith(`${MACHINES}.`)) return undefined;
  return unwrap(arn).slice(MACHINES.length + 1);
}
