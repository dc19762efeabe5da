/** 2: `daily_sales` every way a run comes to be, beside `tutti dev` that does the same. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { scheduleName, tableName } from '../../../lib/deployment/names.ts';
import { commanded } from '../command.ts';
import { deployedData, localData } from '../data.ts';
import { deployedSchedule, fire } from '../schedule.ts';
import type { LocalSide, Side } from '../sides.ts';
import { invoke, type Stage } from '../stage.ts';
import { check, until } from '../suite.ts';
import { historyOf, isQuiet, itemsOf, runsOf } from '../told.ts';

const DAG = 'daily_sales';

export async function sales(stage: Stage, local: LocalSide): Promise<void> {
  const { project, outside, clients } = stage;
  const [first = '', , , closed = ''] = project.dates;
  const range = { from: first, to: project.dates.at(-1) ?? '' };
  outside.closedDays.add(closed);
  await check(
    'backfill of 10 dates, one of which fails › its Lambda previews, creates, and ends failed',
    async () => {
      const payload = { dag: DAG, ...range, maxActiveRuns: 4 };
      const preview = await invoke(clients.lambda, 'backfill', { ...payload, dryRun: true });
      ok(JSON.stringify(preview).includes('"create":10'), JSON.stringify(preview));
      deepEqual(await runsOf(stage.deployed, DAG), []);
      const asked = { dagId: DAG, ...range, maxActiveRuns: 4 };
      await Promise.all([invoke(clients.lambda, 'backfill', payload), local.ask('/backfills', asked)]);
      await both(stage, local, (side) => backfillEnded(side, 'failed', 1));
    },
  );
  outside.closedDays.clear();
  await check('reprocess failed › by the command, one run again', async () => {
    const args = [
      'backfill',
      'create',
      DAG,
      '--from',
      range.from,
      '--to',
      range.to,
      '--reprocess',
      'failed',
      '--yes',
    ];
    await Promise.all([
      tutti(stage, [...args, '--no-wait']),
      local.ask('/backfills', { dagId: DAG, ...range, reprocess: 'failed' }),
    ]);
    await both(stage, local, (side) => backfillEnded(side, 'success', 2));
  });
  await check('a scheduled firing, a run by the API, a run by the command › all succeed', async () => {
    const byApi = { logicalDate: first, params: { region: 'east' } };
    const byCommand = ['trigger', DAG, '-d', closed, '-p', 'region=west'];
    const schedule = await deployedSchedule(
      stage.emulator.gateway.url,
      tableName('dev'),
      scheduleName(DAG, '0', ''),
    );
    equal(schedule.ScheduleExpressionTimezone, 'Europe/Berlin');
    await Promise.all([
      fire(clients.lambda, schedule, `${project.scheduled}T01:00:00Z`),
      stage.deployed.ask(`/dags/${DAG}/runs`, byApi),
      tutti(stage, byCommand),
      local.ask(`/dags/${DAG}:unpause`, {}),
      local.ask(`/dags/${DAG}/runs`, byApi),
      local.ask(`/dags/${DAG}/runs`, { logicalDate: closed, params: { region: 'west' } }),
    ]);
    await both(stage, local, async (side) => {
      const runs = await runsOf(side, DAG);
      return runs.length === 13 && (await isQuiet(side, DAG)) ? true : undefined;
    });
    const states = (await runsOf(stage.deployed, DAG)).map(({ state }) => state);
    deepEqual([...new Set(states)], ['success']);
  });
  await check('history › is that of the local runs, record by record', async () => {
    const [there, here] = await Promise.all([historyOf(stage.deployed, DAG), historyOf(local, DAG)]);
    deepEqual(there, here);
  });
  await check('data › are those of the local runs, row by row and file by file', async () => {
    const [there, here] = await Promise.all([deployedData(clients.s3), localData(local.folder)]);
    ok((here.tables['orders']?.length ?? 0) > 1000, `${here.tables['orders']?.length} orders`);
    deepEqual(there, here);
  });
}

async function both(
  { deployed }: Stage,
  local: Side,
  look: (side: Side) => Promise<true | undefined>,
): Promise<void> {
  await Promise.all(
    [deployed, local].map((side) => until(side.name, () => look(side), { longestMs: 150_000 })),
  );
}

async function backfillEnded(side: Side, state: string, of: number): Promise<true | undefined> {
  const { body } = await side.ask(`/backfills?dag=${DAG}`);
  const all = itemsOf(body);
  const [newest] = all.toSorted((a, b) => (String(a['createdAt']) < String(b['createdAt']) ? 1 : -1));
  if (all.length < of || newest === undefined || newest['endedAt'] === undefined) return undefined;
  equal(newest['state'], state, JSON.stringify(newest));
  return (await isQuiet(side, DAG)) ? true : undefined;
}

/** @throws {Error} with what the command said */
async function tutti(stage: Stage, args: readonly string[]): Promise<void> {
  const { exitCode, said, warned } = await commanded(stage, ...args);
  equal(exitCode, 0, `tutti ${args.join(' ')} (${stage.urls.write}):\n${JSON.stringify(said)}${warned}`);
}
