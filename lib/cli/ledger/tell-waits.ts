/** Says what runs under way wait for, where else nothing would be seen for a long time. */
import type { Try } from '../../history/task-run.ts';
import { nextTryMs } from '../../local/next-try.ts';
import type { DagNode } from '../../model/dag.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { stateText } from '../glyphs.ts';
import { errorText } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import type { Seen } from './ledger.ts';
import { runName } from './run-text.ts';

/** How often rows are read: of each run that goes on. Milliseconds. */
const LOOK_MS = 1000;

/** `, waits until 2026-01-05T01:00:10Z`, of a task whose try failed; `''` where that is not known. */
export function nextTryText(dag: DagNode, taskId: string, tries: readonly Try[]): string {
  const task = dag.tasks.find(({ id }) => id === taskId);
  const atMs = task === undefined ? undefined : nextTryMs(task, tries);
  // Upwards: instants are of whole seconds, and it does not begin before.
  return atMs === undefined ? '' : `; waits until ${isoText(Math.ceil(atMs / 1000) * 1000)}`;
}

/** Tells of each task that waits for its next try, once for each try. */
export class WaitTeller {
  readonly #ledger: Seen;
  readonly #terminal: Terminal;
  readonly #told = new Set<string>();
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(ledger: Seen, terminal: Terminal) {
    this.#ledger = ledger;
    this.#terminal = terminal;
  }

  /** As often as wanted: the store is asked now and then. */
  async look(runs: readonly Run[]): Promise<void> {
    const nowMs = this.#ledger.clock.now();
    if (nowMs < this.#lookedMs + LOOK_MS) return;
    this.#lookedMs = nowMs;
    for (const run of runs) if (run.state === 'running') await this.#lookAt(run);
  }

  async #lookAt(run: Run): Promise<void> {
    const { store } = this.#ledger;
    const rows = await store.taskRuns.list(keyOfRun(run), { attempt: run.attempt });
    const version = await store.dags.version(run.dagId, run.version);
    for (const { task, instance, state, tries } of rows) {
      const which = instance === undefined ? task : `${task}[${instance}]`;
      const key = `${run.dagId} ${run.id} ${run.attempt} ${which} ${tries.length}`;
      if (state !== 'up_for_retry' || tries.length === 0 || this.#told.has(key)) continue;
      this.#told.add(key);
      const waits = version === undefined ? '' : nextTryText(version.dag, task, tries);
      this.#terminal.print(
        `${stateText(state, this.#terminal.paint)}  ${runName(run)} › ${which}${errorText(tries.at(-1))}${waits}`,
      );
    }
  }
}
