/** Runs and tasks as somebody chooses them, to clear or to mark. */

import { RefusedError } from '../base/errors.ts';
import { namedUnits } from '../history/rerun.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Run } from '../model/run.ts';
import { dayOrInstant, isoText } from '../schedule/run-interval.ts';
import { pagesOf } from '../store/page.ts';
import { type KnownDag, runOf } from './known.ts';
import type { World } from './ports.ts';

/** One run, or those of a range of logical dates, both ends inclusive. */
export type ChosenRuns = { readonly runId: string } | { readonly from: string; readonly to: string };

/** Most runs that are changed at once. */
export const MOST_RUNS = 10_000;

/**
 * The runs, oldest first.
 *
 * @throws {RefusedError} `unknown-run`, `invalid-logical-date`, `invalid-range`, `too-many-dates`
 */
export async function chosenRuns(
  world: World,
  { version: { dag } }: KnownDag,
  runs: ChosenRuns,
): Promise<readonly Run[]> {
  if ('runId' in runs) return [await runOf(world, { dagId: dag.id, runId: runs.runId })];
  const refused = (code: string, message: string) =>
    new RefusedError(code, `dag "${dag.id}" › runs: ${message}`);
  const range = `${runs.from} to ${runs.to}`;
  const { startMs } = dayOrInstant(dag, runs.from);
  const { endMs } = dayOrInstant(dag, runs.to);
  if (startMs >= endMs) throw refused('invalid-range', `must not end before they begin, got ${range}`);
  const query = {
    dagId: dag.id,
    from: isoText(startMs),
    to: isoText(endMs - 1),
    order: 'oldest',
    limit: 1_000,
  } as const;
  const found: Run[] = [];
  for await (const page of pagesOf((part) => world.store.runs.list({ ...query, ...part }))) {
    found.push(...page);
    if (found.length > MOST_RUNS) throw refused('too-many-dates', `must be at most ${MOST_RUNS}, got more`);
  }
  if (found.length === 0) throw refused('unknown-run', `must be of dates that have runs, got ${range}`);
  return found;
}

/** Ids of tasks and modules, and what was not taken as it was asked. */
export interface ChosenTasks {
  readonly units: readonly string[];
  readonly notes: readonly string[];
}

/**
 * What `load`, `load+`, `+load` and `load[3]` name; everything where nothing is named.
 *
 * @throws {RefusedError} `unknown-task`
 */
export function chosenTasks(manifest: Manifest, wanted: readonly string[] | undefined): ChosenTasks {
  if (wanted === undefined)
    return {
      units: namedUnits(
        manifest,
        manifest.tasks.map(({ id }) => id),
      ),
      notes: [],
    };
  const notes = wanted.flatMap((text) => {
    const [, task, index] = ITEM.exec(text) ?? [];
    return task === undefined
      ? []
      : [`item ${index} of "${task.replace('+', '')}" cannot be taken by itself: all of them are`];
  });
  return {
    units: namedUnits(
      manifest,
      wanted.map((text) => text.replace(ITEM, '$1$3')),
    ),
    notes,
  };
}

const ITEM = /^(\+?[^[]+)\[(\d+)\](\+?)$/;
