/**
 * `npm run soak`: 100,000 random cases against the reference, on two processes. `SOAK=…` runs that many, `SEED=…` other
 * ones, `PROCESSES=…` on so many. Prints how far it is; exit 1 with the smallest case found where something is wrong.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { explain } from './compiler/counterexample.ts';
import { compiledOf, problemOf } from './compiler/problem.ts';
import { Shares } from './compiler/shares.ts';
import { anyCase } from './reference/random/arbitrary.ts';

const { SOAK = '100000', SEED = '1', PROCESSES = '2', SHARD } = process.env;
/** Cases between two lines of progress. */
const BATCH = 500;

process.exitCode = SHARD === undefined ? await allShards(Number(PROCESSES)) : await oneShard(Number(SHARD));

/** Every shard in a process of its own, each with every so many-th batch; all end with the first that fails. */
async function allShards(count: number): Promise<number> {
  const startMs = performance.now();
  const shards = Array.from({ length: count }, (_, shard) =>
    fork(import.meta.filename, { env: { ...process.env, SHARD: String(shard) } }),
  );
  const codes = shards.map(async (shard) => {
    const [code] = await once(shard, 'exit');
    if (code !== 0) for (const other of shards) other.kill();
    return code === 0;
  });
  const isGood = (await Promise.all(codes)).every(Boolean);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  print(
    `${isGood ? `${SOAK} cases agree` : 'stopped at a case that does not agree'}, seed ${SEED}, ${seconds} s`,
  );
  return isGood ? 0 : 1;
}

async function oneShard(shard: number): Promise<number> {
  const batches = Math.ceil(Number(SOAK) / BATCH);
  const shares = new Shares();
  for (let batch = shard; batch < batches; batch += Number(PROCESSES)) {
    const seed = Number(SEED) * 1_000_003 + batch;
    for (const input of fc.sample(anyCase, { numRuns: BATCH, seed })) {
      if ((await problemOf(input)) === undefined) {
        shares.count(input, compiledOf(input));
        continue;
      }
      print(`batch ${batch}: ${await explain(input)}`);
      return 1;
    }
    print(`process ${shard}: ${((100 * (batch + 1)) / batches).toFixed(1)} %`);
  }
  print(shares.text());
  return 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
