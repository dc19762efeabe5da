/**
 * Engines that a DAG's function calls: one state that submits a job or looks at it, and throws `Engine.NotReady` until it
 * has ended; the machine's retry is the poll loop. What is known of the job is in the ledger (`job.ts`), so that a lost
 * reply, a crash in between and a try again neither start a job twice nor lose one.
 */
import type { Json, JsonObject } from '../../base/json.ts';
import type { Log } from '../../model/context.ts';
import type { RetryRule } from '../../model/task.ts';
import { BUSY, engineError, isEngineError, JOB_TIMEOUT, NOT_READY, REFUSED, redacted } from './errors.ts';
import { failureOf, type Job, type JobKey, type JobLedger, jobPath, tokenOf } from './job.ts';

/** One verb of an external system, for one call. All of it may be asked again: after a crash nobody knows what was answered. */
export interface CalledEngine {
  /**
   * Starts a job, or joins the one that this token started.
   *
   * @throws {Error} `Engine.Busy`: nothing is known to have started, the same token is submitted again later. Any other
   * error ends the try.
   */
  submit(args: JsonObject, token: string): Promise<Submission>;
  /** @throws {Error} `Engine.Busy`: it is looked at again later */
  poll(id: string): Promise<Look>;
  /** Ends the job; one that has ended already is no error. */
  cancel(id: string): Promise<void>;
  /**
   * The job that this token started, where the system takes no token itself, or forgets it. `since`: when it was
   * submitted first, ISO 8601.
   */
  find?(token: string, since: string): Promise<string | undefined>;
  /**
   * Each submission starts a job of its own: after one that was perhaps taken nothing is submitted again in that try, and
   * `find` tells what is waited for. @default false
   */
  readonly takesNoToken?: boolean;
  /** After this error of `submit` nobody knows whether it had an effect: the try goes on, with the same token. */
  isUndecided?(error: Error): boolean;
}

export interface Submission {
  /** How the system knows the job, at most 2,000 characters; no secret. */
  readonly id: string;
  /** It has ended already. */
  readonly ended?: Ended;
}

export type Ended =
  | { readonly state: 'done'; readonly output: Json }
  | { readonly state: 'failed'; readonly error: string; readonly cause: string };

/** `id`: the job goes on under another one, that of its next statement. */
export type Look = Ended | { readonly state: 'running'; readonly id?: string };

/** What calling needs of the place that it happens in. */
export interface Desk {
  readonly ledger: JobLedger;
  readonly nowMs: () => number;
  /** How long this call may still take, milliseconds. */
  readonly remainingMs: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Texts that must not be told. */
  readonly secrets: readonly string[];
}

/** Whose call it is. */
export interface JobCall {
  readonly key: JobKey;
  readonly engine: string;
  readonly connection?: string;
  readonly args: JsonObject;
  /** Of one try, from its submission. */
  readonly timeoutSeconds: number;
  /** When nobody waits for it any more, milliseconds since the epoch. @default never */
  readonly endsAtMs?: number;
  /** The author's. */
  readonly retries: readonly RetryRule[];
  /** The machine's count of calls of this state, from 1: polls are among them. */
  readonly asked: number;
  /** A sensor's look: it changes nothing, so that each may start a job of its own. */
  readonly isLook: boolean;
}

/** Longest that one call waits for a job: most SQL ends within it, and a waiting function costs money. */
const WAIT_MS = 20_000;
/** Left to the call when it stops waiting. */
const MARGIN_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/**
 * The job's output.
 *
 * @throws {Error} `Engine.NotReady`, `Engine.Busy`, `Engine.Refused`, `Engine.JobFailed`, `Engine.JobTimeout`, or what
 * the engine names its failure
 */
export async function callJob(desk: Desk, engine: CalledEngine, call: JobCall): Promise<Json> {
  const { job, isNew } = await begun(desk, call);
  const known = goesOn(job);
  const running = known.state === 'submitting' ? await submitted(desk, engine, { call, job, isNew }) : known;
  if (running.state === 'done') return desk.ledger.outputOf(running);
  return polled(desk, engine, { call, job: running });
}

interface Begun {
  readonly job: Job;
  readonly isNew: boolean;
}

/** The try that goes on, or a new one. */
async function begun({ ledger, nowMs }: Desk, call: JobCall): Promise<Begun> {
  for (;;) {
    const { job: last, isStopped } = await ledger.read(call.key);
    if (isStopped) throw stopped(call.key);
    if (last !== undefined && !isTriedAgain(last, call)) return { job: last, isNew: false };
    const job = jobAfter(last, call, nowMs());
    if (await ledger.begin(job, last)) return { job, isNew: true };
  }
}

function jobAfter(last: Job | undefined, { key, engine, connection }: JobCall, nowMs: number): Job {
  const number = last === undefined ? 1 : last.try + (hasNotBegun(last) ? 0 : 1);
  return {
    key,
    try: number,
    token: tokenOf(key, number),
    state: 'submitting',
    engine,
    ...(connection === undefined ? {} : { connection }),
    submittedAt: new Date(nowMs).toISOString(),
  };
}

/**
 * True where the machine asks for another try. One that failed is tried again at most as often as the author says: beyond
 * that the machine has only lost our answer, and gets it again. A state that is entered anew (a redrive) begins anew.
 */
function isTriedAgain(last: Job, { retries, asked, isLook }: JobCall): boolean {
  if (last.state === 'submitting' || last.state === 'running') return false;
  if (isLook || hasNotBegun(last)) return true;
  if (last.state === 'done') return false;
  const allowed = retries.reduce((sum, { attempts }) => sum + attempts, 0);
  return asked === 1 || last.try <= allowed;
}

