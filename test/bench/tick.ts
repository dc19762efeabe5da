import { join } from 'node:path';
import { openSqliteStore } from '../../lib/local/sqlite/store.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { tickAll } from '../../lib/orchestrator/tick.ts';
import { versionOf } from '../orchestrator/rig.ts';
import { figure, inFolder, medianOf, note } from './measure.ts';

const DAGS = 1000;
const MINUTE = 60_000;
const START_MS = Date.UTC(2026, 0, 5, 12);

/** One look at a thousand DAGs, in a store of one file: each has one interval due, whose run is made and started. */
export async function tickBench(): Promise<void> {
  await figure(`tick.${DAGS}_dags_s`, 's', () => inFolder(lookAt));
}

async function lookAt(folder: string): Promise<number> {
  const place = { nowMs: START_MS };
  const world = worldIn(folder, place);
  await registerDags(
    world,
    Array.from({ length: DAGS }, (_, index) => minutely(index)),
  );
  const looks: number[] = [];
  const cpu: number[] = [];
  const idle: number[] = [];
  for (let minute = 1; minute <= 5; minute++) {
    place.nowMs = START_MS + minute * MINUTE;
    const before = process.cpuUsage();
    looks.push(await secondsOf(world, DAGS));
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1e6);
    // Nothing is due a moment later, and what was started has ended.
    await endAll(world);
    idle.push(await secondsOf(world, 0));
  }
  await world.store.close();
  const percent = (100 * medianOf(idle)) / 60;
  note(
    `first look ${(looks[0] ?? 0).toFixed(3)} s, with versions read from the store; later ones are the figure`,
  );
  note(`a look takes ${medianOf(cpu).toFixed(3)} s of a processor`);
  note(
    `a look with nothing due ${(1000 * medianOf(idle)).toFixed(1)} ms: ${percent.toFixed(3)} % of a minute`,
  );
  return medianOf(looks.slice(1));
}

async function secondsOf(world: World, expected: number): Promise<number> {
  const begin = process.hrtime.bigint();
  const results = await tickAll(world);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const started = results.reduce((sum, result) => sum + result.started.length, 0);
  if (started !== expected) throw new Error(`${started} runs were started, not ${expected}`);
  return seconds;
}

async function endAll({ store }: World): Promise<void> {
  for (const run of await store.runs.open()) {
    await store.runs.update(
      { dagId: run.dagId, runId: run.id },
      { states: ['running'] },
      { state: 'success' },
    );
    await store.runs.release(run.dagId, run.lane, `${run.id}#${run.attempt}`);
  }
}

/** Half of them by cron, half by a period. */
function minutely(index: number): DagVersion {
  const schedule: ScheduleNode =
    index % 2 === 0
      ? { kind: 'cron', expression: '* * * * *', timezone: 'Europe/Berlin', interval: 'data' }
      : { kind: 'every', period: '1m', interval: 'data' };
  return versionOf(`dag_${index}`, schedule);
}

function worldIn(folder: string, place: { readonly nowMs: number }): World {
  let ids = 0;
  return {
    store: openSqliteStore(join(folder, 'tutti.db')),
    launcher: {
      nameFor: ({ dagId, id }) => `${dagId}/${id}`,
      start: async () => {},
      stop: async () => {},
      describe: async () => 'running',
    },
    notifier: { notify: async () => {} },
    clock: { now: () => place.nowMs, until: () => Promise.reject(new Error('nothing waits')) },
    newId: () => String(++ids).padStart(26, '0'),
  };
}
