/** Reads an execution's history to what the ledger keeps of it. */
import type { HistoryEvent } from '../asl/events.ts';
import { Projector } from '../history/project.ts';
import { type RecordedRun, RecordedRunReader } from '../history/recorded-run.ts';
import type { DagVersion } from '../model/dag-version.ts';
import { keyOfRun, type Run, type RunKey } from '../model/run.ts';
import { attemptEnd } from '../orchestrator/attempt-end.ts';
import type { RunEnd } from '../orchestrator/end.ts';
import type { ExecutionEnd } from '../orchestrator/failures.ts';
import { type Projection, projectionOf } from '../orchestrator/projection.ts';
import { runHistory } from './history.ts';
import type { Sfn } from './history-page.ts';
import { cancellingCause } from './run-items.ts';
import type { Table } from './table.ts';

/** Error of an execution that somebody cancelled. */
export const CANCELLED = 'Dag.Cancelled';

/** One attempt of a run, and where its history is. */
export interface ExecutionOfRun {
  readonly arn: string;
  readonly run: Run;
  readonly version: DagVersion;
}

export interface RecorderPlace {
  readonly sfn: Sfn;
  readonly table: Table;
  /** What the attempts before recorded, where an attempt runs only some tasks again. */
  readonly recorded: (run: RunKey) => Promise<RecordedRun | undefined>;
}

/** How an execution ended; `running`: it goes on; `unknown`: there is none, or it was 90 days ago. */
export async function endFrom(
  { sfn, table, recorded }: RecorderPlace,
  { arn, run, version }: ExecutionOfRun,
): Promise<RunEnd | 'running' | 'unknown'> {
  const history = await runHistory(sfn, arn);
  if (history === undefined) return 'unknown';
  if (history.end === undefined) return 'running';
  const { manifest } = version;
  const before = run.again === undefined ? undefined : await recorded(keyOfRun(run));
  const projector = new Projector(manifest);
  const reader = new RecordedRunReader(manifest, before);
  for (const event of history.events) {
    projector.apply(event);
    reader.apply(event);
  }
  return attemptEnd(
    { run, manifest, projector, recorded: reader.read(projector) },
    {
      endMs: history.end.timestampMs,
      transitions: history.transitions,
      ...(await whyOf(table, run, history.end)),
    },
  );
}

/** Who stops one by hand says nothing; who cancels a run has said why in the table, whatever the history keeps of it. */
async function whyOf(table: Table, run: Run, { type, details }: HistoryEvent): Promise<ExecutionEnd> {
  const { cause } = details;
  // AWS need not say what the event's name says.
  const error = details['error'] ?? (type === 'ExecutionTimedOut' ? 'States.Timeout' : undefined);
  if (type !== 'ExecutionAborted' || typeof error === 'string')
    return {
      ...(typeof error === 'string' && error !== '' ? { error } : {}),
      ...(typeof cause === 'string' && cause !== '' ? { cause } : {}),
    };
  const said = await cancellingCause(table, keyOfRun(run), run.attempt);
  return { error: CANCELLED, cause: said ?? 'its execution was stopped by hand' };
}

/** How far an execution is, for whoever looks at it while it runs; `undefined` where there is none. */
export async function progressFrom(
  { sfn }: { readonly sfn: Sfn },
  { arn, run, version }: ExecutionOfRun,
): Promise<Projection | undefined> {
  const history = await runHistory(sfn, arn);
  if (history === undefined) return undefined;
  const projector = new Projector(version.manifest);
  for (const event of history.events) projector.apply(event);
  const { attempt, cells } = run;
  return projectionOf({ manifest: version.manifest, attempt, cells }, projector);
}