/** The service was too busy to take it: the same try is submitted again. */
function hasNotBegun({ state, error }: Job): boolean {
  return state === 'failed' && error === BUSY;
}

interface Current {
  readonly call: JobCall;
  readonly job: Job;
}

async function submitted(
  desk: Desk,
  engine: CalledEngine,
  { call, job, isNew }: Current & Begun,
): Promise<Job> {
  const at = new Date(desk.nowMs()).toISOString();
  // Where an earlier call ended in between, what its token started is found, or joined.
  const found = isNew ? undefined : await engine.find?.(job.token, job.submittedAt);
  const { id, ended } = found === undefined ? await submission(desk, engine, { call, job }) : { id: found };
  const current = { ...job, submittedAt: at };
  if (ended !== undefined) return settled(desk, { ...current, externalId: id }, ended);
  desk.log.info(`${call.engine}: job ${id} submitted`, { try: job.try });
  return kept(desk, engine, { job: current, id });
}

async function submission(desk: Desk, engine: CalledEngine, { call, job }: Current): Promise<Submission> {
  try {
    return await engine.submit(call.args, job.token);
  } catch (thrown) {
    desk.signal.throwIfAborted();
    const error = redacted(thrown, desk.secrets);
    const goesOn = isEngineError(error, BUSY) && engine.takesNoToken !== true;
    if (goesOn || engine.isUndecided?.(error) === true) throw error;
    await desk.ledger.end(job, { state: 'failed', error: error.name, cause: error.message });
    throw error;
  }
}

/** Keeps the job's id; where the run is being ended in the meantime, so is the job. */
async function kept(
  { ledger }: Desk,
  engine: CalledEngine,
  { job, id }: { readonly job: Job; readonly id: string },
): Promise<Job> {
  const running: Job = { ...job, state: 'running', externalId: id };
  const isKept = await ledger.keep(running);
  // Whoever ends the run marks it before it looks for jobs: it has seen this one, or we see the mark.
  const { job: now, isStopped } = await ledger.read(job.key);
  if (isKept && !isStopped) return running;
  const isOurs = now !== undefined && now.token === job.token;
  if (isOurs && !isStopped) return goesOn(now);
  await engine.cancel(id);
  await ledger.end(running, CANCELLED);
  throw stopped(job.key);
}

/** Another call of the same try was faster. @throws {Error} the failure that it has told */
function goesOn(job: Job): Job {
  if (job.state === 'failed' || job.state === 'cancelled') throw failureOf(job);
  return job;
}

const CANCELLED = { state: 'cancelled', error: REFUSED, cause: 'the run was cancelled' } as const;

async function polled(desk: Desk, engine: CalledEngine, { call, job }: Current): Promise<Json> {
  const until = desk.nowMs() + Math.min(WAIT_MS, desk.remainingMs() - MARGIN_MS);
  let current = job;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const { externalId: id = '' } = current;
    const look = await looked(desk, engine, current);
    if (look.state !== 'running') return desk.ledger.outputOf(await settled(desk, current, look));
    if (look.id !== undefined && look.id !== id) {
      current = await kept(desk, engine, { job: current, id: look.id });
      pause = FIRST_PAUSE_MS;
    }
    if (isLate(desk, call, current)) throw await timedOut(desk, engine, { call, job: current });
    if (desk.nowMs() + pause > until) throw notReady(current);
    await desk.pause(pause, desk.signal);
  }
}

/** A look that the system is too busy for is one that has seen nothing. */
async function looked({ secrets, signal }: Desk, engine: CalledEngine, job: Job): Promise<Look> {
  try {
    return await engine.poll(job.externalId ?? '');
  } catch (thrown) {
    signal.throwIfAborted();
    const error = redacted(thrown, secrets);
    throw isEngineError(error, BUSY) ? notReady(job) : error;
  }
}

/** Writes the end before anybody is told of it. @throws {Error} the failure */
async function settled(desk: Desk, job: Job, ended: Ended): Promise<Job> {
  const told: Ended =
    ended.state === 'failed' ? { ...ended, cause: redacted(ended.cause, desk.secrets).message } : ended;
  const over = await desk.ledger.end(job, told);
  if (over.state === 'done') return over;
  throw failureOf(over);
}

function isLate({ nowMs }: Desk, { timeoutSeconds, endsAtMs }: JobCall, { submittedAt }: Job): boolean {
  return nowMs() >= Math.min(Date.parse(submittedAt) + timeoutSeconds * 1000, endsAtMs ?? Infinity);
}

/** The job is ended first, so that the next try does not run beside it. */
async function timedOut(desk: Desk, engine: CalledEngine, { call, job }: Current): Promise<Error> {
  const id = job.externalId ?? '';
  try {
    await engine.cancel(id);
  } catch (thrown) {
    const error = redacted(thrown, desk.secrets);
    return isEngineError(error, BUSY) ? notReady(job) : error;
  }
  const cause = `${jobPath(job.key)} › timeout: must end within ${call.timeoutSeconds} s, got a job that goes on; ${id} was cancelled`;
  return failureOf(await desk.ledger.end(job, { state: 'cancelled', error: JOB_TIMEOUT, cause }));
}

function notReady({ key, externalId = '' }: Job): Error {
  return engineError(NOT_READY, `${jobPath(key)}: ${externalId} goes on`);
}

function stopped(key: JobKey): Error {
  return engineError(
    REFUSED,
    `${jobPath(key)}: must be of a run that goes on, got one that is being cancelled`,
  );
}
