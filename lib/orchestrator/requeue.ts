/** Another attempt of a run that ended: all of it, or some of its tasks. */
import { tasksOf } from '../history/rerun.ts';
import type { DagVersion } from '../model/dag-version.ts';
import type { Manifest } from '../model/manifest.ts';
import { keyOfRun, type Lane, type Run } from '../model/run.ts';
import { isoText } from '../schedule/run-interval.ts';
import type { Patch } from '../store/store.ts';
import { backfillIdOf } from './backfill/settle-date.ts';
import type { World } from './ports.ts';

export interface Attempt {
  /** What it runs. */
  readonly version: DagVersion;
  readonly lane: Lane;
  /** Ids of tasks and modules that run again. Absent: all. */
  readonly again?: readonly string[] | undefined;
  /** Of the tasks that keep theirs, in the order of the version's manifest. */
  readonly cells: string;
  /** Fields that change, too. */
  readonly patch?: Patch<Pick<Run, 'params' | 'note' | 'ignoresPast' | 'marked'>>;
}

/** Queues another attempt of a final run as it was read; `undefined` where somebody changed it meanwhile. */
export async function requeue(world: World, run: Run, attempt: Attempt): Promise<Run | undefined> {
  const { version, lane, again, cells, patch } = attempt;
  return world.store.runs.update(
    keyOfRun(run),
    { states: [run.state], attempt: run.attempt, rev: run.rev },
    {
      ignoresPast: undefined,
      ...patch,
      state: 'queued',
      attempt: run.attempt + 1,
      executions: [...(run.executions ?? []), run.execution ?? ''],
      version: version.manifest.hash,
      lane,
      backfill: lane === 'main' ? (backfillIdOf(run) ?? run.backfill) : undefined,
      again,
      marked: marksKept({ marked: run.marked, ...patch }, again),
      cells,
      queuedAt: isoText(world.clock.now()),
      ...NOTHING_YET,
    },
  );
}

/** Of what does not run again. */
function marksKept(
  { marked }: Patch<Pick<Run, 'marked'>>,
  again: readonly string[] | undefined,
): Run['marked'] | undefined {
  if (marked === undefined || again === undefined) return undefined;
  const kept = Object.entries(marked).filter(([id]) => !again.includes(id));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** What an attempt has not before it starts. */
const NOTHING_YET = {
  notBefore: undefined,
  startedAt: undefined,
  endedAt: undefined,
  execution: undefined,
  error: undefined,
  cause: undefined,
  failed: undefined,
  transitions: undefined,
} as const;

/** Cells of an attempt: what runs again has none, the others keep what they had in the version before. */
export function cellsKept(
  manifest: Manifest,
  before: { readonly manifest: Manifest; readonly cells: string },
  again: readonly string[] | undefined,
): string {
  if (again === undefined) return '-'.repeat(manifest.tasks.length);
  const cleared = tasksOf(manifest, again);
  const kept = new Map(before.manifest.tasks.map(({ id }, index) => [id, before.cells[index] ?? '-']));
  return manifest.tasks.map(({ id }) => (cleared.has(id) ? '-' : (kept.get(id) ?? '-'))).join('');
}
