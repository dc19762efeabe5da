import type { Garbage } from '../../aws/operate/garbage.ts';
import { toSeconds } from '../../base/duration.ts';
import { RefusedError } from '../../base/errors.ts';
import type { Deployment } from '../../model/dag-version.ts';
import { isFinal, type Run } from '../../model/run.ts';
import { allOf } from '../../store/page.ts';
import { askingAws } from '../deploy/aws-refusal.ts';
import { operatedPlace } from '../deploy/environment.ts';
import { loadClients, loadGarbage, loadInventory } from '../deploy/operate.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { confirm } from '../ledger/confirm.ts';
import type { LedgerReads } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { count } from '../words.ts';

export interface GcOptions extends LedgerOptions {
  /** Runs that ended within so long may be run again. */
  readonly keep: string;
}

/** Removes versions of machines and functions that no run goes on with or may be run again with, and their roles. */
export async function gc(context: Context, options: GcOptions): Promise<ExitCode> {
  const { environment, aws } = await operatedPlace(context, 'gc', options);
  const seconds = toSeconds(options.keep);
  if (seconds === undefined || seconds < 0)
    throw new RefusedError(
      'usage',
      `tutti gc › --keep: must be a duration, got "${options.keep}"; write 30d`,
    );
  const asking = { command: 'gc', environment, rights: `the managed policy tutti-${environment}-operator` };
  return withLedger(context, options, async ({ store, clock }) => {
    const madeBeforeMs = clock.now() - seconds * 1000;
    const used = await usedVersions(store, madeBeforeMs);
    const { operatorClients } = await loadClients();
    const { inventoryOf, removeGarbage } = await loadInventory();
    const clients = operatorClients(aws.region);
    const { garbageIn } = await loadGarbage();
    const inventory = await askingAws(asking, () => inventoryOf(clients, environment));
    const garbage = garbageIn(inventory, { used, madeBeforeMs });
    const { terminal } = context;
    if (options.dryRun !== true && whatOf(garbage) !== undefined) {
      const what = `remove ${whatOf(garbage)} of ${environment}`;
      await confirm(context, { command: 'gc', what, yes: options.yes });
      await askingAws(asking, () => removeGarbage(clients, garbage, (name) => terminal.print(`− ${name}`)));
    }
    tell(context, garbage, { ...options, env: environment });
    return EXIT.ok;
  });
}

/** What was, or would be, removed. */
function tell({ terminal }: Context, garbage: Garbage, { env, dryRun }: LedgerOptions): void {
  const { machineVersions, functionVersions, roles } = garbage;
  const names = roles.map(({ name }) => name);
  const would = dryRun === true ? { dryRun } : {};
  terminal.json({ environment: env, machineVersions, functionVersions, roles: names, ...would });
  const what = whatOf(garbage);
  if (what === undefined) terminal.print(`${env}: nothing to remove`);
  else if (dryRun === true) {
    for (const name of [...machineVersions, ...functionVersions, ...names]) terminal.print(`  ${name}`);
    terminal.print(`would remove ${what}`);
  } else terminal.print(`removed ${what}`);
}

/** `undefined`: nothing. */
function whatOf({ machineVersions, functionVersions, roles }: Garbage): string | undefined {
  if (machineVersions.length + functionVersions.length + roles.length === 0) return undefined;
  const versions = `${count(machineVersions.length, 'machine version')}, ${count(functionVersions.length, 'function version')}`;
  return `${versions} and ${count(roles.length, 'role')}`;
}

/** ARNs of what the current versions are, what open runs have, and what those that ended since may be run again with. */
async function usedVersions(store: LedgerReads, sinceMs: number): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const { dagId, version, pinnedFrom } of await store.dags.heads()) {
    const runs = await allOf((part) => store.runs.list({ dagId, limit: 500, ...part }));
    const hashes = new Set([
      version,
      ...(pinnedFrom === undefined ? [] : [pinnedFrom]),
      ...runs.filter((run) => mayNeedVersion(run, sinceMs)).map((run) => run.version),
    ]);
    for (const hash of hashes) {
      const kept = await store.dags.version(dagId, hash).catch(() => undefined);
      for (const arn of arnsOf(kept?.deployment)) used.add(arn);
    }
  }
  return used;
}

function mayNeedVersion({ state, endedAt }: Run, sinceMs: number): boolean {
  return !isFinal(state) || (endedAt !== undefined && Date.parse(endedAt) >= sinceMs);
}

function arnsOf(deployment: Deployment | undefined): readonly string[] {
  if (deployment === undefined) return [];
  const { machine, rerun, fns, parts = {}, rerunParts = {} } = deployment;
  return [machine, rerun, ...[fns, parts, rerunParts].flatMap((named) => Object.values(named))];
}
