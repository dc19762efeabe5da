/**
 * A process that runs one attempt, or goes on with one that a process before it ran, until it is killed. Its time goes
 * by faster than ours.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../lib/local/clock.ts';
import { crashDag } from './crash-dag.ts';
import { launcherIn, startingRun, versionOf } from './launched.ts';

const [, , root = '', speed = '20', since = '0'] = process.argv;
const ours = (ms: number) => Number(since) + (ms - Number(since)) / Number(speed);
const clock = {
  now: () => Math.floor(Number(since) + (systemClock.now() - Number(since)) * Number(speed)),
  until: (instantMs: number, signal?: AbortSignal) => systemClock.until(Math.ceil(ours(instantMs)), signal),
};
const dag = crashDag({
  began: (task) => appendFileSync(join(root, 'began.txt'), `${task}\n`),
  work: () => setTimeout(10),
  folder: root,
});
const { launcher, ended, errors } = launcherIn(root, [dag], { clock });
const start = { run: startingRun(dag), version: versionOf(dag) };
const { execution = '' } = start.run;
const found = await launcher.describe(execution, { dagId: dag.id, runId: start.run.id });
if (found === 'unknown') await launcher.start(start);
else await launcher.settle?.(start);
await launcher.idle();
if (errors.length > 0) throw errors[0];
const [end] = ended;
writeFileSync(
  join(root, 'ended.json'),
  JSON.stringify({ ...end, outputs: [...(end?.recorded?.outputs ?? [])] }),
);
