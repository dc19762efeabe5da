/** Runs attempts as executions of Step Functions: started by the ledger's word, and read to the end by it. */
import type { DescribeExecutionOutput } from '@aws-sdk/client-sfn';
import { MAX_PAYLOAD_BYTES } from '../asl/limits.ts';
import type { Clock } from '../base/clock.ts';
import { RefusedError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { DagVersion, Deployment } from '../model/dag-version.ts';
import { keyOfRun, type Run, type RunKey } from '../model/run.ts';
import type { RunInput } from '../model/run-input.ts';
import type { RunEnd } from '../orchestrator/end.ts';
import { executionInput } from '../orchestrator/execution-input.ts';
import type { ExecutionStart, Launcher } from '../orchestrator/ports.ts';
import { isNamed } from '../runtime/named-error.ts';
import { executionArnOf, executionName } from './executions.ts';
import { runningParts } from './history.ts';
import { CANCELLED, endFrom, type RecorderPlace } from './recorder.ts';
import { prepareRecords } from './rerun-items.ts';
import { KEPT_SECONDS, markCancelling } from './run-items.ts';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from './signed/commands.ts';

/** How long Step Functions may not yet know what it was told to start, milliseconds. */
const NOT_YET_KNOWN_MS = 300_000;

export interface AwsLauncherOptions extends RecorderPlace {
  readonly clock: Pick<Clock, 'now'>;
  /** ARN of Core's `pool` function. */
  readonly pool: string;
  readonly runOf: (key: RunKey) => Promise<Run | undefined>;
  readonly versionOf: (dagId: string, hash: string) => Promise<DagVersion | undefined>;
  /** An execution has ended so. */
  readonly ended: (end: RunEnd) => Promise<void>;
  /** Ends external jobs of an attempt. */
  readonly cancelJobs: (run: Run, cause: string) => Promise<void>;
}

export function awsLauncher(options: AwsLauncherOptions): Launcher {
  return new Launching(options);
}

class Launching implements Launcher {
  readonly #options: AwsLauncherOptions;
  /** By the name of an execution: those that this process started. */
  readonly #arns = new Map<string, string>();

  constructor(options: AwsLauncherOptions) {
    this.#options = options;
  }

  nameFor(run: Run): string {
    return executionName(run);
  }

  async start(start: ExecutionStart): Promise<void> {
    const { run, version } = start;
    const { sfn, table } = this.#options;
    const machine = machineOf(run, deploymentOf(run, version));
    const name = run.execution ?? executionName(run);
    const input = inputText(start, this.#input(start));
    if (run.attempt > 1 || start.rerun !== undefined) await prepareRecords(table, start, expiresOf(run));
    const arn = executionArnOf(machine, name);
    try {
      await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, name, input }));
    } catch (error) {
      if (isNamed(error, 'StateMachineDoesNotExist') || isNamed(error, 'StateMachineDeleting'))
        throw gone(run, error);
      if (!isNamed(error, 'ExecutionAlreadyExists')) throw error;
      await this.#assertOurs(arn, run, error);
    }
    this.#arns.set(name, arn);
  }

  /** Its jobs end as well: nothing begins one any more, and those that run are ended. */
  async stop(execution: string, key: RunKey, cause: string): Promise<void> {
    const { sfn } = this.#options;
    const run = await this.#options.runOf(key);
    const arn = this.#arns.get(execution) ?? (await this.#arnOf(execution, run));
    if (run === undefined || arn === undefined) return;
    const isCurrent = run.execution === execution;
    const version = await this.#options.versionOf(run.dagId, run.version);
    // First: a state that finds its job cancelled would fail the execution before it is ended.
    await this.#stopOne(arn, cause);
    const told = await Promise.allSettled(isCurrent ? [this.#endJobs(run, cause)] : []);
    // Step Functions ends those too, as well as it can.
    if (version?.deployment?.parts !== undefined)
      for (const part of await runningParts(sfn, arn)) await this.#stopOne(part, cause);
    for (const one of told) if (one.status === 'rejected') throw one.reason;
  }

  /** Those that are there; what is under way meanwhile finds that it is to begin none. */
  async #endJobs(run: Run, cause: string): Promise<void> {
    const { table, clock, cancelJobs } = this.#options;
    await markCancelling(table, { run: keyOfRun(run), attempt: run.attempt, cause, nowMs: clock.now() });
    await cancelJobs(run, cause);
  }

  async describe(execution: string, key: RunKey): Promise<'unknown' | 'running' | 'ended' | 'lost'> {
    const run = await this.#options.runOf(key);
    const arn = this.#arns.get(execution) ?? (await this.#arnOf(execution, run));
    const found = arn === undefined ? undefined : await this.#described(arn);
    if (found !== undefined) return found.status === 'RUNNING' ? 'running' : 'ended';
    if (run?.execution !== execution || run.state !== 'running') return 'unknown';
    // It was started: it is too new to be known, or was removed with its machine, or is known no more after 90 days.
    const startedMs = Date.parse(run.startedAt ?? '');
    return this.#options.clock.now() - startedMs < NOT_YET_KNOWN_MS ? 'running' : 'lost';
  }

  /** Tells the end of an execution again; false where its history is there no more. */
  async settle({ run, version }: ExecutionStart): Promise<boolean> {
    const arn = await this.#arnOf(run.execution ?? '', run);
    if (arn === undefined) return false;
    const end = await endFrom(this.#options, { arn, run, version });
    if (end === 'unknown') return false;
    if (end !== 'running') await this.#options.ended(end);
    return true;
  }

  async hasCode(dagId: string, hash: string): Promise<boolean> {
    return (await this.#options.versionOf(dagId, hash))?.deployment !== undefined;
  }

  #input({ run, version, rerun }: ExecutionStart): RunInput {
    const { table, pool } = this.#options;
    const { fns, parts, rerunParts } = deploymentOf(run, version);
    const machines = rerun === undefined ? parts : rerunParts;
    const place = {
      table: table.name,
      expires: String(expiresOf(run)),
      fns: { ...fns, pool },
      ...(machines === undefined || Object.keys(machines).length === 0 ? {} : { machines }),
    };
    return executionInput(version.dag, run, { place, rerun });
  }

  async #stopOne(executionArn: string, cause: string): Promise<void> {
    try {
      const stop = { executionArn, error: CANCELLED, cause: cause.slice(0, 1_000) };
      await this.#options.sfn.send(new StopExecutionCommand(stop));
    } catch (error) {
      if (!isNamed(error, 'ExecutionDoesNotExist')) throw error;
    }
  }

  /** The name stands for this attempt alone, unless somebody else made an execution of this name. */
  async #assertOurs(arn: string, run: Run, cause: unknown): Promise<void> {
    const { input } = (await this.#described(arn)) ?? {};
    // Its input may be told of later than its name is taken.
    if (input === undefined || isInputOf(input, run)) return;
    throw new RefusedError(
      'run-exists',
      `dag "${run.dagId}" › run "${run.id}": must have an execution of its own, got ${arn}, which is of another run; clear it`,
      { cause },
    );
  }

  async #described(executionArn: string): Promise<DescribeExecutionOutput | undefined> {
    try {
      return await this.#options.sfn.send(new DescribeExecutionCommand({ executionArn }));
    } catch (error) {
      if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
      throw error;
    }
  }

  async #arnOf(execution: string, run: Run | undefined): Promise<string | undefined> {
    if (run === undefined || execution === '') return undefined;
    const version = await this.#options.versionOf(run.dagId, run.version);
    if (version?.deployment === undefined) return undefined;
    return executionArnOf(machineOf(run, version.deployment), execution);
  }
}

