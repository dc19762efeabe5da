/** What makes time pass for the orchestrator here: ticks at the instants that are due, the sweep, and what others wrote. */
import { RefusedError } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import { isFinal, type Run } from '../model/run.ts';
import { pumpBackfills } from '../orchestrator/backfill/pump.ts';
import { startLane } from '../orchestrator/lane.ts';
import { nextRuns } from '../orchestrator/next.ts';
import type { World } from '../orchestrator/ports.ts';
import { sweep } from '../orchestrator/sweep.ts';
import { type TickResult, tick } from '../orchestrator/tick.ts';

/** How often everything is looked over that a lost message or a crash may have left. */
const SWEEP_MS = 60_000;
/** How often the store is asked what other processes wrote. */
const LOOK_MS = 250;
/** Problems remembered as told. */
const MOST_TOLD = 1000;

export interface TimerOptions {
  readonly world: World;
  /** DAGs whose code is here. */
  readonly dags: () => readonly DagNode[];
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Something failed; it goes on. */
  readonly onError: (error: unknown) => void;
  /** Runs that changed, whoever changed them; none of before it began. */
  readonly onRuns?: (runs: readonly Run[]) => void;
}

export interface Timer {
  /** These DAGs are new, or other than they were: they are due. */
  reschedule(dagIds: readonly string[]): void;
  /** Makes no runs of schedules while `held`; what somebody asks for goes on. */
  hold(held: boolean): void;
  /** Resolves when the first round is over: what was due at the start has its runs. */
  readonly first: Promise<void>;
  /** Resolves when it has ended. */
  readonly done: Promise<void>;
}

/** Begins at once, with a sweep, which looks at every DAG. */
export function startTimer(options: TimerOptions): Timer {
  return new Loop(options);
}

class Loop implements Timer {
  readonly first: Promise<void>;
  readonly done: Promise<void>;
  readonly #options: TimerOptions;
  /** When each DAG is due; those that never are again are left out. */
  readonly #due = new Map<string, number>();
  #nextDueMs = Number.POSITIVE_INFINITY;
  readonly #told = new Set<string>();
  #nextSweepMs = Number.NEGATIVE_INFINITY;
  /** What of each head decides whether it is due. */
  readonly #heads = new Map<string, string>();
  /** Changes of each backfill under way, as they were last seen. */
  #backfills: ReadonlyMap<string, number> = new Map();
  #cursor: string | undefined;
  #held = false;

  constructor(options: TimerOptions) {
    this.#options = options;
    const begun = Promise.withResolvers<void>();
    this.first = begun.promise;
    this.done = this.#run(begun.resolve);
  }

  reschedule(dagIds: readonly string[]): void {
    for (const id of dagIds) this.#due.set(id, Number.NEGATIVE_INFINITY);
    this.#setNext();
  }

  hold(held: boolean): void {
    this.#held = held;
    // What was due meanwhile is due now.
    this.#nextSweepMs = Number.NEGATIVE_INFINITY;
    this.#setNext();
  }

