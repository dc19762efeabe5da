/**
 * One run of 20 tasks, counted from who makes it to its record: what it costs, whatever else goes on meanwhile. It is made by the
 * API, which writes what `tick` writes of a scheduled one but the watermark.
 */
import { equal, ok } from 'node:assert/strict';
import { compile } from '../../../lib/compiler/compile.ts';
import { runUsage } from '../../../lib/compiler/usage.ts';
import { costOf } from '../../../lib/deployment/prices.ts';
import type { Asked } from '../gateway.ts';
import { twenty } from '../pipelines/twenty.ts';
import type { Stage } from '../stage.ts';
import { check, say, until } from '../suite.ts';
import { usageOf } from '../usage.ts';
import { ended, runOf, start } from './changes.ts';

const DAG = 'twenty';
const TASKS = 20;
const RUNS = 1000;
/** Dollars of 1,000 runs. */
const BAR = 0.75;
/** Write units of the head of a DAG. */
const WATERMARK = 2;

export async function countedRun(stage: Stage): Promise<void> {
  const cost = await check(`1,000 runs of 20 tasks › cost at most $${BAR}`, async () => {
    const asked: Asked[] = [];
    const stop = stage.emulator.gateway.listen((one) => {
      // The suite's own looks are no part of the run.
      if (!one.by.endsWith('-api-read')) asked.push(one);
    });
    const id = await start(stage, DAG);
    await until('the run of 20 tasks ends', async () => ended(stage, DAG, id));
    // What the recorder does once the run has ended.
    await until('the recorder is done', async () => {
      const before = asked.length;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return asked.length === before ? true : undefined;
    });
    stop();
    const { state, transitions } = await runOf(stage, DAG, id);
    equal(state, 'success');
    equal(stage.outside.seen.filter(({ run }) => run === id).length, TASKS);
    const counted = usageOf(askedFor(DAG, asked), { small: TASKS + 1, record: 1 }, Number(transitions));
    const usage = { ...counted, tableWrites: counted.tableWrites + WATERMARK };
    ok(counted.tableWrites > 10 && counted.tableReads > 5, JSON.stringify(counted));
    const dollars = costOf(usage) * RUNS;
    const told = { 'cost.per_1000_runs_usd': Number(dollars.toFixed(4)), usage };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    ok(dollars <= BAR, `$${dollars.toFixed(3)}`);
    return dollars;
  });
  if (cost === undefined) return;
  await check('what plan says a run costs › is within 5 % of what was counted', () => {
    const planned = costOf({ ...runUsage(twenty, compile(twenty)), schedules: 1 }) * RUNS;
    ok(Math.abs(planned / cost - 1) <= 0.05, `planned $${planned.toFixed(4)}, counted $${cost.toFixed(4)}`);
    say(`planned $${planned.toFixed(4)}, counted $${cost.toFixed(4)} for 1,000 runs`);
  });
}

/**
 * What was asked for the runs of a DAG: what names it, and what its process asked on the way to that. A number of the feed and the
 * month of the log name no DAG, and are asked by a process that serves one call at a time just before what they are for.
 */
function askedFor(dagId: string, asked: readonly Asked[]): readonly Asked[] {
  const names = ({ body }: Asked): boolean => JSON.stringify(body).includes(dagId);
  return asked.filter((one, index) => {
    if (!isShared(one)) return names(one);
    const next = asked.find((other, at) => at > index && other.pid === one.pid && !isShared(other));
    return next !== undefined && names(next);
  });
}

function isShared({ body: { Key: key, Item: item } }: Asked): boolean {
  return /^\{"pk":\{"S":"(SEQ|LOG)"\}/.test(JSON.stringify(key ?? item ?? null));
}
