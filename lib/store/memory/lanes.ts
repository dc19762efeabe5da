import { compareTexts } from '../../base/compare.ts';
import type { Lane, RunKey } from '../../model/run.ts';

/** Which runs have places of which lanes. */
export class Lanes {
  /** By DAG, then lane; a lane without runs is not there. */
  readonly #dags = new Map<string, Map<Lane, Set<string>>>();

  admit(dagId: string, lane: Lane, runId: string, max: number): boolean {
    const lanes = this.#dags.get(dagId) ?? new Map<Lane, Set<string>>();
    const members = lanes.get(lane) ?? new Set();
    if (members.size < max) this.#dags.set(dagId, lanes.set(lane, members.add(runId)));
    return members.has(runId);
  }

  release(dagId: string, lane: Lane, runId: string): void {
    const lanes = this.#dags.get(dagId);
    const members = lanes?.get(lane);
    members?.delete(runId);
    if (members?.size === 0) lanes?.delete(lane);
  }

  admitted(dagId: string, lane: Lane): readonly string[] {
    return [...(this.#dags.get(dagId)?.get(lane) ?? [])].sort(compareTexts);
  }

  /** A run has no places any more. */
  forget({ dagId, runId }: RunKey): void {
    for (const lane of this.#dags.get(dagId)?.keys() ?? []) this.release(dagId, lane, runId);
  }
}
