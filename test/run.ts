/**
 * Everything that must hold before a commit, in one command: types, lint, dead code, every test.
 * The last line is `N passed, N failed`; the exit code is 1 when anything failed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from './emulator/install.ts';

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Name and command of each check that either holds or does not. */
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['tsc', '-p', '.']],
  ['lint', ['biome', 'check', '--error-on-warnings', '.']],
  ['dead code', ['knip', '--no-progress']],
];

/** Suites on LocalStack: minutes, and parts to install, so that only CI has them here. */
const EMULATED = ['test/emulator/run.ts', 'test/aws/run.ts'];

const isEmulated = process.env['TUTTI_REQUIRE_EMULATOR'] === '1';
// Downloads beside what computes. Where it fails, the suites say why.
const installing = isEmulated ? install().catch(() => undefined) : undefined;
const failures: string[] = [];
let passed = 0;

await Promise.all(
  CHECKS.map(async ([name, command]) => {
    const holds = await run(command);
    if (holds) passed += 1;
    else failures.push(name);
    say(`${holds ? '✓' : '✕'} ${name}`);
  }),
);

const filters = process.argv.slice(2);
const tests = isEmulated && filters.length === 0 ? await runAllTests() : await runTests(filters);
// Side by side: most of both is waiting.
const emulated = isEmulated ? await Promise.all(EMULATED.map(runEmulated)) : [];
const all: readonly Counts[] = [{ passed, failed: failures.length }, tests, ...emulated];
const failed = all.reduce((sum, each) => sum + each.failed, 0);
if (tests.skipped > 0) say(`${tests.skipped} skipped: what they need is not here`);
if (failures.length > 0) say(`failed: ${failures.join(', ')}`);
say(`${all.reduce((sum, each) => sum + each.passed, 0)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Those that need a part of the emulator come last: it is being installed meanwhile, and two that install would meet. */
async function runAllTests(): Promise<Counts & { readonly skipped: number }> {
  const most = await runTests(['--exclude', 'test/aws/**']);
  await installing;
  const rest = await runTests(['test/aws']);
  return {
    passed: most.passed + rest.passed,
    failed: most.failed + rest.failed,
    skipped: most.skipped + rest.skipped,
  };
}

async function runTests(filters: readonly string[]): Promise<Counts & { readonly skipped: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-test-'));
  const file = join(folder, 'report.json');
  try {
    const green = await run([
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

/** What a suite says is shown as a whole, once it has ended. */
async function runEmulated(script: string): Promise<Counts> {
  // A third of what `npm run test:asl` compares: the rest is for whoever changes the compiler.
  const env = { TUTTI_EMULATOR_SHARE: '3', ...process.env };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => said.push(part));
  const status = await ended(child);
  const text = Buffer.concat(said).toString();
  process.stdout.write(text);
  const [, ran = '0', wrong = '0'] = /(\d+) passed, (\d+) failed\s*$/.exec(text) ?? [];
  return { passed: Number(ran), failed: status === 0 ? 0 : Math.max(1, Number(wrong)) };
}

async function run(command: readonly string[]): Promise<boolean> {
  const [tool = '', ...args] = command;
  return (await ended(spawn(join('node_modules', '.bin', tool), args, { stdio: 'inherit' }))) === 0;
}

/** Exit code; 1 where it could not be started. */
function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
