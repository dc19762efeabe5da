import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One figure, one line: `name value unit`. */
export function print(name: string, value: number, unit: string): void {
  process.stdout.write(`${name} ${Number(value.toPrecision(4))} ${unit}\n`);
}

/** Prints what `work` measures; where it fails, says so and lets the other figures follow. */
export async function figure(name: string, unit: string, work: () => Promise<number>): Promise<void> {
  try {
    print(name, await work(), unit);
  } catch (thrown) {
    process.exitCode = 1;
    note(`${name} has no value: ${thrown instanceof Error ? thrown.message.slice(-600) : String(thrown)}`);
  }
}

/** A line that is no figure: what stands behind one. */
export function note(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

/** Median of `times` runs, seconds; the work runs once before, unmeasured. */
export async function medianSec(times: number, work: () => unknown): Promise<number> {
  await work();
  const seconds: number[] = [];
  for (let index = 0; index < times; index++) {
    const begin = process.hrtime.bigint();
    await work();
    seconds.push(Number(process.hrtime.bigint() - begin) / 1e9);
  }
  return medianOf(seconds);
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A folder of its own, gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program to its end in `cwd`.
 *
 * @throws {Error} when it fails, with what it printed
 */
export function run(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const all = { ...process.env, NO_COLOR: '1', ...env };
  const done = spawnSync(process.execPath, args, { cwd, env: all, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (done.status === 0) return done.stdout;
  throw new Error(`${args.join(' ')}: exit ${done.status}\n${done.stdout}\n${done.stderr}`);
}
