/** `tutti backfill create`, `preview`: a range of dates, each with what becomes of it. */
import type { BackfillPreview, BackfillRequest } from '../../orchestrator/backfill/preview.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { backfillTitle, datesTable } from '../ledger/backfill-text.ts';
import { confirm } from '../ledger/confirm.ts';
import { findHead, newestVersion } from '../ledger/find-run.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { backfillThrough } from '../ledger/see-backfill.ts';
import { paramsOf } from '../params-of.ts';
import type { Context } from '../program.ts';
import { count, durationText } from '../words.ts';
import { wholeNumber } from './runs.ts';

export interface BackfillOptions extends LedgerOptions {
  readonly from: string;
  readonly to: string;
  readonly reprocess: 'none' | 'failed' | 'completed';
  readonly newestFirst?: boolean;
  readonly maxActiveRuns?: string;
  readonly param?: readonly string[];
  readonly task?: readonly string[];
  readonly asOne?: boolean;
  readonly note?: string;
}

/** Dates shown of a preview: the first and the last ones. */
const SHOWN = 40;

/** Creates a backfill, after showing what it would do; with `dryRun` shows only that. */
export function create(context: Context, dagId: string, options: BackfillOptions): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, load: true }, async (ledger) => {
    const { acts } = ledger;
    const request = await requestOf(ledger, dagId, options);
    const { preview } = await acts.createBackfill({ ...request, dryRun: true });
    if (options.dryRun === true) {
      terminal.json({ dryRun: true, ...preview });
      terminal.print(previewLines(preview, context).join('\n'));
      return EXIT.ok;
    }
    const runs = preview.dates.filter(({ action }) => action !== 'skip').length;
    if (runs > 1) {
      if (options.yes !== true) terminal.print(previewLines(preview, context).join('\n'));
      await confirm(context, {
        command: 'backfill create',
        what: `run ${count(runs, 'date')} of ${dagId}`,
        yes: options.yes,
      });
    }
    const made = await acts.createBackfill({ ...request, confirmed: true });
    if (made.backfill === undefined) {
      terminal.json({ backfill: null, preview: made.preview });
      terminal.print([...previewLines(made.preview, context), 'nothing to run'].join('\n'));
      return EXIT.ok;
    }
    terminal.print(backfillTitle(made.backfill, terminal));
    return backfillThrough(context, ledger, { backfill: made.backfill, wait: options.wait });
  });
}

async function requestOf(
  { store }: Ledger,
  dagId: string,
  options: BackfillOptions,
): Promise<BackfillRequest> {
  const { dag } = await newestVersion(store, await findHead(store, 'backfill create', dagId));
  const { from, to, reprocess, newestFirst, maxActiveRuns, param = [], task, asOne, note } = options;
  return {
    dagId,
    from,
    to,
    reprocess,
    order: newestFirst === true ? 'newest' : 'oldest',
    params: paramsOf(dag, param),
    ...(maxActiveRuns === undefined
      ? {}
      : { maxActiveRuns: wholeNumber('backfill create', 'max-active-runs', maxActiveRuns, 1000) }),
    ...(task === undefined ? {} : { tasks: task }),
    ...(asOne === undefined ? {} : { asOne }),
    ...(note === undefined ? {} : { note }),
  };
}

function previewLines(
  { dates, counts, estimate }: BackfillPreview,
  { terminal }: Context,
): readonly string[] {
  const total = Object.entries(counts).map(([action, amount]) => `${amount} ${action}`);
  const shown = dates.length <= SHOWN ? dates : [...dates.slice(0, SHOWN / 2), ...dates.slice(-SHOWN / 2)];
  return [
    ...datesTable(shown, terminal),
    ...(shown.length < dates.length
      ? [`… ${count(dates.length - shown.length, 'date')} between are left out here; --json has them`]
      : []),
    '',
    `${count(dates.length, 'date')}: ${total.join(', ')}`,
    ...(estimate === undefined ? [] : [estimateText(estimate)]),
  ];
}

function estimateText({ transitions, dollars, seconds }: NonNullable<BackfillPreview['estimate']>): string {
  // Shorter than what is known of how long runs took: nothing is known.
  const time = seconds === undefined || seconds < 1 ? '' : `, ${durationText(seconds * 1000)}`;
  const cost = dollars < 0.005 ? '<$0.01' : `$${dollars.toFixed(2)}`;
  return `about ${Math.round(transitions).toLocaleString('en-US')} state transitions, ${cost} on AWS${time}`;
}
