/** Names and ARNs of executions. */
import { createHash } from 'node:crypto';
import { MAX_NAME_LENGTH } from '../asl/limits.ts';
import type { Run } from '../model/run.ts';

/** Characters of a name for all but what tells runs of one date apart; an attempt has at most six digits. */
const OTHERS = 50;

/**
 * `scheduled-2026-01-05T010000Z-1-3f2a9c1b`: what a person looks for in the console. Its end tells runs of one date, and
 * attempts, apart; also from a run of that date that was removed, for Step Functions knows a name for 90 days.
 */
export function executionName({ type, id, logicalDate, attempt, createdAt }: Run): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([id, attempt, createdAt]))
    .digest('hex')
    .slice(0, 8);
  const own = id === logicalDate ? '' : `-${id.slice(logicalDate.length + 1)}`;
  const date = legal(logicalDate).slice(0, 24);
  return `${type}-${date}${legal(own).slice(0, MAX_NAME_LENGTH - OTHERS)}-${attempt}-${hash}`;
}

function legal(text: string): string {
  return text.replaceAll(/[^\w-]/g, '');
}

/** ARN of an execution of a machine, or of a version of one. */
export function executionArnOf(machine: string, name: string): string {
  const parts = machine.split(':').slice(0, 7);
  return `${parts.join(':').replace(':stateMachine:', ':execution:')}:${name}`;
}

/** The name in the ARN of a machine, of a version of one, or of an execution. */
export function machineNameOf(arn: string): string {
  return arn.split(':')[6] ?? '';
}
