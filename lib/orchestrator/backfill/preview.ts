/** What a backfill would do: each date with its action and reason, and what it would take. */

import { RefusedError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { nothingRecorded } from '../../history/recorded-run.ts';
import { namedUnits, rerunOf, selectedTasks } from '../../history/rerun.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isIntervalRun, type LedgerState } from '../../model/run.ts';
import {
  type BackfillRange,
  type PlannedDate,
  planBackfill,
  rangeIntervals,
} from '../../schedule/backfill-plan.ts';
import type { DataInterval } from '../../schedule/data-interval.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { allOf } from '../../store/page.ts';
import { dagOf, type KnownDag } from '../known.ts';
import { checkedParams } from '../params.ts';
import type { World } from '../ports.ts';
import { type Estimate, estimateOf } from './estimate.ts';

export interface BackfillRequest {
  readonly dagId: string;
  /** Logical dates of the first and last interval, inclusive: days or instants. */
  readonly from: string;
  readonly to: string;
  /** What becomes of dates that have a run. @default 'none' */
  readonly reprocess?: BackfillRange['reprocess'];
  /** @default 'oldest' */
  readonly order?: BackfillRange['order'];
  /** Of its runs, at the same time; the DAG's other runs have their own. @default the DAG's */
  readonly maxActiveRuns?: number;
  /** Over the defaults. @default {} */
  readonly params?: JsonObject;
  /** Tasks that run, `load+` with everything below. @default all */
  readonly tasks?: readonly string[];
  /** One run for the whole range. @default false */
  readonly asOne?: boolean;
  readonly note?: string;
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
  /** More than {@link ASKED_FROM} dates are meant. @default false */
  readonly confirmed?: boolean;
}

export interface BackfillPreview {
  /** In the order in which they run, those that are skipped in their places. */
  readonly dates: readonly PlannedDate[];
  readonly counts: Readonly<Record<PlannedDate['action'], number>>;
  /** Absent where nothing would run. */
  readonly estimate?: Estimate;
}

export interface PlannedBackfill {
  readonly dag: KnownDag;
  readonly range: BackfillRange;
  readonly maxActiveRuns: number;
  readonly params: JsonObject;
  /** Tasks and modules that run. Absent: all. */
  readonly tasks?: readonly string[];
  readonly preview: BackfillPreview;
}

/** Backfills of more dates must be confirmed. */
export const ASKED_FROM = 1_000;

/**
 * Plans a backfill as it would be now.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-task`, `output-not-recorded`, those of params, and those of the range
 */
export async function plannedBackfill(world: World, request: BackfillRequest): Promise<PlannedBackfill> {
  const known = await dagOf(world, request.dagId);
  const { dag, manifest } = known.version;
  if (known.head.retiredAt !== undefined)
    throw new RefusedError('unknown-dag', `dag "${dag.id}" › backfill: the project has it no more`);
  const range = rangeOf(request);
  const maxActiveRuns = limitOf(request, dag.maxActiveRuns);
  const params = checkedParams(dag, request.params);
  const tasks = request.tasks && selectedTasks(dag, manifest, request.tasks);
  // Of a run that is new nothing is recorded that its tasks could read.
  if (tasks !== undefined) rerunOf(dag, nothingRecorded(manifest), tasks);
  const { intervals, outside } = rangeIntervals(dag, range, world.clock.now());
  const planned = planBackfill(dag, range, intervals, await existingRuns(world, dag.id, intervals));
  const dates = [...(tasks === undefined ? planned : withoutAbove(planned, manifest, tasks)), ...outside];
  const counts = { create: 0, rerun: 0, skip: 0 };
  for (const { action } of dates) counts[action]++;
  const runs = counts.create + counts.rerun;
  const estimate = runs === 0 ? {} : { estimate: await estimateOf(world, known, { runs, maxActiveRuns }) };
  const preview = { dates, counts, ...estimate };
  return { dag: known, range, maxActiveRuns, params, ...(tasks === undefined ? {} : { tasks }), preview };
}

/** Says of new runs what they take as done: what is above their tasks and does not run. */
function withoutAbove(
  dates: readonly PlannedDate[],
  manifest: Manifest,
  tasks: readonly string[],
): readonly PlannedDate[] {
  const named = namedUnits(
    manifest,
    tasks.map((id) => `+${id}`),
  );
  const above = named.filter((id) => !tasks.includes(id));
  if (above.length === 0) return dates;
  const more = above.length > 5 ? ` and ${above.length - 5} more` : '';
  const count = above.length === 1 ? 'does not run and is' : 'do not run and are';
  const note = `upstream ${above.slice(0, 5).join(', ')}${more} ${count} taken as done`;
  return dates.map((date) =>
    date.action === 'create' ? { ...date, reason: [date.reason ?? [], note].flat().join('; ') } : date,
  );
}

function rangeOf({
  from,
  to,
  reprocess = 'none',
  order = 'oldest',
  asOne = false,
}: BackfillRequest): BackfillRange {
  return { from, to, reprocess, order, asOne };
}

function limitOf({ dagId, maxActiveRuns }: BackfillRequest, byDefault: number): number {
  if (maxActiveRuns === undefined) return byDefault;
  if (Number.isInteger(maxActiveRuns) && maxActiveRuns >= 1 && maxActiveRuns <= 1_000) return maxActiveRuns;
  throw new RefusedError(
    'invalid-range',
    `dag "${dagId}" › backfill › maxActiveRuns: must be a whole number from 1 to 1000, got ${maxActiveRuns}; leave it out for the DAG's own`,
  );
}

/** States of the runs that the intervals have, by logical date. */
async function existingRuns(
  world: World,
  dagId: string,
  intervals: readonly DataInterval[],
): Promise<ReadonlyMap<string, LedgerState>> {
  const found = new Map<string, LedgerState>();
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (first === undefined || last === undefined) return found;
  const query = {
    dagId,
    types: ['scheduled', 'backfill'],
    from: isoText(first.startMs),
    to: isoText(last.startMs),
    order: 'oldest',
    limit: 1_000,
  } as const;
  const runs = await allOf((part) => world.store.runs.list({ ...query, ...part }));
  for (const run of runs.filter(isIntervalRun)) found.set(run.logicalDate, run.state);
  return found;
}
