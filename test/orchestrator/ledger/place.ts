/** A place in which processes live and die: one store, one clock, and executions that outlive whoever started them. */
import { seededRandom } from '../../../lib/base/random.ts';
import { keyOfRun, type Run } from '../../../lib/model/run.ts';
import type { Launcher, World } from '../../../lib/orchestrator/ports.ts';
import { recordEnd } from '../../../lib/orchestrator/record.ts';
import { isoText } from '../../../lib/schedule/run-interval.ts';
import { memoryStore } from '../../../lib/store/memory.ts';
import type { Store } from '../../../lib/store/store.ts';
import { gated } from './actor.ts';
import { type Execution, type Executions, memoryExecutions } from './executions.ts';

/** Of each backfill. */
export const BACKFILL_LIMIT = 1;

export interface PlaceOptions {
  readonly startMs: number;
  /** Most active runs by DAG. */
  readonly limits: ReadonlyMap<string, number>;
  /** @default in memory */
  readonly store?: Store;
  /** The store as one process sees it, which can die at any point of it. @default by its methods */
  readonly gated?: (gate: () => Promise<void>) => Store;
  readonly executions?: Executions;
  /** Tells ids of this process from those of others. */
  readonly process?: string;
}

export class Place {
  readonly seed: number;
  readonly store: Store;
  readonly executions: Executions;
  /** What broke a rule on the way. */
  readonly broken: string[] = [];
  nowMs: number;
  readonly random: () => number;
  readonly #limits: ReadonlyMap<string, number>;
  readonly #process: string;
  readonly #gated: (gate: () => Promise<void>) => Store;
  #ids = 0;

  constructor(seed: number, options: PlaceOptions) {
    this.seed = seed;
    this.random = seededRandom(seed);
    this.nowMs = options.startMs;
    this.store = options.store ?? memoryStore();
    this.executions = options.executions ?? memoryExecutions();
    this.#limits = options.limits;
    this.#process = options.process ?? '';
    this.#gated = options.gated ?? ((gate) => gated(this.store, gate));
  }

  /** The world of one process. */
  world(gate: () => Promise<void>): World {
    return {
      store: this.#gated(gate),
      launcher: this.#launcher(gate),
      notifier: { notify: gate },
      clock: { now: () => this.nowMs, until: () => Promise.reject(new Error('nothing waits')) },
      newId: () => this.#newId(),
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

  #newId(): string {
    return `${this.#process}${String(++this.#ids).padStart(26 - this.#process.length, '0')}`;
  }

  #launcher(gate: () => Promise<void>): Launcher {
    return {
      // Never the same twice: a run that were started again would have another execution.
      nameFor: ({ dagId, id, attempt }) => `${dagId}/${id}/${attempt}/${this.#newId()}`,
      start: async ({ run }) => {
        await gate();
        this.#start(run);
        await gate();
      },
      stop: async (name) => {
        await gate();
        this.executions.end(name, 'ended');
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
    const before = this.executions.all();
    if (!this.executions.start(run.execution ?? '', run)) return;
    const { dagId, id, attempt, lane } = run;
    const isTwin = (other: Run) => other.dagId === dagId && other.id === id && other.attempt === attempt;
    if (before.some((other) => isTwin(other.run)))
      this.broken.push(`${dagId} ${id}: attempt ${attempt} was started twice`);
    const limit = lane === 'main' ? (this.#limits.get(dagId) ?? 0) : BACKFILL_LIMIT;
    const others = before.filter(({ run: other, state }) => state === 'running' && other.lane === lane);
    const active = 1 + others.filter((other) => other.run.dagId === dagId).length;
    if (active > limit)
      this.broken.push(`${dagId}: ${active} runs of lane ${lane} are active, at most ${limit} may be`);
  }
}
