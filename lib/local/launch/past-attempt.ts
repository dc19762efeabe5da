/** An attempt whose execution is over, or goes on no more: told to the ledger from its folder. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRun } from '../../history/recorded-run.ts';
import type { RunEvent } from '../../history/run-event.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Run } from '../../model/run.ts';
import { RUN_ABORTED } from '../../orchestrator/projection.ts';
import { endOf, type RunRecord, saveRecord } from '../run-folder.ts';
import type { Ledger } from './ledger.ts';
import { STOP_FILE } from './live-run.ts';
import { endIn, readEvents, writeEvents } from './past-events.ts';
import { WatchedAttempt } from './watched-attempt.ts';

export interface PastAttempt {
  readonly folder: string;
  readonly record: RunRecord;
  readonly run: Run;
  readonly before: RecordedRun | undefined;
  readonly ledger: Ledger;
  readonly now: () => number;
}

/** Why an execution goes on no more. */
export interface Ending {
  readonly state: 'failed' | 'cancelled';
  readonly cause: string;
}

/** Tells the end of an execution that has one. */
export async function tellEnd(attempt: PastAttempt): Promise<void> {
  const { record } = attempt;
  const { events } = readEvents(attempt.folder);
  const end = endIn(events);
  const endMs = record.endedAt === undefined ? end?.timestampMs : Date.parse(record.endedAt);
  const { error, cause } = record.error === undefined ? detailsOf(end) : record;
  await watchedOf(attempt, events).end({
    endMs: endMs ?? attempt.now(),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Writes the end of an execution that had none, or whose record does not tell it, and tells it. */
export async function close(attempt: PastAttempt, ending: Ending): Promise<void> {
  const { folder, record } = attempt;
  const { events } = readEvents(folder);
  const end = endIn(events) ?? lastEvent(events, ending, attempt.now());
  if (endIn(events) === undefined) writeEvents(folder, [...events, end]);
  const all = endIn(events) === undefined ? [...events, end] : events;
  const state = watchedOf(attempt, all).state();
  const closed = { ...record, ...endOf({ state, endMs: end.timestampMs, ...detailsOf(end) }) };
  saveRecord(folder, closed);
  await tellEnd({ ...attempt, record: closed });
}

/** How it is to end where it goes on no more for a reason that its folder tells; `undefined` where it may go on. */
export function endingIn(folder: string, events: readonly RunEvent[]): Ending | undefined {
  if (endIn(events) !== undefined) return { state: 'failed', cause: '' };
  const stop = join(folder, STOP_FILE);
  return existsSync(stop) ? { state: 'cancelled', cause: readFileSync(stop, 'utf8') } : undefined;
}

function watchedOf({ folder, run, before, ledger, now }: PastAttempt, events: readonly RunEvent[]) {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const watched = new WatchedAttempt({ run, manifest, before, ledger, now });
  for (const event of events) watched.apply(event);
  return watched;
}

function lastEvent(events: readonly RunEvent[], { state, cause }: Ending, nowMs: number): RunEvent {
  const own = events.filter(({ execution }) => execution === undefined);
  const previousEventId = own.at(-1)?.id ?? 0;
  const ids = { id: previousEventId + 1, previousEventId, timestampMs: nowMs };
  return state === 'cancelled'
    ? { ...ids, type: 'ExecutionAborted', details: { error: 'Dag.Cancelled', cause } }
    : { ...ids, type: 'ExecutionFailed', details: { error: RUN_ABORTED, cause } };
}

function detailsOf(event: RunEvent | undefined): { readonly error?: string; readonly cause?: string } {
  const { error, cause } = event?.details ?? {};
  return {
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof cause === 'string' ? { cause } : {}),
  };
}