  async #run(begun: () => void): Promise<void> {
    const { world, signal } = this.#options;
    await this.#attempt(async () => {
      this.#cursor = (await world.store.runs.changes()).cursor;
      for (const { dagId, paused, version } of await world.store.dags.heads())
        this.#heads.set(dagId, `${paused} ${version}`);
    });
    while (!signal.aborted) {
      await this.#attempt(() => this.#round());
      begun();
      try {
        await world.clock.until(this.#wakeMs(), signal);
      } catch {
        break;
      }
    }
    begun();
  }

  /** The store is looked into often enough that a new process's writes are seen soon; a tick is never waited for longer. */
  #wakeMs(): number {
    const next = this.#held ? Number.POSITIVE_INFINITY : Math.min(this.#nextDueMs, this.#nextSweepMs);
    return Math.min(this.#options.world.clock.now() + LOOK_MS, next);
  }

  async #round(): Promise<void> {
    const { world } = this.#options;
    if (!this.#held && world.clock.now() >= this.#nextSweepMs) await this.#sweep();
    if (world.clock.now() >= this.#nextDueMs) await this.#tickDue();
    await this.#attempt(() => this.#takeChanges());
    await this.#attempt(() => this.#takeBackfills());
  }

  /** Looks at everything, all DAGs included. */
  async #sweep(): Promise<void> {
    const { world, dags } = this.#options;
    this.#nextSweepMs = world.clock.now() + SWEEP_MS;
    await this.#attempt(async () => {
      const { ticks, problems } = await sweep(world);
      this.#tell([...problems, ...ticks.flatMap((each) => each.problems)]);
      for (const result of ticks) await this.#plan(result);
    });
    await this.#attempt(() => pumpBackfills(world));
    // Those in which nothing happened are not among the results.
    for (const { id } of dags()) if (!this.#due.has(id)) await this.#attempt(() => this.#planNext(id));
    this.#setNext();
  }

  async #tickDue(): Promise<void> {
    const { world, dags, signal } = this.#options;
    const now = world.clock.now();
    const here = new Set(dags().map(({ id }) => id));
    for (const [id, dueMs] of this.#due) {
      if (signal.aborted) return;
      if (!here.has(id)) this.#due.delete(id);
      else if (dueMs <= now) await this.#attempt(() => this.#tick(id));
    }
    this.#setNext();
  }

  async #tick(dagId: string): Promise<void> {
    // Should it fail, the sweep looks again.
    this.#due.set(dagId, Number.POSITIVE_INFINITY);
    const result = await tick(this.#options.world, dagId);
    this.#tell(result.problems);
    await this.#plan(result);
  }

  /** When a DAG is due after a look at it. */
  async #plan({ dagId, held }: TickResult): Promise<void> {
    const { store } = this.#options.world;
    await this.#planNext(dagId);
    for (const { runId, code } of held) {
      if (code !== 'not_before' || runId === undefined) continue;
      const run = await store.runs.get({ dagId, runId });
      if (run?.notBefore === undefined) continue;
      this.#due.set(dagId, Math.min(this.#due.get(dagId) ?? Infinity, Date.parse(run.notBefore)));
    }
  }

  async #planNext(dagId: string): Promise<void> {
    const [next] = await nextRuns(this.#options.world, dagId, 1);
    this.#due.set(dagId, next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.runAt));
  }

  #setNext(): void {
    const next = Math.min(Number.POSITIVE_INFINITY, ...this.#due.values());
    this.#nextDueMs = this.#held ? Number.POSITIVE_INFINITY : next;
  }

  /** Each once: what cannot be done now is tried at every look. */
  #tell(problems: readonly string[]): void {
    for (const problem of problems) {
      if (this.#told.has(problem)) continue;
      if (this.#told.size >= MOST_TOLD) this.#told.clear();
      this.#told.add(problem);
      this.#options.onError(new RefusedError('not-started', problem));
    }
  }

  async #takeChanges(): Promise<void> {
    const { world, onRuns } = this.#options;
    const { runs, dags, cursor, resync } = await world.store.runs.changes(this.#cursor);
    this.#cursor = cursor;
    if (resync === true) this.#nextSweepMs = Number.NEGATIVE_INFINITY;
    await this.#tickChanged(dags);
    if (runs.length === 0) return;
    onRuns?.(runs);
    const lanes = new Map(
      runs
        .filter(({ state }) => state === 'queued' || isFinal(state))
        .map(({ dagId, lane }) => [`${dagId} ${lane}`, { dagId, lane }]),
    );
    for (const of of lanes.values()) {
      if (of.lane !== 'main') await this.#attempt(() => pumpBackfills(world, of.dagId));
      await this.#attempt(() => startLane(world, of));
    }
  }

  /** Backfills that somebody made, paused or let go on: what of them waits may have to start. */
  async #takeBackfills(): Promise<void> {
    const { world } = this.#options;
    const { items } = await world.store.backfills.list({ active: true, limit: 1000 });
    const revs = new Map(items.map(({ id, rev }) => [id, rev]));
    const changed = items.filter(({ id, rev }) => this.#backfills.get(id) !== rev);
    this.#backfills = revs;
    for (const { dagId, id } of changed) {
      await this.#attempt(() => pumpBackfills(world, dagId));
      await this.#attempt(() => startLane(world, { dagId, lane: `BF#${id}` }));
    }
  }

  /** Heads changed: those that were unpaused, or have another version, are due; ticks themselves change heads, too. */
  async #tickChanged(dagIds: readonly string[]): Promise<void> {
    const { store, clock } = this.#options.world;
    for (const id of dagIds) {
      if (!this.#due.has(id)) continue;
      const head = await store.dags.head(id);
      const facts = `${head?.paused} ${head?.version}`;
      const before = this.#heads.get(id);
      this.#heads.set(id, facts);
      if (before === undefined || before === facts) continue;
      this.#due.set(id, clock.now());
    }
    this.#setNext();
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
