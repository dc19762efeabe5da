/** How often sensors look. */
import { toSeconds } from '../../base/duration.ts';
import type { DagNode } from '../../model/dag.ts';
import type { PokeNode, TaskNode } from '../../model/task.ts';
import { isRunWait } from '../answers.ts';
import { waitsWithin } from './retries.ts';

export interface Looks {
  readonly task: TaskNode;
  /** At most, the first one included. */
  readonly looks: number;
  /** Wait before the second. */
  readonly everySec: number;
  readonly timeoutSec: number;
}

/** Sensors, those that look most often first. */
export function mostLooks(dag: DagNode): readonly Looks[] {
  const sensors = dag.tasks.flatMap((task) =>
    task.call.kind === 'sensor' && !isRunWait(task.call) ? [looksOf(task, task.call.poke)] : [],
  );
  return sensors.sort((a, b) => b.looks - a.looks);
}

function looksOf(task: TaskNode, poke: PokeNode): Looks {
  const everySec = toSeconds(poke.pokeEvery) ?? 60;
  const timeoutSec = toSeconds(poke.timeout) ?? 0;
  return { task, looks: looksIn(timeoutSec, poke), everySec, timeoutSec };
}

/** How often is looked in that time. */
export function looksIn(seconds: number, { pokeEvery, backoff, maxPokeEvery }: PokeNode): number {
  const longest = toSeconds(maxPokeEvery);
  const waits = waitsWithin(seconds, {
    ErrorEquals: [],
    IntervalSeconds: toSeconds(pokeEvery) ?? 60,
    BackoffRate: backoff,
    ...(longest === undefined ? {} : { MaxDelaySeconds: longest }),
  });
  return waits + 1;
}
