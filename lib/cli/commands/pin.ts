import { RefusedError } from '../../base/errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { isElsewhere } from '../ledger/elsewhere.ts';
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
      `tutti pin › version: must be given, or --clear, got ${version === undefined ? 'neither' : 'both'}; tutti runs show ${dagId} latest${suffixOf(options)} tells what a run had`,
    );
  return withLedger(context, { ...options, load: true }, async ({ store, acts, suffix }) => {
    await findHead(store, 'pin', dagId);
    const pinned = await acts.pin({
      dagId,
      ...(version === undefined ? {} : { version }),
      ...(dryRun === undefined ? {} : { dryRun }),
    });
    tell(context, { dagId, suffix, options }, pinned);
    return EXIT.ok;
  });
}

function suffixOf(options: PinOptions): string {
  return isElsewhere(options) ? ` --env ${options.env}` : '';
}

function tell(
  { terminal }: Context,
  {
    dagId,
    suffix,
    options: { dryRun, clear },
  }: { readonly dagId: string; readonly suffix: string; readonly options: PinOptions },
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
  if (pinnedFrom !== undefined && clear !== true)
    terminal.print(`  until a deployment changes its stack, or: tutti pin ${dagId} --clear${suffix}`);
}
