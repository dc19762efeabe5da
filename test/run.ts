/**
 * Everything that must hold before a commit, in one command: types, lint, dead code, every test.
 * The last line is `N passed, N failed`; the exit code is 1 when anything failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}

/** Name and command of each check that either holds or does not. */
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['tsc', '-p', '.']],
  ['lint', ['biome', 'check', '.']],
  ['dead code', ['knip', '--no-progress']],
];

const failures: string[] = [];
let passed = 0;

for (const [name, command] of CHECKS) {
  if (run(command)) passed += 1;
  else failures.push(name);
  say(`${failures.includes(name) ? '✕' : '✓'} ${name}`);
}

const tests = runTests(process.argv.slice(2));
const emulated = process.env['TUTTI_REQUIRE_EMULATOR'] === '1' ? runEmulated() : { passed: 0, failed: 0 };
const failed = failures.length + tests.failed + emulated.failed;
if (tests.skipped > 0) say(`${tests.skipped} skipped: what they need is not here`);
if (failures.length > 0) say(`failed: ${failures.join(', ')}`);
say(`${passed + tests.passed + emulated.passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runTests(filters: readonly string[]): { passed: number; failed: number; skipped: number } {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-test-'));
  const file = join(folder, 'report.json');
  try {
    const green = run([
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...filters,
    ]);
    const report: TestReport = JSON.parse(readFileSync(file, 'utf8'));
    // A file that does not load has no failed test, and fails all the same.
    const failedTests = green ? report.numFailedTests : Math.max(1, report.numFailedTests);
    return {
      passed: report.numPassedTests,
      failed: failedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    say(`no report of the tests: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `npm run test:asl`: minutes, and parts to install, so that only CI has it here. */
function runEmulated(): { passed: number; failed: number } {
  const { stdout, status } = spawnSync(process.execPath, ['test/emulator/run.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  const [, ran = '0', wrong = '0'] = /(\d+) passed, (\d+) failed\s*$/.exec(stdout) ?? [];
  return { passed: Number(ran), failed: status === 0 ? 0 : Math.max(1, Number(wrong)) };
}

function run(command: readonly string[]): boolean {
  const [tool = '', ...args] = command;
  return spawnSync(join('node_modules', '.bin', tool), args, { stdio: 'inherit' }).status === 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
