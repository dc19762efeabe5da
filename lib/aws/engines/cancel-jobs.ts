/** Ends the external jobs of an execution: of one that is to be stopped, or that has ended without them. */
import type { CancelJobs } from '../../deployment/events.ts';
import type { EndJobs } from '../task/engine-call.ts';
import { engineHere } from './all.ts';
import { busyOr } from './busy.ts';
import { BUSY, engineError, REFUSED } from './errors.ts';
import type { Job, JobLedger } from './job.ts';
import { jobPath } from './job.ts';
import { jobLedger, jobsOf, markStopped, type TableCall } from './ledger.ts';
import { bucketOutputs } from './outputs.ts';
import { type EngineHere, jobFolder } from './place.ts';
import { tableCall } from './table-call.ts';

/** Longest that a call of a function takes, and so the time between a submission and what is known of it. */
const SUBMITTING_MS = 900_000;

/** What became of the jobs that were open, by task. */
interface Told {
  /** Ended by us, or ended before. */
  readonly cancelled: readonly string[];
  /** Being submitted, and known to nobody yet: whoever submits them sees the mark and ends them. */
  readonly submitting: readonly string[];
}

export type FindEngine = typeof engineHere;

type CancelWorld = Parameters<EndJobs>[1];

/**
 * Marks the execution, so that nobody submits for it any more, and then cancels what is open. Asked again it does what is
 * left; a job that has ended already is a success.
 *
 * @throws {Error} `Engine.Busy` where a job could not be ended: whoever asked asks again
 */
export const cancelJobs: EndJobs = (event, world) => cancelWith(engineHere, event, world);

export async function cancelWith(find: FindEngine, event: CancelJobs, world: CancelWorld) {
  const { clients, file, nowMs, table: name } = world;
  const table: TableCall = tableCall(clients.dynamodb);
  const outputs = bucketOutputs(clients.s3, file.bucket);
  const ledger = jobLedger({ table, outputs, nowMs });
  const key = { table: name, dagId: event.dagId, runId: event.runId, attempt: String(event.attempt) };
  await markStopped({ table, nowMs }, key);
  const open = (await jobsOf(table, key)).filter(
    ({ state }) => state === 'submitting' || state === 'running',
  );
  const ends = await Promise.all(open.map((job) => ended({ find, ledger, event, world }, job)));
  const of = (end: string) =>
    open.filter((_, index) => ends[index] === end).map(({ key: at }) => jobPath(at));
  const left = open.flatMap(({ key: at }, index) => {
    const end = ends[index];
    return end instanceof Error ? [`${jobPath(at)}: ${end.message}`] : [];
  });
  if (left.length > 0) throw engineError(BUSY, `jobs could not be cancelled: ${left.join('; ')}`);
  const told: Told = { cancelled: of('cancelled'), submitting: of('submitting') };
  return { ...told };
}

interface Ending {
  readonly find: FindEngine;
  readonly ledger: JobLedger;
  readonly event: CancelJobs;
  readonly world: CancelWorld;
}

async function ended(
  { find, ledger, event, world }: Ending,
  job: Job,
): Promise<'cancelled' | 'submitting' | Error> {
  const { file, clients, nowMs, log } = world;
  const call = {
    engine: job.engine,
    ...(job.connection === undefined ? {} : { connection: job.connection }),
  };
  const signal = new AbortController().signal;
  try {
    const engine = await find({ call, file });
    const here = opened(engine, {
      call,
      file,
      clients,
      nowMs,
      log,
      signal,
      args: {},
      want: [],
      dagId: job.key.dagId,
      folder: jobFolder(job.key),
    });
    const { externalId, token } = job;
    const found = externalId === undefined ? await here?.find?.(token, job.submittedAt) : undefined;
    const id = externalId ?? found;
    if (id === undefined && nowMs() < Date.parse(job.submittedAt) + SUBMITTING_MS) return 'submitting';
    if (id !== undefined) await here?.cancel(id);
    await ledger.end(job, { state: 'cancelled', error: REFUSED, cause: event.cause });
    log.info(`${job.engine}: job ${id ?? 'without id'} cancelled`, {
      task: job.key.task,
      cause: event.cause,
    });
    return 'cancelled';
  } catch (thrown) {
    return busyOr(thrown, (error) => error);
  }
}

function opened(engine: EngineHere, place: Parameters<Extract<EngineHere, { open: unknown }>['open']>[0]) {
  return 'open' in engine ? engine.open(place) : undefined;
}
