/** A DAG of 20 tasks and its runs, as large as they are in life. */
import { compile } from '../../../lib/compiler/compile.ts';
import type { DagVersion } from '../../../lib/model/dag-version.ts';
import { keyOfRun, type Run } from '../../../lib/model/run.ts';
import type { RunEnd } from '../../../lib/orchestrator/end.ts';
import type { TaskRunRow } from '../../../lib/store/store.ts';
import { DAILY, versionOf } from '../../orchestrator/rig.ts';
import { dateOf, ended } from '../../store/build.ts';

const TASKS = Array.from({ length: 20 }, (_, index) => `t${index + 1}`);

/** Twenty tasks one after the other, every day. */
export function dailyVersion(id: string): DagVersion {
  const tasks = TASKS.map((task, index) => ({
    id: task,
    call: { kind: 'fn' as const, inputs: null },
    upstream: index === 0 ? [] : [{ task: TASKS[index - 1] ?? '' }],
    triggerRule: 'all_success' as const,
    retries: [],
  }));
  const { dag } = versionOf(id, DAILY, {
    tasks,
    description: 'Sales of a day, by shop and article.',
    owner: 'sales-data',
    tags: ['sales', 'daily', 'tier-1'],
  });
  return { dag, manifest: compile(dag).manifest };
}

/** How a run ended: the last task failed, or none. */
export function endOf(run: Run, state: 'success' | 'failed'): RunEnd {
  const startMs = Date.parse(run.startedAt ?? run.createdAt);
  const failed = { task: 't20', try: 1, error: 'Lambda.OutOfMemory', cause: 'the heap was full' };
  const isBad = (index: number) => state === 'failed' && index === 19;
  return {
    ...keyOfRun(run),
    attempt: run.attempt,
    state,
    endedAt: dateOf(12),
    cells: `${'s'.repeat(19)}${state === 'failed' ? 'f' : 's'}`,
    rows: TASKS.map((task, index): TaskRunRow => {
      const times = { startMs: startMs + index * 61_234, endMs: startMs + index * 61_234 + 59_876 };
      const of = isBad(index) ? 'failed' : 'success';
      const why = isBad(index) ? { error: failed.error, cause: failed.cause } : {};
      return { attempt: run.attempt, task, state: of, ...times, tries: [{ ...times, state: of, ...why }] };
    }),
    recorded: {
      states: new Map(TASKS.map((task, index) => [task, isBad(index) ? 'failed' : 'success'])),
      outputs: new Map(
        TASKS.slice(0, 10).map((task) => [task, { file: `raw/${task}/data.parquet`, rows: 12_345 }]),
      ),
      marks: {},
      records: [],
    },
    ...(state === 'failed' ? { error: failed.error, cause: failed.cause, failed: [failed] } : {}),
    transitions: 27,
  };
}

/** A run that ended well, as a ledger has it. */
export function endedRun(day: number, version: string): Run {
  return ended(day, {
    version,
    execution: `scheduled-${dateOf(day).replaceAll(':', '-')}-1`,
    cells: 's'.repeat(20),
    transitions: 27,
    rev: 4,
  });
}
