import { RefusedError } from '../../base/errors.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { compile } from '../../compiler/compile.ts';
import { instantOf } from '../../schedule/zone.ts';
import { checkNames } from './check-names.ts';
import { playSchedule } from './play-schedule.ts';
import { scheduleOutcome } from './schedule-outcome.ts';
import type { ScheduleOptions, ScheduleSimulation } from './schedule-simulation.ts';
import { storyOf } from './story.ts';
import { virtualWorld } from './virtual-world.ts';

/**
 * Lets a folder of DAGs live through a range of time in virtual time: the real scheduler, the compiled machines, and tasks
 * that do what their scripts say. A year of a daily DAG takes about a second.
 *
 * @throws {RefusedError} `invalid-range`, `invalid-instant`, `unknown-dag`, `unknown-task`
 * @throws {DefinitionError} when a DAG has mistakes
 */
export async function simulateSchedule(options: ScheduleOptions): Promise<ScheduleSimulation> {
  const { dags, seed = 1, events = [] } = options;
  const { fromMs, toMs } = rangeOf(options);
  checkNames(options);
  const versions = dags.map((dag) => ({ dag, manifest: compile(dag).manifest }));
  const byId = new Map(dags.map((dag) => [dag.id, dag]));
  const clock = new VirtualClock(fromMs);
  const story = storyOf(options);
  const world = virtualWorld({ clock, seed, dagOf: (dagId) => byId.get(dagId), scriptOf: story });
  const { launcher } = world;
  const stage = {
    world,
    dags: versions,
    fromMs,
    toMs,
    isSettled: options.fresh !== true,
    events: events.flatMap((event) => ('outage' in event ? [] : [event])),
    kill: () => launcher.kill(),
    check: () => {
      if (launcher.failure !== undefined) throw launcher.failure;
    },
  };
  const failures = await clock.drive(playSchedule(stage));
  return {
    ...(await scheduleOutcome(world, dags, { fromMs, toMs })),
    messages: world.messages,
    world,
    failures,
  };
}

/** @throws {RefusedError} `invalid-range` */
function rangeOf({ from, to }: ScheduleOptions): { readonly fromMs: number; readonly toMs: number } {
  const [fromMs, toMs] = [instantOf(from, 'UTC'), instantOf(to, 'UTC')];
  if (fromMs < toMs) return { fromMs, toMs };
  throw new RefusedError(
    'invalid-range',
    `simulation › range: must be two days or instants, the earlier first, got "${from}" to "${to}"; write 2026-01-01 and 2027-01-01`,
  );
}
