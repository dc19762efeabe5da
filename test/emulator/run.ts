/**
 * Every feature's machine on an independent Step Functions, LocalStack's, and on `tutti sfn`: the same driver plays the
 * same outcomes on both and compares what it saw. The last line is `N passed, N failed`.
 *
 * Skips with one line where LocalStack cannot be installed; with TUTTI_REQUIRE_EMULATOR=1 that fails.
 */
import { startSfn } from '../../lib/sfn/index.ts';
import { differences } from './compare.ts';
import { DEVIATIONS, type Deviation } from './deviations.ts';
import { drive, type Observation, type Runs } from './drive.ts';
import { type Installed, install, NotInstallable } from './install.ts';
import { lambdaEndpoint } from './lambda.ts';
import { startLocalStack } from './localstack.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { Target } from './target.ts';

/** Runs at the same time: most of a run is waiting for its next quiet moment. */
const AT_ONCE = 12;

/** Of the runs that are unlike each other each so many-th is compared: CI has not time for all. */
const SHARE = Number(process.env['TUTTI_EMULATOR_SHARE'] ?? 1);

/** A scenario, and what was seen of it here. */
type Seen = readonly [Scenario, Observation];

const started = performance.now();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  const installed = await install();
  say(`installed after ${seconds()} s`);
  process.exitCode = (await main(installed, process.argv[2] ?? '')) ? 0 : 1;
} catch (thrown) {
  if (!(thrown instanceof NotInstallable)) throw thrown;
  const isRequired = process.env['TUTTI_REQUIRE_EMULATOR'] === '1';
  say(`skipped: LocalStack cannot be installed here, ${thrown.message}`);
  say(isRequired ? '0 passed, 1 failed' : '0 passed, 0 failed');
  process.exitCode = isRequired ? 1 : 0;
}

/** Runs the scenarios whose titles hold `filter`; true when all agree. */
async function main(installed: Installed, filter: string): Promise<boolean> {
  const runs: Runs = new Map();
  const lambda = await lambdaEndpoint(async (name, payload) => {
    const pace = runs.get(name);
    if (pace === undefined) throw new Error(`no run is under way that has the function ${name}`);
    return pace.hold(payload);
  });
  const starting = startLocalStack(installed, lambda.url);
  const sfn = await startSfn({ lambdaEndpoint: lambda.url });
  try {
    const chosen = scenarios().filter(({ title }) => title.includes(filter));
    if (chosen.length === 0) throw new Error(`no scenario's title holds "${filter}"`);
    const ours = new Target('tutti', sfn.endpoint);
    const [{ seen: unlikeRuns, failed }, theirs] = await Promise.all([
      unlike(chosen, (scenario) => drive(scenario, { target: ours, runs })),
      starting.then(({ endpoint }) => withTable(new Target('localstack', endpoint))),
    ]);
    const seen = unlikeRuns.filter(([{ title }], index) => index % SHARE === 0 || deviates(title));
    say(
      `${seen.length} runs of ${unlikeRuns.length} unlike each other, of ${chosen.length}, on tutti sfn after ${seconds()} s`,
    );
    const unseen = new Set(DEVIATIONS.filter(({ title }) => title.includes(filter)));
    const disagreed = await eachOf(seen, async ([scenario, expected]) =>
      agree(scenario, unseen, [expected, await drive(scenario, { target: theirs, runs }, expected)]),
    );
    for (const { title, part } of unseen) say(`✕ ${title} › ${part}: a known deviation that is not seen`);
    const all = failed + disagreed + unseen.size;
    say(`compared after ${seconds()} s`);
    say(`${seen.length - disagreed} passed, ${all} failed`);
    return all === 0;
  } finally {
    lambda.stop();
    await Promise.allSettled([starting.then(({ stop }) => stop()), sfn.close()]);
  }
}

function deviates(title: string): boolean {
  return DEVIATIONS.some((known) => known.title === title);
}

async function withTable(target: Target): Promise<Target> {
  await target.createTable();
  say(`LocalStack answers after ${seconds()} s`);
  return target;
}

/** Runs every scenario here, and keeps the first of those that look the same: there, too, they are one run. */
async function unlike(
  all: readonly Scenario[],
  run: (scenario: Scenario) => Promise<Observation>,
): Promise<{ readonly seen: readonly Seen[]; readonly failed: number }> {
  const found = new Map<string, Seen>();
  const failed = await eachOf(all, async (scenario) => {
    const observed = await run(scenario);
    const { machine, rerun } = scenario;
    const look = JSON.stringify([machine, rerun, observed]);
    if (!found.has(look)) found.set(look, [scenario, observed]);
    return true;
  });
  return { seen: [...found.values()], failed };
}

/** Compares both sides; what is known to differ is taken out of `unseen` instead. */
function agree(
  { title }: Scenario,
  unseen: Set<Deviation>,
  [ours, theirs]: readonly [Observation, Observation],
): boolean {
  const found = differences(ours, theirs);
  const isKnown = (part: string) => DEVIATIONS.find((known) => known.title === title && known.part === part);
  for (const { part } of found) {
    const known = isKnown(part);
    if (known !== undefined) unseen.delete(known);
  }
  const unknown = found.filter(({ part }) => isKnown(part) === undefined);
  for (const { part, expected, got } of unknown) {
    say(`✕ ${title} › ${part}\n    tutti sfn:  ${expected}\n    LocalStack: ${got}`);
  }
  return unknown.length === 0;
}

/** Some at once; gives how many did not go well. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<number> {
  const left = [...items];
  let failed = 0;
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        if (!(await work(item))) failed += 1;
      } catch (thrown) {
        failed += 1;
        say(`✕ ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return failed;
}

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
