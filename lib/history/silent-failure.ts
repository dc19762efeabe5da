/** Why a task failed that the machine itself does: nothing is called there that could tell. */
import type { ManifestTask } from '../model/manifest.ts';

export interface SilentFailure {
  readonly error: string;
  readonly why: string;
}

/** Of a task that failed without a try; `undefined` where a try should have told. */
export function silentFailure({
  kind,
  pool,
}: Pick<ManifestTask, 'kind' | 'pool'>): SilentFailure | undefined {
  switch (kind) {
    case 'sensor.at':
      return {
        error: 'Dag.NoInstant',
        why: 'its instant must be ISO 8601 with a zone, got something else; give it 2026-08-22T06:00:00Z',
      };
    case 'choose':
    case 'shortCircuit':
      return {
        error: 'Dag.NoAnswer',
        why: 'its condition must have an answer, got a value that is missing or of another type; use orElse(…), or exists(…)',
      };
    default:
      return pool === undefined
        ? undefined
        : { error: 'Dag.NoPlaces', why: `its pool "${pool.name}" must have places for it, got a refusal` };
  }
}
