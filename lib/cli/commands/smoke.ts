import type { StateTest } from '../../aws/operate/state-tests.ts';
import type { JsonObject } from '../../base/json.ts';
import { startSfn } from '../../sfn/index.ts';
import { type Canary, runCanaries } from '../deploy/canaries.ts';
import { type DeployedPlace, operatedPlace } from '../deploy/environment.ts';
import { loadClients, loadStateTests } from '../deploy/operate.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { catchInterrupt } from '../interrupt.ts';
import { findHead, newestVersion } from '../ledger/find-run.ts';
import type { Ledger, LedgerReads } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { count } from '../words.ts';

export interface SmokeOptions extends LedgerOptions {
  /** @default those tagged `canary` */
  readonly dag?: readonly string[];
  /** False: starts nothing. */
  readonly run?: boolean;
}

/** What of a deployment no command can see: to be looked at once in an account, by a person. */
const BY_HAND = [
  'a changed definition, role or tag publishes a new version, and the old one stays',
  'Register that answers FAILED keeps CloudFormation from deleting a machine',
  'a run of an older version still has the role it was started with',
  'the metrics of namespace Tutti have values',
];

/**
 * Tries a deployment: runs its canaries to their end, and asks TestState of every state of its machines whether Step
 * Functions does with it what the interpreter here does.
 */
export async function smoke(context: Context, options: SmokeOptions): Promise<ExitCode> {
  const place = await operatedPlace(context, 'smoke', options);
  return withLedger(context, options, async (ledger) => {
    const { terminal } = context;
    const dagIds = await chosen(ledger.store, options);
    if (dagIds.length === 0)
      terminal.print('no DAG is tagged canary: nothing is run, and the states of all DAGs are tested');
    const runs = options.run === false ? [] : await canaries(context, ledger, dagIds);
    const tested = dagIds.length === 0 ? await deployedIds(ledger.store) : dagIds;
    const differences = await statesThatDiffer(context, { place, store: ledger.store, dagIds: tested });
    for (const what of BY_HAND) terminal.print(`? look once: ${what}`);
    const isWell = differences.length === 0 && runs.every(({ state }) => state === 'success');
    terminal.json({ environment: place.environment, ok: isWell, runs, differences, byHand: BY_HAND });
    return isWell ? EXIT.ok : EXIT.failed;
  });
}

/** @throws {RefusedError} `unknown-dag` */
async function chosen(store: LedgerReads, { dag }: SmokeOptions): Promise<readonly string[]> {
  if (dag === undefined) return taggedCanary(store);
  for (const dagId of dag) await findHead(store, 'smoke', dagId);
  return dag;
}

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

async function taggedCanary(store: LedgerReads): Promise<readonly string[]> {
  const heads = await store.dags.heads();
  return heads.flatMap(({ dagId, tags, retiredAt }) =>
    retiredAt === undefined && tags.includes('canary') ? [dagId] : [],
  );
}

async function deployedIds(store: LedgerReads): Promise<readonly string[]> {
  const heads = await store.dags.heads();
  return heads.flatMap(({ dagId, retiredAt }) => (retiredAt === undefined ? [dagId] : []));
}

function canaryText({ dagId, runId, state, seconds, error }: Canary): string {
  const sign = state === 'success' ? '✓' : '✕';
  return `${sign} ${dagId} ${runId}: ${state} after ${seconds} s${error === undefined ? '' : `, ${error}`}`;
}

interface Difference extends StateTest {
  readonly dag: string;
}

interface Testing {
  readonly place: DeployedPlace;
  readonly store: LedgerReads;
  readonly dagIds: readonly string[];
}

async function statesThatDiffer(
  { terminal }: Context,
  { place, store, dagIds }: Testing,
): Promise<readonly Difference[]> {
  const { statesClient } = await loadClients();
  const { definitionOf, testStates } = await loadStateTests();
  const server = await startSfn({});
  const [here, there] = [statesClient(place.aws.region, server.endpoint), statesClient(place.aws.region)];
  const found: Difference[] = [];
  try {
    for (const dagId of dagIds) {
      const { deployment } = await newestVersion(store, await findHead(store, 'smoke', dagId));
      if (deployment === undefined) continue;
      const definition = await definitionOf(there, deployment.machine);
      const tests = await testStates(definition, { here, there, input: INPUT });
      const differ = tests.filter(({ isSame }) => !isSame);
      found.push(...differ.map((test) => ({ dag: dagId, ...test })));
      terminal.print(`${differ.length === 0 ? '✓' : '✕'} ${dagId}: ${count(tests.length, 'state')} tested`);
      for (const test of differ) terminal.print(`    ${differenceText(test)}`);
    }
  } finally {
    here.destroy();
    there.destroy();
    await server.close();
  }
  return found;
}

function differenceText({ state, here, there }: StateTest): string {
  const text = ({ status, error }: StateTest['here']) =>
    error === undefined ? status : `${status} ${error}`;
  return `${state}: here ${text(here)}, there ${text(there)}`;
}

/** Facts about a run, as expressions of states read them. */
const INPUT: JsonObject = {
  run: {
    id: '2026-01-05T00:00:00Z',
    dagId: 'smoke',
    attempt: '1',
    logicalDate: '2026-01-05T00:00:00Z',
    interval: { start: '2026-01-05T00:00:00Z', end: '2026-01-06T00:00:00Z', date: '2026-01-05' },
    table: 'table',
    expires: '1800000000',
    fns: { main: 'function', pool: 'pool' },
  },
  params: {},
};
