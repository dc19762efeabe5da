/** One try of an engine's task, as the ledger keeps it: item `X#<attempt>#<task>[#<counter>…]` of `RUN#<dag>#<run>`. */
import { createHash } from 'node:crypto';
import type { Json } from '../../base/json.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { namedError } from '../../runtime/named-error.ts';
import { JOB_FAILED } from './errors.ts';

export type JobState = 'submitting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface JobKey {
  /** The environment's. */
  readonly table: string;
  readonly dagId: string;
  readonly runId: string;
  /** Number of the run's execution. */
  readonly attempt: string;
  readonly task: string;
  /** As in {@link TaskEvent}. */
  readonly instance?: string;
}

export interface Job {
  readonly key: JobKey;
  /** From 1. */
  readonly try: number;
  /** What makes the submission one however often it is sent. */
  readonly token: string;
  readonly state: JobState;
  readonly engine: string;
  readonly connection?: string;
  /** How the system knows it. */
  readonly externalId?: string;
  /** ISO 8601; the time of the try counts from it. */
  readonly submittedAt: string;
  /** Of one that is done: its output as JSON, or the place where that is. */
  readonly output?: string;
  readonly outputKey?: string;
  /** Of one that failed or was cancelled. */
  readonly error?: string;
  readonly cause?: string;
}

export type JobEnd =
  | { readonly state: 'done'; readonly output: Json }
  | { readonly state: 'failed' | 'cancelled'; readonly error: string; readonly cause: string };

/** What is known of jobs. Each write happens only where the job is still what the writer has seen. */
export interface JobLedger {
  /** Read consistently. `isStopped`: the run's jobs are being cancelled. */
  read(key: JobKey): Promise<{ readonly job?: Job; readonly isStopped: boolean }>;
  /** Writes a new try over the `last` one; `false` where somebody else was faster. */
  begin(job: Job, last: Job | undefined): Promise<boolean>;
  /** Writes the id of a job that is being submitted, or goes on; `false` where its try is another one now, or over. */
  keep(job: Job): Promise<boolean>;
  /** Writes the end and gives the job as it is then: one that had ended already stays so. */
  end(job: Job, end: JobEnd): Promise<Job>;
  outputOf(job: Job): Promise<Json>;
}

export function jobKey({ task, instance, execution: { run } }: TaskEvent): JobKey {
  const { table, dagId, id: runId, attempt } = run;
  return { table, dagId, runId, attempt, task, ...(instance === undefined ? {} : { instance }) };
}

/** `X#<attempt>` itself is the mark that the jobs of an attempt are being cancelled. */
export function sortKeyOf({ attempt, task, instance }: JobKey): string {
  const counters = instance === undefined ? '' : `#${instance.replaceAll('.', '#')}`;
  return `X#${attempt}#${task}${counters}`;
}

/** Another one for every execution, task, instance and try: 64 hexadecimal digits, which all systems take. */
export function tokenOf(
  { table, dagId, runId, attempt, task, instance = '' }: JobKey,
  number: number,
): string {
  const parts = [table, dagId, runId, attempt, task, instance, number];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export function jobPath({ task, instance }: JobKey): string {
  return `task "${task}"${instance === undefined ? '' : `[${instance}]`}`;
}

/** What a try that failed or was cancelled is told as, now and whenever it is asked for again. */
export function failureOf({ error = JOB_FAILED, cause = '' }: Job): Error {
  return namedError(error, cause);
}
