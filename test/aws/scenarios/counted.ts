/** One run of 20 tasks, counted: what it costs. */
import { equal, ok } from 'node:assert/strict';
import { coreFunctionName, dagName } from '../../../lib/deployment/names.ts';
import { costOf } from '../../../lib/deployment/prices.ts';
import type { Asked } from '../gateway.ts';
import { isObject } from '../json.ts';
import type { Stage } from '../stage.ts';
import { check, until } from '../suite.ts';
import { usageOf } from '../usage.ts';
import { ended, start } from './changes.ts';

const DAG = 'twenty';
const TASKS = 20;
const RUNS = 1000;
/** Dollars of 1,000 runs. */
const BAR = 0.75;

export async function countedRun(stage: Stage): Promise<void> {
  await check(`1,000 runs of 20 tasks › cost at most $${BAR}`, async () => {
    const asked: Asked[] = [];
    const own = new Set([
      dagName('dev', DAG, '0'),
      coreFunctionName('dev', 'tick'),
      coreFunctionName('dev', 'record'),
    ]);
    const stop = stage.emulator.gateway.listen((one) => {
      if (isOfRun(one, own)) asked.push(one);
    });
    const run = await start(stage, DAG);
    await until('the run of 20 tasks ends', async () => ended(stage, DAG, run));
    stop();
    const { body } = await stage.deployed.ask(`/dags/${DAG}/runs/${encodeURIComponent(run)}`);
    const told = isObject(body['run']) ? body['run'] : body;
    equal(told['state'], 'success');
    const usage = usageOf(asked, { small: TASKS + 1, record: 1 }, Number(told['transitions']));
    const dollars = costOf(usage) * RUNS;
    process.stdout.write(
      `${JSON.stringify({ 'cost.per_1000_runs_usd': Number(dollars.toFixed(4)), usage })}\n`,
    );
    ok(dollars <= BAR, `$${dollars.toFixed(3)}`);
  });
}

/** What machines ask names the run's items; functions are known by their names. */
function isOfRun({ by, body }: Asked, own: ReadonlySet<string>): boolean {
  return by === ''
    ? JSON.stringify(body).includes(`#${DAG}`)
    : own.has(by) || JSON.stringify(body).includes(`#${DAG}`);
}
