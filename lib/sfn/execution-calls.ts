/** Calls about executions. */
import type { JsonObject } from '../base/json.ts';
import { executionRef, machineRef, unqualified } from './arn.ts';
import { SfnError, validation } from './errors.ts';
import { type ExecutionRecord, type Status, statusOf } from './execution.ts';
import type { Executions } from './executions.ts';
import { historyPage } from './history.ts';
import { configuration, type Machines } from './machines.ts';
import { page } from './pages.ts';
import { optionalText, word } from './request.ts';
import { type Calls, seconds } from './world.ts';

const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;

export function executionCalls(machines: Machines, executions: Executions): Calls {
  const known = (input: JsonObject): ExecutionRecord => executions.get(executionRef(input));
  return {
    StartExecution(input) {
      const { arn, startedMs } = executions.start(machineRef(input), input);
      return { executionArn: arn, startDate: seconds(startedMs) };
    },
    StartSyncExecution: (input) => startSync(executions, machines, input),
    StopExecution(input) {
      const record = known(input);
      const error = optionalText(input, 'error', { max: 256 });
      executions.stop(record, error, optionalText(input, 'cause', { max: 32_768 }));
      return { stopDate: seconds(record.end?.stoppedMs ?? record.startedMs) };
    },
    DescribeExecution: (input) => described(known(input)),
    DescribeStateMachineForExecution(input) {
      const { machine, revision } = known(input);
      return {
        stateMachineArn: machine.arn,
        name: machine.name,
        updateDate: seconds(revision.updatedMs),
        ...configuration(revision),
      };
    },
    GetExecutionHistory: (input) => historyPage(known(input), input),
    ListExecutions: (input) => list(machines, executions, input),
    DeleteStateMachine(input) {
      const machine = machines.all.get(unqualified(machineRef(input)));
      if (machine === undefined) return {};
      // AWS ends them at their next transition.
      for (const record of executions.of(machine.arn)) executions.stop(record, undefined, undefined);
      machines.all.delete(machine.arn);
      return {};
    },
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html */
async function startSync(executions: Executions, machines: Machines, input: JsonObject): Promise<JsonObject> {
  const ref = machineRef(input);
  if (machines.get(ref.machineArn).type !== 'EXPRESS') throw unsupported();
  const record = executions.start(ref, input);
  await record.done;
  const durationMs = (record.end?.stoppedMs ?? record.startedMs) - record.startedMs;
  return {
    ...outcome(record),
    billingDetails: {
      billedDurationInMilliseconds: Math.ceil(durationMs / 100) * 100,
      billedMemoryUsedInMB: 64,
    },
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html */
function list(machines: Machines, executions: Executions, input: JsonObject): JsonObject {
  if (input['mapRunArn'] !== undefined)
    throw validation(
      'tutti sfn lists the executions of a state machine; those of a Map Run it does not keep',
    );
  const ref = machineRef(input);
  const { machine } = machines.resolve(ref);
  if (machine.type !== 'STANDARD') throw unsupported();
  const status = word(input, 'statusFilter', STATUSES);
  const redriven = word(input, 'redriveFilter', ['REDRIVEN', 'NOT_REDRIVEN']) === 'REDRIVEN';
  const found = [...executions.of(machine.arn)]
    .filter((record) => record.machine === machine && !redriven && isOf(record, ref, status))
    .reverse();
  const { items, nextToken } = page(input, `executions ${ref.arn}`, found, ({ arn }) => arn);
  return { executions: items.map(listed), nextToken };
}

function isOf(
  record: ExecutionRecord,
  { arn, qualifier }: { readonly arn: string; readonly qualifier: string | undefined },
  status: string | undefined,
): boolean {
  if (status !== undefined && statusOf(record) !== status) return false;
  return qualifier === undefined || record.versionArn === arn || record.aliasArn === arn;
}

function briefly(record: ExecutionRecord): JsonObject {
  return {
    executionArn: record.arn,
    stateMachineArn: record.machine.arn,
    name: record.name,
    status: statusOf(record),
    startDate: seconds(record.startedMs),
    stopDate: seconds(record.end?.stoppedMs),
  };
}

function listed(record: ExecutionRecord): JsonObject {
  return {
    ...briefly(record),
    stateMachineVersionArn: record.versionArn,
    stateMachineAliasArn: record.aliasArn,
    redriveCount: 0,
  };
}

/** What DescribeExecution says. */
export function described(record: ExecutionRecord): JsonObject {
  return {
    ...outcome(record),
    stateMachineVersionArn: record.versionArn,
    stateMachineAliasArn: record.aliasArn,
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: redriveReason(statusOf(record)),
  };
}

function outcome(record: ExecutionRecord): JsonObject {
  const { end } = record;
  return {
    ...briefly(record),
    input: record.input,
    inputDetails: { included: true },
    output: end?.output,
    outputDetails: end?.output === undefined ? undefined : { included: true },
    error: end?.error,
    cause: end?.cause,
    traceHeader: record.traceHeader,
  };
}

function redriveReason(status: Status): string {
  return status === 'RUNNING' || status === 'SUCCEEDED'
    ? `Execution is ${status} and cannot be redriven`
    : 'tutti sfn does not redrive executions';
}

function unsupported(): SfnError {
  return new SfnError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}
