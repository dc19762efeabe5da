/** The end of an attempt, as its whole history tells it: the same here and on AWS. */
import type { Projector } from '../history/project.ts';
import type { RecordedRun } from '../history/recorded-run.ts';
import type { Manifest } from '../model/manifest.ts';
import { keyOfRun, type Run } from '../model/run.ts';
import { isoText } from '../schedule/run-interval.ts';
import type { RunEnd } from './end.ts';
import { type ExecutionEnd, failuresOf } from './failures.ts';
import { projectionOf } from './projection.ts';

/** An attempt whose history was followed to its end. */
export interface FollowedAttempt {
  readonly run: Run;
  readonly manifest: Manifest;
  /** Has had every event. */
  readonly projector: Projector;
  readonly recorded: RecordedRun;
}

export type HowItEnded = ExecutionEnd & Pick<RunEnd, 'transitions'> & { readonly endMs: number };

/** State of an execution that has ended: one that never said how has failed. */
export function endState(projector: Pick<Projector, 'runState'>): RunEnd['state'] {
  const state = projector.runState();
  return state === 'running' ? 'failed' : state;
}

/** What the ledger is told. */
export function attemptEnd(
  { run, manifest, projector, recorded }: FollowedAttempt,
  { endMs, transitions, ...why }: HowItEnded,
): RunEnd {
  const state = endState(projector);
  const { attempt, cells } = run;
  return {
    ...keyOfRun(run),
    attempt,
    ...projectionOf({ manifest, attempt, cells }, projector),
    state,
    endedAt: isoText(endMs),
    recorded,
    ...(transitions === undefined ? {} : { transitions }),
    ...(state === 'success' ? {} : failuresOf(manifest, projector, why)),
  };
}
