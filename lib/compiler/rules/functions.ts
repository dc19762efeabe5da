import { MAX_LAMBDA_SECONDS } from '../../asl/limits.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { type FunctionSize, isFunction, type TaskNode } from '../../model/task.ts';
import { place, shown, taskPath } from './rule.ts';

/**
 * A function is of a size that Lambda has, and ends within its time.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export function functions(dag: DagNode): readonly Problem[] {
  return dag.tasks.flatMap((task) => {
    const tell = (field: string, message: string, remedy: string): Problem => ({
      code: 'functions',
      path: taskPath(dag, task, field),
      message,
      remedy,
      ...place(task),
    });
    return [...tooLong(task, tell), ...(task.call.kind === 'fn' ? ofSize(task.call, tell) : [])];
  });
}

type Tell = (field: string, message: string, remedy: string) => Problem;

function tooLong({ call, timeout }: TaskNode, tell: Tell): readonly Problem[] {
  if (!isFunction(call) || (toSeconds(timeout) ?? 0) <= MAX_LAMBDA_SECONDS) return [];
  const message = `a function task may run 15m, got ${typeof timeout === 'number' ? `${timeout}s` : timeout}`;
  return [tell('timeout', message, 'use ecs.runTask({…}) or split it')];
}

function ofSize({ memory, ephemeralStorage, vpc }: FunctionSize, tell: Tell): readonly Problem[] {
  const found: Problem[] = [];
  if (!isWithin(memory, 128))
    found.push(tell('fn.memory', `must be whole MB from 128 to 10,240, got ${shown(memory)}`, 'write 1024'));
  if (!isWithin(ephemeralStorage, 512)) {
    const message = `must be whole MB from 512 to 10,240, got ${shown(ephemeralStorage)}`;
    found.push(tell('fn.ephemeralStorage', message, 'write 2048'));
  }
  if (!isVpc(vpc)) {
    const message = `must be { subnetIds, securityGroupIds }, each at least one, or false, got ${shown(vpc)}`;
    found.push(tell('fn.vpc', message, "write { subnetIds: ['subnet-…'], securityGroupIds: ['sg-…'] }"));
  }
  return found;
}

function isWithin(amount: unknown, least: number): boolean {
  if (amount === undefined) return true;
  return typeof amount === 'number' && Number.isInteger(amount) && amount >= least && amount <= 10_240;
}

function isVpc(vpc: FunctionSize['vpc']): boolean {
  if (vpc === undefined || vpc === false) return true;
  return [vpc.subnetIds, vpc.securityGroupIds].every((ids) => Array.isArray(ids) && ids.length > 0);
}
