import { compile } from '../../lib/compiler/compile.ts';
import { type LocalWorld, openLocalWorld } from '../../lib/local/world.ts';
import { keepBodies } from '../../lib/model/bodies.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { createBackfill } from '../../lib/orchestrator/backfill/create.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { emptyDag } from '../build.ts';
import { figure, inFolder, medianOf, note } from './measure.ts';

const DATES = 365;
const TASKS = ['extract', 'clean', 'load', 'report'];

/** A year of a daily DAG of four tasks that do nothing, 16 runs at a time, in one process, kept in SQLite as ever. */
export async function backfillBench(): Promise<void> {
  await figure('backfill.runs_per_s', 'runs/s', async () => {
    const rounds: Round[] = [];
    for (let round = 0; round < 3; round++) rounds.push(await inFolder(backfilled));
    const told = rounds.map(({ seconds, busy }) => `${seconds.toFixed(2)} (${busy.toFixed(2)})`);
    note(`${told.join(', ')} s, in brackets of the processor, for ${DATES} dates of ${TASKS.length} tasks`);
    return DATES / medianOf(rounds.map(({ seconds }) => seconds));
  });
}

interface Round {
  readonly seconds: number;
  /** Of these, on the processor: less where others share it. */
  readonly busy: number;
}

async function backfilled(root: string): Promise<Round> {
  const dag = chain();
  const errors: unknown[] = [];
  const world = await openLocalWorld({ root, codeOf: () => dag, onError: (error) => errors.push(error) });
  await registerDags(world, [{ dag, manifest: compile(dag).manifest }]);
  const begin = process.hrtime.bigint();
  const before = process.cpuUsage();
  const range = { from: '2025-01-01', to: '2025-12-31' };
  const actor = { name: 'bench', via: 'cli' } as const;
  await createBackfill(world, actor, { dagId: dag.id, ...range, maxActiveRuns: 16 });
  await world.launcher.idle();
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const { user, system } = process.cpuUsage(before);
  if (errors.length > 0) throw errors[0];
  await assertComplete(world);
  await world.close();
  return { seconds, busy: (user + system) / 1e6 };
}

/** Each date has its run, each run its task runs, tries and outputs. */
async function assertComplete({ store }: LocalWorld): Promise<void> {
  const { items } = await store.runs.list({ limit: 1_000, states: ['success'] });
  if (items.length !== DATES) throw new Error(`${items.length} runs succeeded, not ${DATES}`);
  for (const run of items) {
    const key = { dagId: run.dagId, runId: run.id };
    const rows = await store.taskRuns.list(key);
    const recorded = await store.taskRuns.recorded(key);
    const isWhole = rows.length === TASKS.length && rows.every(({ tries }) => tries.length === 1);
    if (!isWhole || recorded?.outputs.size !== TASKS.length) throw new Error(`${run.id} is not complete`);
  }
  const backfills = await store.backfills.list({});
  if (backfills.items[0]?.state !== 'success') throw new Error('the backfill has not ended');
}

/** Each hands something on to the next. */
function chain(): DagNode {
  const tasks = TASKS.map((id, index): DagNode['tasks'][number] => {
    const above = TASKS[index - 1];
    const inputs =
      above === undefined
        ? null
        : { rows: { $ref: { kind: 'output' as const, task: above, path: ['rows'] } } };
    return {
      id,
      call: { kind: 'fn', inputs },
      upstream: above === undefined ? [] : [{ task: above }],
      triggerRule: 'all_success',
      retries: [],
    };
  });
  const dag: DagNode = {
    ...emptyDag('chain'),
    schedule: { kind: 'cron', expression: '0 0 * * *', timezone: 'UTC', interval: 'data' },
    start: '2025-01-01',
    tasks,
  };
  keepBodies(dag, new Map(TASKS.map((id) => [id, () => ({ rows: 1 })])));
  return dag;
}
