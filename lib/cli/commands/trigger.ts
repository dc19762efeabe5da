import type { Run } from '../../model/run.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead, newestVersion } from '../ledger/find-run.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { runName } from '../ledger/run-text.ts';
import { seenThrough } from '../ledger/see-through.ts';
import { paramsOf } from '../params-of.ts';
import type { Context } from '../program.ts';

export interface TriggerOptions extends LedgerOptions {
  readonly logicalDate?: string;
  /** A run of no interval: it is about this very instant. */
  readonly now?: boolean;
  /** `name=value` each. */
  readonly param?: readonly string[];
  readonly note?: string;
}

/** Makes a run of a DAG because somebody wants it, and shows it, unless a `tutti dev` does so. */
export function trigger(context: Context, dagId: string, options: TriggerOptions): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, load: true }, async (ledger) => {
    const { store, acts } = ledger;
    const { dag } = await newestVersion(store, await findHead(store, 'trigger', dagId));
    const { logicalDate, now, note, dryRun } = options;
    const made = await acts.trigger({
      dagId,
      params: paramsOf(dag, options.param ?? []),
      ...(logicalDate === undefined ? {} : { logicalDate }),
      ...(now === undefined ? {} : { now }),
      ...(note === undefined ? {} : { note }),
      ...(dryRun === undefined ? {} : { dryRun }),
    });
    if (dryRun === true) {
      terminal.json({ dryRun: true, ...made });
      terminal.print(dryText(made.run));
      return EXIT.ok;
    }
    return seenThrough(context, ledger, { runs: [made.run], wait: options.wait, command: 'trigger' });
  });

  function dryText(run: Run): string {
    return `would run ${runName(run)}, interval ${run.interval.start} … ${run.interval.end}, params ${JSON.stringify(run.params)}`;
  }
}
