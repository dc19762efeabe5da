/** What the dates of a backfill wait for, and whether any can ever go on. */
import type { Run } from '../../model/run.ts';
import { isFinal } from '../../model/run.ts';
import type { Held } from '../../schedule/startable.ts';
import type { Backfill } from '../../store/store.ts';
import { againCommand } from '../code-here.ts';
import { dagOf } from '../known.ts';
import { startable } from '../lane.ts';
import type { World } from '../ports.ts';

export interface HeldDates {
  /** Each date that was queued and does not start. Empty while one of them runs, or may start. */
  readonly held: readonly Held[];
  /** Nothing of what is left can start before these runs, which ended, have ended otherwise. Empty: something may. */
  readonly stuckBehind: readonly Run[];
  /** What runs the first of them again. */
  readonly command?: string;
}

const NONE: HeldDates = { held: [], stuckBehind: [] };

export async function heldDates(world: World, { dagId, id }: Backfill): Promise<HeldDates> {
  const lane = { dagId, lane: `BF#${id}` } as const;
  const open = await world.store.runs.open(lane);
  if (open.length === 0 || open.some(({ state }) => state !== 'queued')) return NONE;
  const dag = await dagOf(world, dagId);
  const { held, start } = await startable(world, lane, { dag, open });
  if (start.length > 0) return NONE;
  const stuckBehind = await endedBefore(world, dagId, held, new Set(open.map((run) => run.id)));
  const [first] = stuckBehind;
  return {
    held,
    stuckBehind,
    ...(first === undefined ? {} : { command: againCommand(first, dag.head.version) }),
  };
}

/** Runs that all of these wait for, at last; none where one waits for something that may still happen. */
async function endedBefore(
  world: World,
  dagId: string,
  held: readonly Held[],
  queued: ReadonlySet<string>,
): Promise<readonly Run[]> {
  const behind: Run[] = [];
  for (const { logicalDate, code } of held) {
    const past = code === 'depends_on_past' ? await runBefore(world, dagId, logicalDate) : undefined;
    if (past === undefined) return [];
    if (isFinal(past.state)) behind.push(past);
    // One of the same that wait does not move either; any other may.
    else if (!queued.has(past.id)) return [];
  }
  return behind;
}

async function runBefore({ store }: World, dagId: string, logicalDate: string): Promise<Run | undefined> {
  const { items } = await store.runs.list({
    dagId,
    types: ['scheduled', 'backfill'],
    to: logicalDate,
    limit: 2,
  });
  return items.find((run) => run.logicalDate < logicalDate);
}
