/** An execution has ended, says Step Functions: its history becomes the end of its run's attempt. */
import { isFinal, keyOfRun, type Run } from '../model/run.ts';
import type { RunEnd } from '../orchestrator/end.ts';
import { recordEnd } from '../orchestrator/record.ts';
import { isNamed } from '../runtime/named-error.ts';
import { runOfInput } from './launcher.ts';
import { endFrom } from './recorder.ts';
import { DescribeExecutionCommand } from './signed/commands.ts';
import type { AwsWorld } from './world.ts';

export interface EndedExecution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  /** Absent where it is too large for an event. */
  readonly input?: string | null | undefined;
}

/** `ignored`: it is no attempt of a run, or of one that is not the current one of its run. */
export type Recorded = 'recorded' | 'ignored';

/**
 * Keeps it. Told again, it does what an earlier call left undone.
 *
 * @throws {Error} where its history does not yet say that it has ended
 */
export async function recordExecution(world: AwsWorld, ended: EndedExecution): Promise<Recorded> {
  const run = await runOf(world, ended);
  if (run === undefined) return 'ignored';
  const end = isFinal(run.state) ? keptEnd(run) : await readEnd(world, ended, run);
  if (end === undefined) return 'ignored';
  await recordEnd(world, end);
  return 'recorded';
}

/** The run whose current attempt the execution is. */
async function runOf(world: AwsWorld, ended: EndedExecution): Promise<Run | undefined> {
  // Of an item of a Map: `machine/label`.
  if (ended.stateMachineArn.includes('/')) return undefined;
  const key = runOfInput(ended.input ?? (await inputOf(world, ended.executionArn)));
  const run = key === undefined ? undefined : await world.store.runs.get(key);
  return run?.execution === ended.name && run.attempt === key?.attempt ? run : undefined;
}

async function inputOf({ clients }: AwsWorld, executionArn: string): Promise<string | undefined> {
  try {
    return (await clients.sfn.send(new DescribeExecutionCommand({ executionArn }))).input;
  } catch (error) {
    if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
}

/** What is kept is kept; what follows from it may not have been done. */
function keptEnd(run: Run): RunEnd {
  const { attempt, cells, endedAt = run.createdAt } = run;
  const state = run.state === 'success' || run.state === 'cancelled' ? run.state : 'failed';
  return { ...keyOfRun(run), attempt, state, endedAt, cells, rows: [] };
}

async function readEnd(
  world: AwsWorld,
  { executionArn: arn }: EndedExecution,
  run: Run,
): Promise<RunEnd | undefined> {
  const version = await world.versionOf(run.dagId, run.version);
  if (version === undefined) return undefined;
  const end = await endFrom(world.recorder, { arn, run, version });
  if (end === 'running')
    throw new Error(
      `execution ${arn}: must have ended, as was told, got a history that goes on; it is read again`,
    );
  // The sweep ends it: nobody kept how it ended.
  return end === 'unknown' ? undefined : end;
}
