/** Which run of a DAG a task of another DAG waits for. */
import type { Run } from '../model/run.ts';
import type { AwaitedRun } from '../model/run-input.ts';
import { intervalOf, isoText } from '../schedule/run-interval.ts';
import { dagOf } from './known.ts';
import type { World } from './ports.ts';

/**
 * The newest run of the interval that holds the date, whatever made it; `undefined` where there is none yet.
 *
 * @throws {RefusedError} `unknown-dag`, `invalid-logical-date`
 */
export async function awaitedRun(
  world: World,
  { dagId, logicalDate }: Pick<AwaitedRun, 'dagId' | 'logicalDate'>,
): Promise<Run | undefined> {
  const { version } = await dagOf(world, dagId);
  const date = isoText(intervalOf(version.dag, logicalDate, world.clock.now()).startMs);
  const { items } = await world.store.runs.list({ dagId, from: date, to: date, limit: 1 });
  return items[0];
}
