/** A store as a project has it that has been at it for a year: 250 DAGs, 100,000 runs of 20 tasks. */
import { compile } from '../../lib/compiler/compile.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { Store, TaskRunRow } from '../../lib/store/store.ts';
import { emptyDag } from '../build.ts';
import { ended, head, row } from '../store/build.ts';

export const GROWN = { dags: 250, runsOfDag: 400, tasks: 20 } as const;

export function grownDagId(index: number): string {
  return `orders_${String(index).padStart(3, '0')}`;
}

export async function fillGrown(store: Store): Promise<void> {
  for (let dag = 0; dag < GROWN.dags; dag++) {
    const node = dagOf(grownDagId(dag));
    const { manifest } = compile(node);
    const version = manifest.hash;
    await store.dags.putVersion({ dag: node, manifest });
    await store.dags.createHead(head(node.id, { version, description: 'Orders by country', owner: 'data' }));
    for (let day = 0; day < GROWN.runsOfDag; day++) {
      const cells = cellsOf(day + dag);
      const state = cells.includes('f') ? ('failed' as const) : ('success' as const);
      const one = ended(day, { dagId: node.id, version, cells, state, execution: `${node.id}-${day}-1` });
      await store.runs.create(one);
      await store.taskRuns.put({ dagId: one.dagId, runId: one.id }, rowsOf(day));
    }
  }
}

function dagOf(id: string): DagNode {
  const tasks = Array.from({ length: GROWN.tasks }, (_, task) => ({
    id: `load_country_${task}`,
    call: { kind: 'fn' as const, inputs: null },
    upstream: task === 0 ? [] : [{ task: `load_country_${task - 1}` }],
    triggerRule: 'all_success' as const,
    retries: [],
  }));
  const schedule = {
    kind: 'cron' as const,
    expression: '0 2 * * *',
    timezone: 'UTC',
    interval: 'data' as const,
  };
  return { ...emptyDag(id), tags: ['orders'], schedule, tasks };
}

/** One run in ten has a task that failed. */
function cellsOf(seed: number): string {
  const failed = (seed * 7_919) % (GROWN.tasks * 10);
  return Array.from({ length: GROWN.tasks }, (_, task) => (task === failed ? 'f' : 's')).join('');
}

function rowsOf(day: number): readonly TaskRunRow[] {
  return Array.from({ length: GROWN.tasks }, (_, task) => {
    const startMs = Date.UTC(2026, 0, day + 1, 0, task);
    const times = { startMs, endMs: startMs + 40_000 };
    return row(`load_country_${task}`, { ...times, tries: [{ ...times, state: 'success' }] });
  });
}
