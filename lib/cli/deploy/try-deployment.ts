/** What an account shows of a deployment by itself. */
import type { Check } from '../../aws/operate/checks.ts';
import type { TriedTable } from '../../aws/operate/trials.ts';
import { dagsStackName, tableName } from '../../deployment/names.ts';
import type { DagHead } from '../../model/dag-version.ts';
import type { LedgerReads } from '../ledger/ledger.ts';
import type { DeployedPlace } from './environment.ts';
import { type DeployedMachine, isEmulated } from './machine-states.ts';
import { loadClients, loadStateTests, loadTrials } from './operate.ts';

/** Newest runs of a DAG whose versions are looked at, and machines that are read to find one with items of its own. */
const RUNS = 50;
const MACHINES = 40;

export interface TriedDags {
  /** Of all DAGs that are there. */
  readonly heads: readonly DagHead[];
  /** Those whose states were tested. */
  readonly machines: readonly DeployedMachine[];
}

/** Looks at stacks, roles and rights; changes nothing. */
export async function tryDeployment(
  { environment, aws }: DeployedPlace,
  store: LedgerReads,
  { heads, machines }: TriedDags,
): Promise<readonly Check[]> {
  const { operatorClients, clientThere } = await loadClients();
  const { stackTrials, roleTrial, leadingKeysTrial, branchesTrial } = await loadTrials();
  const clients = { ...operatorClients(aws.region), sfn: clientThere(aws.region, isEmulated()) };
  const checks: Check[] = [];
  const stacks = Map.groupBy(heads, ({ stack = '0' }) => stack);
  for (const [stack, dags] of stacks) {
    const tried = { name: dagsStackName(environment, stack), dags: dags.length };
    checks.push(...(await stackTrials(clients.cloudformation, tried)));
  }
  checks.push(await roleTrial(clients, await olderMachines(store, heads)));
  const { definitionOf } = await loadStateTests();
  const definitions = (arn: string) => definitionOf(clients.sfn, arn).then((text) => JSON.stringify(text));
  const table = await writerAmong(await candidates(store, heads, machines), definitions);
  checks.push(
    await leadingKeysTrial(clients.sfn, table && { ...table, table: tableName(environment) }),
    await branchesTrial(clients.sfn),
  );
  return checks;
}

/** Main machines of versions that recent runs have, and that are not the newest. */
async function olderMachines(store: LedgerReads, heads: readonly DagHead[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const { dagId, version } of heads) {
    const { items } = await store.runs.list({ dagId, limit: RUNS });
    const older = new Set(items.map((run) => run.version).filter((hash) => hash !== version));
    for (const hash of older) {
      const kept = await store.dags.version(dagId, hash).catch(() => undefined);
      if (kept?.deployment !== undefined) found.add(kept.deployment.machine);
    }
  }
  return [...found];
}

type Candidate = Omit<TriedTable, 'table'>;

/** Machines that were tested, and then the main ones of all other DAGs. */
async function candidates(
  store: LedgerReads,
  heads: readonly DagHead[],
  machines: readonly DeployedMachine[],
): Promise<readonly Candidate[]> {
  const tested = machines.map(({ dag, arn }) => ({ dagId: dag, machine: arn }));
  const others: Candidate[] = [];
  for (const { dagId, version } of heads.filter(({ dagId }) => machines.every(({ dag }) => dag !== dagId))) {
    if (tested.length + others.length >= MACHINES) break;
    const kept = await store.dags.version(dagId, version);
    if (kept?.deployment !== undefined) others.push({ dagId, machine: kept.deployment.machine });
  }
  return [...tested, ...others].slice(0, MACHINES);
}

/** The first whose machine writes items: only then its role may. */
async function writerAmong(
  all: readonly Candidate[],
  definition: (arn: string) => Promise<string>,
): Promise<Candidate | undefined> {
  for (const each of all) {
    const text = await definition(each.machine).catch(() => '');
    if (text.includes(':dynamodb:updateItem')) return each;
  }
  return undefined;
}
