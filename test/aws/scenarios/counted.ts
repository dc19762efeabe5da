/** One scheduled run of 20 tasks, counted from its firing to its record: what it costs. Nothing else may go on meanwhile. */
import { equal, ok } from 'node:assert/strict';
import { costOf } from '../../../lib/deployment/prices.ts';
import type { Asked } from '../gateway.ts';
import { invoke, type Stage } from '../stage.ts';
import { check, until } from '../suite.ts';
import { runsOf } from '../told.ts';
import { usageOf } from '../usage.ts';
import { runOf } from './changes.ts';

const DAG = 'twenty';
const TASKS = 20;
const RUNS = 1000;
/** Dollars of 1,000 runs. */
const BAR = 0.75;

export async function countedRun(stage: Stage): Promise<void> {
  await check(`1,000 runs of 20 tasks › cost at most $${BAR}`, async () => {
    const asked: Asked[] = [];
    const stop = stage.emulator.gateway.listen((one) => {
      // The suite's own looks are no part of the run.
      if (!one.by.includes('-api-')) asked.push(one);
    });
    await invoke(stage.clients.lambda, 'tick', { dag: DAG, at: new Date().toISOString() });
    const run = await until('the run of 20 tasks ends', async () => {
      const [newest] = await runsOf(stage.deployed, DAG);
      return newest?.['endedAt'] === undefined ? undefined : newest;
    });
    // What the recorder does once the run has ended.
    await until('the recorder is done', async () => {
      const before = asked.length;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return asked.length === before ? true : undefined;
    });
    stop();
    equal(run['state'], 'success');
    const { transitions } = await runOf(stage, DAG, String(run['id']));
    const usage = usageOf(asked, { small: TASKS + 1, record: 1 }, Number(transitions));
    const dollars = costOf(usage) * RUNS;
    const told = { 'cost.per_1000_runs_usd': Number(dollars.toFixed(4)), usage };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    ok(dollars <= BAR, `$${dollars.toFixed(3)}`);
  });
}
