/** When something is due next: ticks of schedules, events of a story, instants at which to look again. */
import { toSeconds } from '../../base/duration.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import type { BackfillRequest } from '../../orchestrator/backfill/preview.ts';
import type { ClearRequest } from '../../orchestrator/clear.ts';
import type { MarkRequest } from '../../orchestrator/mark.ts';
import type { Actor, World } from '../../orchestrator/ports.ts';
import type { TriggerRequest } from '../../orchestrator/trigger.ts';
import { nextTick } from '../../schedule/data-interval.ts';

/** Something that happens to the scheduler. Instants are ISO 8601. */
export type ScheduleEvent =
  /** Id of the DAG. */
  | { readonly at: string; readonly pause: string }
  | { readonly at: string; readonly unpause: string }
  /** The process dies, with all that it runs, and comes back at once. */
  | { readonly at: string; readonly kill: true }
  /** No scheduler runs; what was started goes on. */
  | { readonly from: string; readonly to: string; readonly down: true }
  /** What somebody asks for, as by the command of that name. */
  | { readonly at: string; readonly trigger: TriggerRequest }
  | { readonly at: string; readonly clear: ClearRequest }
  | { readonly at: string; readonly mark: MarkRequest }
  | { readonly at: string; readonly backfill: BackfillRequest }
  /** Whatever else somebody does. Time stands still meanwhile. */
  | { readonly at: string; readonly act: (world: World, actor: Actor) => Promise<unknown> };

/** What is to be done at an instant. */
export interface DueNow {
  /** Ids of DAGs whose schedule ticks. */
  readonly dags: readonly string[];
  readonly events: readonly ScheduleEvent[];
  /** Something was promised for now: a run that waited for its jitter, a deadline. */
  readonly sweeps: boolean;
  readonly isDown: boolean;
}

export interface AgendaOptions {
  readonly dags: readonly DagVersion[];
  readonly events: readonly ScheduleEvent[];
  readonly fromMs: number;
}

export class Agenda {
  readonly #options: AgendaOptions;
  readonly #dags: ReadonlyMap<string, DagNode>;
  /** Next tick of each DAG's schedule; of some there is none. */
  readonly #ticks = new Map<string, number>();
  readonly #events: { readonly at: number; readonly event: ScheduleEvent }[];
  readonly #sweeps = new Set<number>();
  readonly #deadlines = new Map<string, readonly number[]>();

  constructor(options: AgendaOptions) {
    this.#options = options;
    this.#dags = new Map(options.dags.map(({ dag }) => [dag.id, dag]));
    for (const dag of this.#dags.values()) {
      this.#deadlines.set(dag.id, deadlinesOf(dag));
      this.#tickAfter(dag, options.fromMs);
    }
    this.#events = options.events
      .flatMap((event) => instantsOf(event).map((at) => ({ at: Date.parse(at), event })))
      .filter(({ at }) => at >= options.fromMs)
      .toSorted((one, other) => one.at - other.at);
  }

  /** `undefined`: nothing will ever be due. */
  next(): number | undefined {
    const [event] = this.#events;
    let first = event?.at ?? Number.POSITIVE_INFINITY;
    for (const at of this.#ticks.values()) first = Math.min(first, at);
    for (const at of this.#sweeps) first = Math.min(first, at);
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  take(at: number): DueNow {
    const dags = [...this.#ticks].filter(([, tickMs]) => tickMs <= at).map(([dagId]) => dagId);
    for (const dagId of dags) {
      const dag = this.#dags.get(dagId);
      if (dag !== undefined) this.#tickAfter(dag, at);
    }
    const sweeps = [...this.#sweeps].filter((instant) => instant <= at);
    for (const instant of sweeps) this.#sweeps.delete(instant);
    const after = this.#events.findIndex((event) => event.at > at);
    const events = this.#events.splice(0, after === -1 ? this.#events.length : after);
    return {
      dags,
      events: events.map(({ event }) => event),
      sweeps: sweeps.length > 0,
      isDown: this.#isDown(at),
    };
  }

  /** Looks at everything then. */
  sweepAt(instantMs: number): void {
    this.#sweeps.add(instantMs);
  }

  /** Runs of a DAG were made now: whether they are late shows at their deadlines. */
  made(dagId: string, nowMs: number): void {
    for (const afterMs of this.#deadlines.get(dagId) ?? []) this.#sweeps.add(nowMs + afterMs);
  }

  #tickAfter({ id, schedule }: DagNode, afterMs: number): void {
    const next = nextTick(schedule, afterMs);
    if (next === undefined) this.#ticks.delete(id);
    else this.#ticks.set(id, next);
  }

  #isDown(at: number): boolean {
    return this.#options.events.some(
      (event) => 'down' in event && Date.parse(event.from) <= at && at < Date.parse(event.to),
    );
  }
}

function instantsOf(event: ScheduleEvent): readonly string[] {
  return 'down' in event ? [event.from, event.to] : [event.at];
}

/** How long after its interval's end it shows that a run or one of its tasks is late, milliseconds. */
export function deadlinesOf({ deadline, tasks }: DagNode): readonly number[] {
  const named = [deadline, ...tasks.map((task) => task.deadline)];
  const seconds = named.flatMap((each) => (each === undefined ? [] : [toSeconds(each) ?? 0]));
  return [...new Set(seconds)].map((each) => (each + 1) * 1000);
}
