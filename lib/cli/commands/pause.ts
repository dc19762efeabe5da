import type { DagHead } from '../../model/dag-version.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead } from '../ledger/find-run.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';

/** Holds back what the schedules of DAGs make; what somebody asked for goes on. */
export function pause(
  context: Context,
  dagIds: readonly string[],
  options: LedgerOptions,
): Promise<ExitCode> {
  return setPaused(context, dagIds, { ...options, paused: true });
}

/** Lets the schedules of DAGs make runs again: by their catchup, of what was missed. */
export function unpause(
  context: Context,
  dagIds: readonly string[],
  options: LedgerOptions,
): Promise<ExitCode> {
  return setPaused(context, dagIds, { ...options, paused: false });
}

interface Setting extends LedgerOptions {
  readonly paused: boolean;
}

function setPaused(context: Context, dagIds: readonly string[], setting: Setting): Promise<ExitCode> {
  const { paused, dryRun } = setting;
  const command = paused ? 'pause' : 'unpause';
  return withLedger(context, { ...setting, load: true }, async ({ store, acts, dev, environment }) => {
    // All are looked for before one is changed.
    const before: DagHead[] = [];
    for (const dagId of dagIds) before.push(await findHead(store, command, dagId));
    if (dryRun !== true) for (const dagId of dagIds) await acts.setPaused(dagId, paused);
    tell(context, before, setting);
    if (!paused && dev === undefined && environment === undefined)
      context.terminal.print('  its schedule runs while tutti dev does');
    return EXIT.ok;
  });
}

function tell({ terminal }: Context, before: readonly DagHead[], { paused, dryRun }: Setting): void {
  const dags = before.map((head) => ({ dag: head.dagId, paused, changed: head.paused !== paused }));
  terminal.json({ dags, ...(dryRun === true ? { dryRun: true } : {}) });
  const state = paused ? 'paused: its schedule makes no runs' : 'unpaused: its schedule goes on';
  const same = paused ? 'was paused before' : 'was not paused';
  const would = dryRun === true ? 'would be ' : '';
  for (const { dag, changed } of dags)
    terminal.print(
      `${paused ? '⏸' : '▶'} ${terminal.paint('bold', dag)} ${changed ? `${would}${state}` : same}`,
    );
}