/** An attempt that runs only some tasks has a machine of its own. */
export function machineOf(run: Run, { machine, rerun }: Deployment): string {
  return run.again === undefined ? machine : rerun;
}

/** The same however often it is started: Step Functions knows a start again by its name and input. */
function expiresOf({ startedAt, queuedAt }: Run): number {
  return Math.floor(Date.parse(startedAt ?? queuedAt) / 1000) + KEPT_SECONDS;
}

/** @throws {RefusedError} `no-code` */
function deploymentOf(run: Run, { deployment }: DagVersion): Deployment {
  if (deployment !== undefined) return deployment;
  throw new RefusedError(
    'no-code',
    `dag "${run.dagId}" › version ${run.version.slice(0, 8)}: must be deployed, got one that is not; deploy it, or clear the run with --latest`,
  );
}

function gone(run: Run, cause: unknown): RefusedError {
  return new RefusedError(
    'no-code',
    `dag "${run.dagId}" › version ${run.version.slice(0, 8)}: must be deployed, got one whose machine was removed; clear the run with --latest`,
    { cause },
  );
}

/** @throws {RefusedError} `rerun-too-large`, `invalid-params` */
function inputText({ run, rerun }: ExecutionStart, input: RunInput): string {
  const text = JSON.stringify(input);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PAYLOAD_BYTES) return text;
  const what = `dag "${run.dagId}" › run "${run.id}": must be given at most ${MAX_PAYLOAD_BYTES} bytes`;
  if (rerun !== undefined)
    throw new RefusedError(
      'rerun-too-large',
      `${what}, got ${bytes} with what its other tasks gave; clear all of its tasks`,
    );
  throw new RefusedError('invalid-params', `${what}, got ${bytes}; make its params smaller`);
}

function isInputOf(text: string, { dagId, id, attempt }: Run): boolean {
  const input: unknown = JSON.parse(text);
  const run = isObject(input) ? input['run'] : undefined;
  return isObject(run) && run['dagId'] === dagId && run['id'] === id && run['attempt'] === String(attempt);
}

/** Which run an execution's input is of; `undefined`: it is none of ours, or only a part of one. */
export function runOfInput(text: string | undefined): (RunKey & { readonly attempt: number }) | undefined {
  const input: unknown = text === undefined ? undefined : JSON.parse(text);
  const run = isObject(input) && input['root'] === undefined ? input['run'] : undefined;
  if (!isObject(run)) return undefined;
  const { dagId, id, attempt } = run;
  if (typeof dagId !== 'string' || typeof id !== 'string') return undefined;
  return { ...keyOfRun({ dagId, id }), attempt: Number(attempt) };
}
