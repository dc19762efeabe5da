/** Runs that ended in ways a test says, of DAGs that are compiled: for tests of clear and mark. */
import { compile } from '../../lib/compiler/compile.ts';
import type { RecordedRun } from '../../lib/history/recorded-run.ts';
import type { TaskRunState } from '../../lib/history/task-run.ts';
import { dag, fn, type Scope } from '../../lib/index.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import { keyOfRun, type Run } from '../../lib/model/run.ts';
import { charOf } from '../../lib/model/state-chars.ts';
import { recordEnd } from '../../lib/orchestrator/record.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { PERSON, type Rig, rig, runAt } from './rig.ts';

export const nothing = fn(() => undefined);

export function versionOfBody(body: (scope: Scope<Record<never, never>>) => void): DagVersion {
  const node = dag('d', { schedule: '@daily', start: '2026-01-01' }, body);
  return { dag: node, manifest: compile(node).manifest };
}

/** `first` → `load` (reads it) → `report`; `other` alone. */
export const sales = versionOfBody(({ task }) => {
  const first = task(
    'first',
    fn(() => ({ rows: 3 })),
  );
  const load = task(
    'load',
    fn({ rows: first.output.rows }, () => undefined),
  );
  task('report', nothing, { after: load });
  task('other', nothing);
});

export async function worldOf(version: DagVersion): Promise<Rig> {
  const made = rig('2026-01-20T12:00:00Z');
  await registerDags(made, [version]);
  return made;
}

/** Ends a run with these states of its tasks; those that succeeded gave what `outputs` says. */
export async function endWith(
  made: Rig,
  run: Run,
  states: Readonly<Record<string, TaskRunState>>,
  { cells: cellsThen, ...more }: Partial<RecordedRun> & { readonly cells?: string } = {},
): Promise<Run> {
  const version = await made.store.dags.version(run.dagId, run.version);
  const cells = (version?.manifest.tasks ?? []).map(({ id }) => charOf(states[id] ?? 'success')).join('');
  const bad = Object.values(states).some((state) => state === 'failed' || state === 'upstream_failed');
  const all = (version?.manifest.tasks ?? []).map(({ id }) => [id, states[id] ?? 'success'] as const);
  if (run.execution !== undefined) made.executions.set(run.execution, 'ended');
  await recordEnd(made, {
    ...keyOfRun(run),
    attempt: run.attempt,
    state: bad ? 'failed' : 'success',
    endedAt: '2026-01-20T12:30:00Z',
    cells: cellsThen ?? cells,
    rows: [],
    recorded: { states: new Map(all), outputs: new Map(), marks: {}, records: [], ...more },
  });
  return runAt(made, run.dagId, run.id);
}

/** A manual run that ended so. */
export async function ended(
  made: Rig,
  states: Readonly<Record<string, TaskRunState>>,
  { logicalDate = '2026-01-05', ...more }: Partial<RecordedRun> & { readonly logicalDate?: string } = {},
): Promise<Run> {
  const { run } = await trigger(made, PERSON, { dagId: 'd', logicalDate });
  return endWith(made, await runAt(made, 'd', run.id), states, more);
}

/** From now on only these versions' code is here. */
export function codeOnlyOf(made: Rig, ...versions: readonly DagVersion[]): void {
  const hashes = new Set(versions.map(({ manifest }) => manifest.hash));
  Object.assign(made, {
    launcher: { ...made.launcher, hasCode: async (_: string, hash: string) => hashes.has(hash) },
  });
}
