import { compareTexts } from '../../base/compare.ts';
import { isFinal, keyOfRun, type Run, type RunKey } from '../../model/run.ts';
import type { TaskRunRow } from '../store.ts';

/** What belongs to a run, and goes with it. */
export interface Belongings {
  /** By attempt, task and instance. */
  readonly rows: Map<string, TaskRunRow>;
  recorded?: string;
}

/** All runs, found by key, in the order of their ids, and those that are open. */
export class Ledger {
  readonly #dags = new Map<string, DagRuns>();
  readonly #open = new Map<string, Run>();
  readonly #belongings = new Map<string, Belongings>();

  get({ dagId, runId }: RunKey): Run | undefined {
    return this.#dags.get(dagId)?.byId.get(runId);
  }

  /** Keeps a run in the place of that of its key. */
  set(run: Run): void {
    const { dagId, runId } = keyOfRun(run);
    const runs = this.#dags.get(dagId) ?? { byId: new Map(), ids: [] };
    this.#dags.set(dagId, runs);
    if (!runs.byId.has(runId)) runs.ids.splice(placeOf(runId, runs.ids), 0, runId);
    runs.byId.set(runId, run);
    if (isFinal(run.state)) this.#open.delete(textOf(dagId, runId));
    else this.#open.set(textOf(dagId, runId), run);
  }

  delete({ dagId, runId }: RunKey): void {
    const runs = this.#dags.get(dagId);
    if (runs?.byId.delete(runId) === true) runs.ids.splice(placeOf(runId, runs.ids), 1);
    this.#open.delete(textOf(dagId, runId));
    this.#belongings.delete(textOf(dagId, runId));
  }

  /** `undefined` where the run is not there. */
  belongings(key: RunKey): Belongings | undefined {
    if (this.get(key) === undefined) return undefined;
    const text = textOf(key.dagId, key.runId);
    const found = this.#belongings.get(text) ?? { rows: new Map<string, TaskRunRow>() };
    this.#belongings.set(text, found);
    return found;
  }

  /** Runs of a DAG from after a run id on, or from the first on; `newest`: from before it down. */
  *walk(dagId: string, order: 'newest' | 'oldest', after?: string): Generator<Run> {
    const { byId, ids } = this.#dags.get(dagId) ?? { byId: new Map<string, Run>(), ids: [] };
    const step = order === 'oldest' ? 1 : -1;
    for (let at = firstPlace(ids, step, after); at >= 0 && at < ids.length; at += step) {
      const run = byId.get(ids[at] ?? '');
      if (run !== undefined) yield run;
    }
  }

  newest(dagId: string, count: number): readonly Run[] {
    const { byId, ids } = this.#dags.get(dagId) ?? { byId: new Map<string, Run>(), ids: [] };
    return ids
      .slice(-count)
      .reverse()
      .flatMap((id) => byId.get(id) ?? []);
  }

  all(): readonly Run[] {
    return [...this.#dags.values()].flatMap(({ byId }) => [...byId.values()]);
  }

  open(): readonly Run[] {
    return [...this.#open.values()];
  }

  dagIds(): readonly string[] {
    return [...this.#dags.keys()].sort(compareTexts);
  }
}

interface DagRuns {
  readonly byId: Map<string, Run>;
  /** Sorted. */
  readonly ids: string[];
}

/** Where an id is in a sorted list, or would be. */
function placeOf(id: string, ids: readonly string[]): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareTexts(ids[middle] ?? '', id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstPlace(ids: readonly string[], step: 1 | -1, after: string | undefined): number {
  if (after === undefined) return step === 1 ? 0 : ids.length - 1;
  const place = placeOf(after, ids);
  if (step === -1) return place - 1;
  return ids[place] === after ? place + 1 : place;
}

function textOf(dagId: string, runId: string): string {
  return JSON.stringify([dagId, runId]);
}
