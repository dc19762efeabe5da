/**
 * `npm run bench [-- name…]`: prints `name value unit` lines; lines that begin with two spaces say what stands behind a
 * figure. With names, only the parts that begin with one of them: `npm run bench -- compile transitions`.
 */

import { apiBench } from './api.ts';
import { awsBench } from './aws.ts';
import { backfillBench } from './backfill.ts';
import { compileBench } from './compile.ts';
import { devBench } from './dev.ts';
import { interpreterBench } from './interpreter.ts';
import { processBench } from './process.ts';
import { sfnBench } from './sfn.ts';
import { simulateBench } from './simulate.ts';
import { splitBench } from './split.ts';
import { storeBench } from './store.ts';
import { tickBench } from './tick.ts';
import { transitionsBench } from './transitions.ts';

const PARTS = {
  backfill: backfillBench,
  api: apiBench,
  aws: awsBench,
  compile: compileBench,
  dev: devBench,
  interpreter: interpreterBench,
  process: processBench,
  sfn: sfnBench,
  simulate: simulateBench,
  split: splitBench,
  store: storeBench,
  tick: tickBench,
  transitions: transitionsBench,
} as const;

const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.some((prefix) => name.startsWith(prefix))) await bench(wanted);
}
