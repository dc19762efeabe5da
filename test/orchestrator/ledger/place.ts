/** A place in which processes live and die: one store, one clock, and executions that outlive whoever started them. */
import { seededRandom } from '../../../lib/base/random.ts';
import { keyOfRun, type Run } from '../../../lib/model/run.ts';
import type { Launcher, World } from '../../../lib/orchestrator/ports.ts';
import { recordEnd } from '../../../lib/orchestrator/record.ts';
import { isoText } from '../../../lib/schedule/run-interval.ts';
import { memoryStore } from '../../../lib/store/memory.ts';
import type { Store } from '../../../lib/store/store.ts';
import { gated } from './actor.ts';

/** Of each backfill. */
export const BACKFILL_LIMIT = 1;

export interface Execution {
  readonly name: string;
  readonly run: Run;
  state: 'running' | 'ended' | 'lost';
}

export class Place {
  readonly seed: number;
  readonly store: Store;
  readonly executions = new Map<string, Execution>();
  /** What broke a rule on the way. */
  readonly broken: string[] = [];
  nowMs: number;
  readonly random: () => number;
  /** Most active runs by DAG. */
  readonly limits: ReadonlyMap<string, number>;
  #ids = 0;

  constructor(
    seed: number,
    options: { startMs: number; limits: ReadonlyMap<string, number>; store?: Store },
  ) {
    this.seed = seed;
    this.random = seededRandom(seed);
    this.nowMs = options.startMs;
    this.limits = options.limits;
    this.store = options.store ?? memoryStore();
  }

  /** The world of one process. */
  world(gate: () => Promise<void>): World {
    return {
      store: gated(this.store, gate),
      launcher: this.#launcher(gate),
      notifier: { notify: gate },
      clock: { now: () => this.nowMs, until: () => Promise.reject(new Error('nothing waits')) },
      newId: () => String(++this.#ids).padStart(26, '0'),
    };
  }

  /** Tells the end of an execution: as often as it is asked. */
  async tellEnd(world: World, { run }: Execution, state: 'success' | 'failed'): Promise<void> {
    await recordEnd(world, {
      ...keyOfRun(run),
      attempt: run.attempt,
      state,
      endedAt: isoText(this.nowMs),
      cells: state === 'success' ? 'ss' : 'fu',
      rows: [],
      recorded: { states: new Map(), outputs: new Map(), marks: {}, records: [] },
    });
  }

  #active({ dagId, lane }: Run): number {
    const isActive = ({ run, state }: Execution) =>
      run.dagId === dagId && run.lane === lane && state === 'running';
    return [...this.executions.values()].filter(isActive).length;
  }

  #launcher(gate: () => Promise<void>): Launcher {
    return {
      // Never the same twice: a run that were started again would have another execution.
      nameFor: ({ dagId, id, attempt }) => `${dagId}/${id}/${attempt}/${++this.#ids}`,
      start: async ({ run }) => {
        await gate();
        this.#start(run);
        await gate();
      },
      stop: async (name) => {
        await gate();
        const execution = this.executions.get(name);
        if (execution?.state === 'running') execution.state = 'ended';
        await gate();
      },
      describe: async (name) => {
        await gate();
        return this.executions.get(name)?.state ?? 'unknown';
      },
      settle: async ({ run }) => {
        const execution = this.executions.get(run.execution ?? '');
        if (execution?.state !== 'ended') return false;
        await this.tellEnd(this.world(gate), execution, 'success');
        return true;
      },
    };
  }

  #start(run: Run): void {
    const name = run.execution ?? '';
    if (this.executions.has(name)) return;
    const twin = [...this.executions.values()].find(
      (other) =>
        other.run.dagId === run.dagId && other.run.id === run.id && other.run.attempt === run.attempt,
    );
    if (twin !== undefined)
      this.broken.push(`${run.dagId} ${run.id}: attempt ${run.attempt} was started twice`);
    this.executions.set(name, { name, run, state: 'running' });
    const limit = run.lane === 'main' ? (this.limits.get(run.dagId) ?? 0) : BACKFILL_LIMIT;
    const active = this.#active(run);
    if (active > limit)
      this.broken.push(
        `${run.dagId}: ${active} runs of lane ${run.lane} are active, at most ${limit} may be`,
      );
  }
}
