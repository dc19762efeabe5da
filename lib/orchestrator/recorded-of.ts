import type { RecordedRun } from '../history/recorded-run.ts';
import { keyOfRun, type Run } from '../model/run.ts';
import type { World } from './ports.ts';

/** What a run recorded, with the states that its tasks were marked with. */
export async function recordedOf({ store }: World, run: Run): Promise<RecordedRun | undefined> {
  const kept = await store.taskRuns.recorded(keyOfRun(run));
  const { marked } = run;
  if (kept === undefined || marked === undefined) return kept;
  const states = [...kept.states].map(([id, state]) => [id, marked[id] ?? state] as const);
  return { ...kept, states: new Map(states) };
}
