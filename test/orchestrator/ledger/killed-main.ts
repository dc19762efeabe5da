/**
 * A scheduler's process on a store of one file, which dies by SIGKILL at the point that it is told: before or after the
 * n-th write. `killed-main.ts <folder> <process> <point> <now>`.
 */
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import { keyOfRun } from '../../../lib/model/run.ts';
import { pumpBackfills } from '../../../lib/orchestrator/backfill/pump.ts';
import { cancelRun } from '../../../lib/orchestrator/cancel.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { tick } from '../../../lib/orchestrator/tick.ts';
import { fileExecutions } from './executions.ts';
import { LIMIT, storeFile } from './killed.ts';
import { Place } from './place.ts';
import { backfill } from './work.ts';

const [folder = '', process_ = '', point = '0', now = '0'] = process.argv.slice(2);

let points = 0;
const gate = async () => {
  if (++points === Number(point)) process.kill(process.pid, 'SIGKILL');
};

const place = new Place(1, {
  startMs: Number(now),
  limits: new Map([['one', LIMIT]]),
  store: openSqliteStore(storeFile(folder)),
  executions: fileExecutions(folder),
  process: process_,
});
const world = place.world(gate);

await tick(world, 'one');
await endFirst();
await backfill(place, world, 'one');
await tick(world, 'one');
await endFirst();
await pumpBackfills(world);
const [open] = await world.store.runs.open({ dagId: 'one' });
// The other process may have ended it since.
if (open !== undefined)
  await cancelRun(world, { name: 'ada', via: 'cli' }, keyOfRun(open)).catch(() => undefined);
await sweep(world);
await place.store.close();
if (place.broken.length > 0) throw new Error(place.broken.join('; '));

async function endFirst(): Promise<void> {
  const execution = place.executions.all().find(({ state }) => state === 'running');
  if (execution === undefined) return;
  place.executions.end(execution.name, 'ended');
  await place.tellEnd(world, execution, 'success');
}
