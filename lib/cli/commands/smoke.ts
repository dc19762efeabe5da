import type { Check } from '../../aws/operate/checks.ts';
import type { DagHead } from '../../model/dag-version.ts';
import { currentHeads } from '../../store/current-heads.ts';
import { askingAws } from '../deploy/aws-refusal.ts';
import { type ByHand, byHand } from '../deploy/by-hand.ts';
import { type Canary, runCanaries } from '../deploy/canaries.ts';
import { checkLines } from '../deploy/check-lines.ts';
import { type DeployedPlace, operatedPlace } from '../deploy/environment.ts';
import {
  type DeployedMachine,
  type MachineTest,
  machinesOf,
  testMachines,
} from '../deploy/machine-states.ts';
import { tryDeployment } from '../deploy/try-deployment.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { catchInterrupt } from '../interrupt.ts';
import { findHead, newestVersion } from '../ledger/find-run.ts';
import type { Ledger, LedgerReads } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';

export interface SmokeOptions extends LedgerOptions {
  /** @default those tagged `canary` */
  readonly dag?: readonly string[];
  /** False: starts nothing. */
  readonly run?: boolean;
}

/** What is tried of an environment. */
interface Plan {
  readonly place: DeployedPlace;
  /** Of all DAGs that are there. */
  readonly heads: readonly DagHead[];
  /** DAGs of which a run is started. */
  readonly canaries: readonly string[];
  /** Machines whose states are tested. */
  readonly machines: readonly DeployedMachine[];
  readonly byHand: readonly ByHand[];
}

/**
 * Tries a deployment: runs its canaries to their end, asks TestState of every state of all their machines whether Step
 * Functions does with it what the interpreter here does, looks at what only an account can show, and lists what is left
 * for a person.
 */
export async function smoke(context: Context, options: SmokeOptions): Promise<ExitCode> {
  const place = await operatedPlace(context, 'smoke', options);
  return withLedger(context, options, async (ledger) => {
    const plan = await planOf(place, ledger.store, options);
    if (options.dryRun === true) return tellPlan(context, plan);
    const { terminal } = context;
    if (plan.canaries.length === 0)
      terminal.print(
        'no DAG is run, and the states of all DAGs are tested; --dag, or the tag canary, names some',
      );
    const runs = await canaries(context, ledger, plan.canaries);
    const { environment } = place;
    const rights = `the managed policy tutti-${environment}-smoke`;
    const { states, tried } = await askingAws({ command: 'smoke', environment, rights }, async () => ({
      states: await testMachines(terminal, place.aws.region, plan.machines),
      tried: await tryDeployment(place, ledger.store, plan),
    }));
    const checks = [...runChecks(runs), ...tried];
    for (const line of checkLines(terminal, checks)) terminal.print(line);
    for (const each of plan.byHand) terminal.print(handText(each));
    const ok = isWell(runs, states, checks);
    terminal.json({ environment, ok, runs, states, checks, byHand: plan.byHand });
    return ok ? EXIT.ok : EXIT.failed;
  });
}

function isWell(runs: readonly Canary[], states: readonly MachineTest[], checks: readonly Check[]): boolean {
  return (
    runs.every(({ state }) => state === 'success') &&
    states.every(({ differences }) => differences.length === 0) &&
    checks.every(({ state }) => state !== 'failed')
  );
}

/** @throws {RefusedError} `unknown-dag` */
async function planOf(place: DeployedPlace, store: LedgerReads, { dag, run }: SmokeOptions): Promise<Plan> {
  for (const dagId of dag ?? []) await findHead(store, 'smoke', dagId);
  const heads = await currentHeads(store.dags);
  const tagged = heads.filter(({ tags }) => tags.includes('canary')).map(({ dagId }) => dagId);
  const chosen = dag ?? tagged;
  const tested = heads.filter(({ dagId }) => chosen.length === 0 || chosen.includes(dagId));
  const machines: DeployedMachine[] = [];
  for (const head of tested) {
    const { deployment } = await newestVersion(store, head);
    if (deployment !== undefined) machines.push(...machinesOf(head.dagId, deployment));
  }
  return { place, heads, canaries: run === false ? [] : chosen, machines, byHand: byHand(place) };
}

function tellPlan({ terminal }: Context, { place, canaries: dags, machines, byHand: hand }: Plan): ExitCode {
  const { environment } = place;
  terminal.json({ environment, dryRun: true, runs: dags, states: machines, trials: TRIALS, byHand: hand });
  for (const dag of dags) terminal.print(`would run ${dag}`);
  for (const { dag, machine, arn } of machines)
    terminal.print(`would test every state of ${dag} ${machine}: ${arn}`);
  for (const what of TRIALS) terminal.print(`would look at ${what}`);
  for (const each of hand) terminal.print(handText(each));
  return EXIT.ok;
}

/** What is looked at besides runs and states. */
const TRIALS = [
  'events of stacks: the rate of versions, the answer of Register, the time of the first deployment',
  'roles of older versions that runs have',
  'whether LeadingKeys holds for machines: a write to an item that is not there, of a DAG and of another one',
  'a definition of 100 branches, which is checked and not made',
];

/** Ctrl-C ends the waiting; the runs go on there. */
async function canaries(
  { terminal }: Context,
  ledger: Ledger,
  dagIds: readonly string[],
): Promise<readonly Canary[]> {
  const { signal, release } = catchInterrupt(terminal, 'the runs go on there; Ctrl-C again ends at once');
  try {
    const runs = await runCanaries(ledger, dagIds, signal);
    for (const canary of runs) terminal.print(canaryText(canary));
    return runs;
  } finally {
    release();
  }
}

/** Machines call functions by an expression that gives the ARN of a version: a run that succeeds has shown it. */
function runChecks(runs: readonly Canary[]): readonly Check[] {
  const name = 'functions called by the ARN of a version';
  const done = runs.find(({ state }) => state === 'success');
  if (done !== undefined) return [{ name, state: 'ok', text: `by run ${done.runId} of ${done.dagId}` }];
  return [{ name, state: 'warning', text: 'no run has shown it', remedy: 'run a canary: --dag <dag>' }];
}

function canaryText({ dagId, runId, state, seconds, error }: Canary): string {
  const sign = state === 'success' ? '✓' : '✕';
  return `${sign} ${dagId} ${runId}: ${state} after ${seconds} s${error === undefined ? '' : `, ${error}`}`;
}

function handText({ what, command, look }: ByHand): string {
  return `? by hand: ${what}\n    ${command}\n    look for: ${look}`;
}
