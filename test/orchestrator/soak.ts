/**
 * A million stories of the exactly-once property, in two processes, and a hundred pairs of real schedulers that are
 * killed on one file: `npm run soak:ledger [-- <stories> <first seed>]`. Prints how far it is, and each story that has faults; exits 1 when one had.
 */
import { fork } from 'node:child_process';
import { killedAt } from './ledger/killed.ts';
import { story } from './ledger/story.ts';

const PROCESSES = 2;
const REPORT_EVERY = 10_000;
/** Of schedulers that are killed. */
const PAIRS = 100;

const [stories = 1_000_000, first = 1_000_000] = process.argv.slice(2).map(Number);
const share = process.env['SOAK_SHARE'];
if (share === undefined) await everybody();
else await oneShare(Number(share));

async function everybody(): Promise<void> {
  const codes = Array.from({ length: PROCESSES }, (_, index) => {
    const child = fork(import.meta.filename, process.argv.slice(2), {
      env: { ...process.env, SOAK_SHARE: String(index) },
    });
    return new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  });
  process.exitCode = Math.max(...(await Promise.all(codes)));
}

async function oneShare(index: number): Promise<void> {
  let told = 0;
  let faulty = 0;
  for (let seed = first + index; seed < first + stories; seed += PROCESSES) {
    const faults = await story(seed);
    if (faults.length > 0) {
      faulty++;
      process.stdout.write(`seed ${seed}: ${faults.join('; ')}\n`);
    }
    told++;
    if (told % REPORT_EVERY === 0)
      process.stdout.write(`process ${index}: ${told} stories, ${faulty} with faults, at seed ${seed}\n`);
  }
  process.stdout.write(`process ${index}: ${told} stories, ${faulty} with faults, done\n`);
  if (index === 0) faulty += await killings();
  if (faulty > 0) process.exitCode = 1;
}

/** Every pair of points once, the second a little after the first. */
async function killings(): Promise<number> {
  let faulty = 0;
  let dead = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const { kills, faults } = await killedAt([pair, pair + (pair % 7)]);
    dead += kills;
    if (faults.length === 0) continue;
    faulty++;
    process.stdout.write(`killed at ${pair} and ${pair + (pair % 7)}: ${faults.join('; ')}\n`);
  }
  process.stdout.write(`${dead} schedulers killed, ${faulty} times with faults\n`);
  return faulty;
}
