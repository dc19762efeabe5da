/** Attempts that a launcher runs here, without an orchestrator. */
import { compile } from '../../lib/compiler/compile.ts';
import { type LocalLauncherOptions, localLauncher } from '../../lib/local/launcher.ts';
import { systemPlatform } from '../../lib/local/platform.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import type { Run } from '../../lib/model/run.ts';
import type { AttemptKey, RunEnd } from '../../lib/orchestrator/end.ts';
import type { Projection } from '../../lib/orchestrator/projection.ts';

/** A launcher, and what it told the ledger. */
export function launcherIn(root: string, dags: readonly DagNode[], more: Partial<LocalLauncherOptions> = {}) {
  const ended: RunEnd[] = [];
  const progress: (AttemptKey & Projection)[] = [];
  const { clock, secret, variables } = systemPlatform;
  const errors: unknown[] = [];
  const launcher = localLauncher({
    place: { root, filesFolder: `${root}/data`, secret, variables },
    environment: async () => ({ name: 'local', connections: {} }),
    codeOf: (id, hash) => dags.find((dag) => dag.id === id && versionOf(dag).manifest.hash === hash),
    ledger: {
      progress: async (key, projection) => void progress.push({ ...key, ...projection }),
      ended: async (end) => void ended.push(end),
    },
    recorded: async () => ended.at(-1)?.recorded,
    clock,
    onError: (error) => errors.push(error),
    ...more,
  });
  return { launcher, ended, progress, errors };
}

export function versionOf(dag: DagNode): DagVersion {
  return { dag, manifest: compile(dag).manifest };
}

/** A run of a DAG that is about to start. */
export function startingRun(dag: DagNode, more: Partial<Run> = {}): Run {
  const logicalDate = '2026-01-05T00:00:00Z';
  return {
    dagId: dag.id,
    id: logicalDate,
    type: 'scheduled',
    state: 'starting',
    lane: 'main',
    logicalDate,
    interval: { start: logicalDate, end: '2026-01-06T00:00:00Z', date: '2026-01-05' },
    attempt: 1,
    version: versionOf(dag).manifest.hash,
    params: {},
    by: 'scheduler',
    createdAt: logicalDate,
    queuedAt: logicalDate,
    execution: `20260105T000000000Z-${dag.id}-00000001`,
    cells: '',
    rev: 1,
    ...more,
  };
}
