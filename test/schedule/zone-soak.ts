/**
 * `npm run soak:zones`: every IANA zone × every cron of the sweep × every change of the clock from 2000 to 2030, ticks
 * compared minute by minute, and one cron a zone followed through all of the years. `PROCESSES=…` on so many; prints what
 * it covered. Exit 1 with what does not hold.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { PlainCron } from './zone-oracle.ts';
import { CRONS, checkYears, type Swept, sweepZone } from './zone-sweep.ts';

const { PROCESSES = '2', SHARD } = process.env;
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];
const HOURS_6 = 21_600_000;

process.exitCode = SHARD === undefined ? await allShards(Number(PROCESSES)) : await oneShard(Number(SHARD));

type Counts = Omit<Swept, 'problems'> & { readonly yearly: number; readonly wrong: number };

async function allShards(count: number): Promise<number> {
  const startMs = performance.now();
  let total: Counts = { changes: 0, windows: 0, ticks: 0, agreed: 0, yearly: 0, wrong: 0 };
  const shards = Array.from({ length: count }, async (_, shard) => {
    const child = fork(import.meta.filename, { env: { ...process.env, SHARD: String(shard) } });
    child.on('message', (counts) => {
      total = sum(total, counts as Counts);
    });
    const [code] = await once(child, 'exit');
    return code === 0;
  });
  const isGood = (await Promise.all(shards)).every(Boolean) && total.wrong === 0;
  const { changes, windows, ticks, agreed, yearly, wrong } = total;
  print(
    `${ZONES.length} zones, ${changes} changes of the clock, ${CRONS.length} crons: ${windows} windows with ${ticks} ticks are those of the minutes, ` +
      `${yearly} ticks of 30 years follow one another, ${agreed} are croner's too; ${wrong} do not hold, ${Math.round((performance.now() - startMs) / 1000)} s`,
  );
  return isGood ? 0 : 1;
}

async function oneShard(shard: number): Promise<number> {
  let wrong = 0;
  for (let turn = shard; turn < ZONES.length; turn += Number(PROCESSES)) {
    const zone = ZONES[turn] ?? 'UTC';
    const { problems, ...swept } = sweepZone(zone, turn, {
      stepMs: HOURS_6,
      changeIn: 1,
      crons: CRONS.length,
      asked: 50,
    });
    // Every minute of 30 years is 16 million ticks: those that step by minutes are followed around changes alone.
    const slow = CRONS.filter(({ hours, minutes }) => hours.size * minutes.size <= 24);
    const years = checkYears(zone, slow[turn % slow.length] as PlainCron);
    const found = [...problems, ...years.problems];
    for (const problem of found) print(problem);
    wrong += found.length;
    process.send?.({ ...swept, yearly: years.ticks, wrong: found.length });
    if (turn % 20 === shard) print(`${turn} of ${ZONES.length} zones`);
  }
  return wrong === 0 ? 0 : 1;
}

function sum(a: Counts, b: Counts): Counts {
  const keys = ['changes', 'windows', 'ticks', 'agreed', 'yearly', 'wrong'] as const;
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as Counts;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
