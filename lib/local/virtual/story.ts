import { shortHash } from '../../base/hash.ts';
import { seededRandom } from '../../base/random.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { type Script, type ScriptedTry, scripted } from '../script.ts';
import type { Outage, ScheduleOptions } from './schedule-simulation.ts';

/** What the tasks of each DAG do: as scripted, but for outages and faults. */
export function storyOf({
  scripts = {},
  events = [],
  faults = 0,
  seed = 1,
}: Pick<ScheduleOptions, 'scripts' | 'events' | 'faults' | 'seed'>): (dagId: string) => Script {
  const outages = events.filter((event) => 'outage' in event);
  const known = new Map<string, Script>();
  return (dagId) => {
    const given = scripts[dagId] ?? {};
    const hitting = outages.filter(({ outage }) => outage === dagId || outage.startsWith(`${dagId}/`));
    const script: Script =
      known.get(dagId) ??
      ((event, nowMs) =>
        outageAt(hitting, event, nowMs) ?? faultOf(event, { faults, seed }) ?? scripted(given, event, nowMs));
    known.set(dagId, script);
    return script;
  };
}

function outageAt(outages: readonly Outage[], event: TaskEvent, nowMs: number): ScriptedTry | undefined {
  const { dagId } = event.execution.run;
  const hit = outages.find(
    ({ outage, from, to }) =>
      (outage === dagId || outage === `${dagId}/${event.task}`) &&
      Date.parse(from) <= nowMs &&
      nowMs < Date.parse(to),
  );
  return hit && { outcome: 'failed', error: hit.error ?? 'Simulation.Outage' };
}

/** The same try fails whatever happens around it. */
function faultOf(
  { task, instance = '', try: number, execution }: TaskEvent,
  { faults, seed }: { readonly faults: number; readonly seed: number },
): ScriptedTry | undefined {
  if (faults <= 0) return undefined;
  const { dagId, id, attempt } = execution.run;
  const name = [seed, dagId, id, attempt, task, instance, number].join('/');
  const roll = seededRandom(Number.parseInt(shortHash(name), 16))();
  return roll < faults ? { outcome: 'failed', error: 'Simulation.Fault' } : undefined;
}
