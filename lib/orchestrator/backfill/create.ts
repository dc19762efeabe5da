/** Makes a backfill; its runs follow as there is room for them. */
import { RefusedError } from '../../base/errors.ts';
import { isoText } from '../../schedule/run-interval.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { note } from '../note.ts';
import type { Actor, World } from '../ports.ts';
import {
  ASKED_FROM,
  type BackfillPreview,
  type BackfillRequest,
  type PlannedBackfill,
  plannedBackfill,
} from './preview.ts';
import { pumpBackfill } from './pump.ts';

export interface CreatedBackfill {
  /** Absent of a dry run, and where no date would run. */
  readonly backfill?: Backfill;
  readonly preview: BackfillPreview;
}

/**
 * Makes a backfill and starts its first runs; of a dry run only says what it would do.
 *
 * @throws {RefusedError} `needs-confirmation` for more than a thousand dates, and those of {@link plannedBackfill}
 */
export async function createBackfill(
  world: World,
  actor: Actor,
  request: BackfillRequest,
): Promise<CreatedBackfill> {
  const planned = await plannedBackfill(world, request);
  const { preview } = planned;
  const runs = preview.counts.create + preview.counts.rerun;
  if (request.dryRun === true || runs === 0) return { preview };
  if (runs > ASKED_FROM && request.confirmed !== true)
    throw new RefusedError(
      'needs-confirmation',
      `dag "${request.dagId}" › backfill: must be confirmed from ${ASKED_FROM + 1} dates on, got ${runs}; look at its dry run, then confirm`,
    );
  const backfill = backfillOf(world, actor, { request, planned });
  await world.store.backfills.create(backfill, datesOf(planned));
  await note(world, actor, 'backfill.create', {
    dagId: backfill.dagId,
    details: { backfill: backfill.id, from: backfill.from, to: backfill.to, ...preview.counts },
  });
  await pumpBackfill(world, backfill);
  return { backfill, preview };
}

function backfillOf(
  world: World,
  actor: Actor,
  { request, planned }: { readonly request: BackfillRequest; readonly planned: PlannedBackfill },
): Backfill {
  const { range, maxActiveRuns, params, tasks, preview } = planned;
  const logicalDates = preview.dates.map(({ logicalDate }) => logicalDate).sort();
  return {
    id: world.newId(),
    dagId: request.dagId,
    from: logicalDates[0] ?? range.from,
    to: logicalDates.at(-1) ?? range.to,
    reprocess: range.reprocess,
    order: range.order,
    maxActiveRuns,
    params,
    ...(tasks === undefined ? {} : { tasks }),
    asOne: range.asOne,
    state: 'running',
    by: actor.name,
    ...(request.note === undefined ? {} : { note: request.note }),
    createdAt: isoText(world.clock.now()),
    rev: 1,
  };
}

/** Those that run have the first places, in their order. */
function datesOf({ preview }: PlannedBackfill): readonly BackfillDate[] {
  const runs = preview.dates.filter(({ action }) => action !== 'skip');
  const skipped = preview.dates.filter(({ action }) => action === 'skip');
  return [
    ...runs.map((date, position) => ({ ...date, state: 'pending' as const, position })),
    ...skipped.map((date, index) => ({ ...date, state: 'skipped' as const, position: runs.length + index })),
  ];
}
