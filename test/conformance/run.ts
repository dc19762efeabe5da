/**
 * `npm run conformance -- <dir>`: runs every suite on what it finds below a folder of the shared layout and prints
 * `<suite>: N passed, N failed, N skipped` for each and a total. Exit 1 when something failed or nothing was found.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SHARED } from '../reference/shared.ts';
import { runAll } from './run-all.ts';
import type { SuiteResult } from './suite.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const dir = resolve(args[0] ?? SHARED);
  if (!existsSync(dir)) {
    print(`no folder ${dir}`);
    return 2;
  }
  const results = await runAll(dir, (result) => print(linesOf(result).join('\n')));
  const total = totalOf(results);
  if (results.length === 0) print(`nothing to run below ${dir}`);
  print(countsOf(total));
  return results.length === 0 || total.failed > 0 ? 1 : 0;
}

function totalOf(results: readonly SuiteResult[]): SuiteResult {
  const sum = (of: (result: SuiteResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    name: 'total',
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    failures: [],
  };
}

function linesOf(result: SuiteResult): readonly string[] {
  const notes = [...result.failures.map((failure) => `FAILED ${failure}`), ...(result.reasons ?? [])];
  return [countsOf(result), ...notes.map((note) => `  ${note}`)];
}

function countsOf({ name, passed, failed, skipped }: SuiteResult): string {
  return `${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
