import { RefusedError } from '../../base/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead } from '../ledger/find-run.ts';
import type { PinnedVersion } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';

export interface PinOptions extends LedgerOptions {
  /** Back to what was deployed. */
  readonly clear?: boolean;
}

/** Points a DAG at a version that it had before: what starts from then on has it. */
export function pin(
  context: Context,
  dagId: string,
  version: string | undefined,
  options: PinOptions,
): Promise<ExitCode> {
  const { clear, dryRun } = options;
  if ((version === undefined) === (clear !== true))
    throw new RefusedError(
      'usage',
      `tutti pin › version: must be given, or --clear, got ${version === undefined ? 'neither' : 'both'}; tutti runs list ${dagId} shows which there were`,
    );
  return withLedger(context, { ...options, load: true }, async ({ store, acts, suffix }) => {
    await findHead(store, 'pin', dagId);
    const pinned = await acts.pin({
      dagId,
      ...(version === undefined ? {} : { version }),
      ...(dryRun === undefined ? {} : { dryRun }),
    });
    tell(context, { dagId, suffix, dryRun }, pinned);
    return EXIT.ok;
  });
}

function tell(
  { terminal }: Context,
  {
    dagId,
    suffix,
    dryRun,
  }: { readonly dagId: string; readonly suffix: string; readonly dryRun: boolean | undefined },
  pinned: PinnedVersion,
): void {
  const { version, before, pinnedFrom } = pinned;
  terminal.json({ dag: dagId, ...pinned, ...(dryRun === true ? { dryRun } : {}) });
  if (version === before) {
    terminal.print(`${dagId} has version ${version} already`);
    return;
  }
  terminal.print(
    `${dagId} ${dryRun === true ? 'would have' : 'has'} version ${version} instead of ${before}`,
  );
  if (pinnedFrom !== undefined)
    terminal.print(`  until it is deployed again, or: tutti pin ${dagId} --clear${suffix}`);
}
