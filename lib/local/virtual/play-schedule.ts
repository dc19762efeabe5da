/** Lets a scheduler live through a range of time: it wakes when something is due, and never in between. */
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { DagVersion } from '../../model/dag-version.ts';
import { createBackfill } from '../../orchestrator/backfill/create.ts';
import { clearRuns } from '../../orchestrator/clear.ts';
import { markTasks } from '../../orchestrator/mark.ts';
import { pauseDag, unpauseDag } from '../../orchestrator/pause.ts';
import type { Actor, World } from '../../orchestrator/ports.ts';
import { registerDags } from '../../orchestrator/register.ts';
import { sweep } from '../../orchestrator/sweep.ts';
import { type TickResult, tick } from '../../orchestrator/tick.ts';
import { trigger } from '../../orchestrator/trigger.ts';
import { previousTick } from '../../schedule/data-interval.ts';
import { watermarkBasis } from '../../schedule/due-intervals.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { Agenda, type ScheduleEvent } from './agenda.ts';

export interface Stage {
  readonly world: World & { readonly clock: VirtualClock };
  readonly dags: readonly DagVersion[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly events: readonly ScheduleEvent[];
  /** Nothing that ended before the beginning is due. @default false */
  readonly isSettled?: boolean;
  /** The process dies, with all that it runs. */
  readonly kill: () => void | Promise<void>;
  /** Throws what went wrong behind the scenes. */
  readonly check?: () => void;
}

const SOMEBODY: Actor = { name: 'simulation', via: 'cli' };

/**
 * Plays from one instant until before another; then what runs is left as it is. To be driven by the world's clock. Gives what did
 * not work, each once.
 */
export async function playSchedule(stage: Stage): Promise<readonly string[]> {
  const { world, dags, toMs, check } = stage;
  const player = new Player(stage);
  await world.clock.until(stage.fromMs);
  await registerDags(world, dags);
  if (stage.isSettled === true) await settle(stage);
  for (const { dag } of dags) await player.look(dag.id);
  for (let at = player.agenda.next(); at !== undefined && at < toMs; at = player.agenda.next()) {
    await world.clock.until(at);
    check?.();
    await player.happen(at);
  }
  await world.clock.until(toMs);
  check?.();
  return [...player.problems];
}

/** The ledgers are complete so far. */
async function settle({ world: { store }, dags, fromMs }: Stage): Promise<void> {
  for (const { dag } of dags) {
    const head = await store.dags.head(dag.id);
    const tickMs = previousTick(dag.schedule, fromMs - 1);
    if (head === undefined || head.watermark !== undefined || tickMs === undefined) continue;
    const watermark = { basis: watermarkBasis(dag), through: isoText(tickMs) };
    await store.dags.updateHead(dag.id, head.rev, { watermark });
  }
}

class Player {
  readonly agenda: Agenda;
  readonly problems = new Set<string>();
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.agenda = new Agenda(stage);
  }

  async happen(at: number): Promise<void> {
    const { dags, events, sweeps, isDown } = this.agenda.take(at);
    for (const event of events) await this.#still(this.#act(event));
    if (isDown) return;
    for (const dagId of dags) await this.look(dagId);
    if (!sweeps && events.length === 0) return;
    const { ticks, problems } = await this.#still(sweep(this.#stage.world));
    for (const problem of problems) this.problems.add(problem);
    for (const result of ticks) await this.#note(result);
  }

  /** Looks at a DAG until nothing more is due: one look makes only so many runs. */
  async look(dagId: string): Promise<void> {
    for (let isMore = true; isMore; ) {
      const result = await this.#still(tick(this.#stage.world, dagId));
      await this.#note(result);
      isMore = result.created.length > 0 && result.held.some(({ code }) => code === 'more_due');
    }
  }

  /** Nobody waits for time to pass: what is really waited for takes none. */
  #still<T>(work: Promise<T>): Promise<T> {
    return this.#stage.world.clock.hold(work);
  }

  async #act(event: ScheduleEvent): Promise<void> {
    const { world, kill } = this.#stage;
    if ('pause' in event) await pauseDag(world, SOMEBODY, event.pause);
    else if ('unpause' in event) await unpauseDag(world, SOMEBODY, event.unpause);
    else if ('kill' in event) await kill();
    else if ('act' in event) await event.act(world, SOMEBODY);
    else await asked(world, event);
  }

  /** Remembers what a look found to wait for. */
  async #note({ dagId, created, held, problems }: TickResult): Promise<void> {
    const { store, clock } = this.#stage.world;
    for (const problem of problems) this.problems.add(problem);
    if (created.length > 0) this.agenda.made(dagId, clock.now());
    if (!held.some(({ code }) => code === 'not_before')) return;
    for (const { notBefore } of await store.runs.open({ dagId }))
      if (notBefore !== undefined && Date.parse(notBefore) > clock.now())
        this.agenda.sweepAt(Date.parse(notBefore));
  }
}

async function asked(world: World, event: ScheduleEvent): Promise<void> {
  if ('trigger' in event) await trigger(world, SOMEBODY, event.trigger);
  else if ('clear' in event) await clearRuns(world, SOMEBODY, event.clear);
  else if ('mark' in event) await markTasks(world, SOMEBODY, event.mark);
  else if ('backfill' in event) await createBackfill(world, SOMEBODY, event.backfill);
}
