import { toSeconds } from '../../base/duration.ts';
import { DefinitionError, RefusedError } from '../../base/errors.ts';
import { type PrunedHere, pruneHere } from '../../local/prune.ts';
import { DEFAULT_RETENTION, type RetentionConfig } from '../../model/environment.ts';
import { loadConfig } from '../../project/load.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { actorHere } from '../ledger/actor.ts';
import { confirm } from '../ledger/confirm.ts';
import { isElsewhere } from '../ledger/elsewhere.ts';
import { type LedgerOptions, withLocalLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { isError, rootOf } from '../project.ts';
import { columns, count } from '../words.ts';

export interface PruneOptions extends LedgerOptions {
  readonly olderThan?: string;
  readonly keep?: string;
}

/** Removes runs that ended, with all that is kept of them: what is asked for, else what the configuration does not keep. */
export function prune(context: Context, options: PruneOptions): Promise<ExitCode> {
  const { terminal } = context;
  const asked = policyOf(options);
  if (isElsewhere(options)) throw notThere(options.env ?? '');
  return withLocalLedger(context, options, async (_, world) => {
    const root = rootOf(context);
    const policy = asked ?? (await configured(root));
    const request = { root, actor: actorHere() };
    const preview = await pruneHere(world, policy, { ...request, dryRun: true });
    if (options.dryRun === true) {
      terminal.json({ dryRun: true, ...documentOf(preview) });
      terminal.print(lines(preview, 'would be removed', policy).join('\n'));
      return EXIT.ok;
    }
    // Where nothing is, there may still be something to finish that somebody said yes to.
    if (preview.runs.length + preview.orphans.length > 0) {
      if (options.yes !== true) terminal.print(lines(preview, 'would be removed', policy).join('\n'));
      const what = `remove ${whatOf(preview)} for good`;
      await confirm(context, { command: 'prune', what, yes: options.yes });
    }
    const pruned = await pruneHere(world, policy, request);
    terminal.json(documentOf(pruned));
    terminal.print(lines(pruned, 'removed', policy).join('\n'));
    return EXIT.ok;
  });
}

/** A deployment prunes itself. */
function notThere(environment: string): RefusedError {
  return new RefusedError(
    'not-here',
    `tutti prune › --env: must be local, got "${environment}"; what is kept there is the retention of the environment in tutti.config.ts, after the next deploy`,
  );
}

/** What was asked for; `undefined`: nothing was. */
function policyOf({ olderThan, keep }: PruneOptions): RetentionConfig | undefined {
  if (olderThan === undefined && keep === undefined) return undefined;
  const seconds = olderThan === undefined ? undefined : toSeconds(olderThan);
  if (olderThan !== undefined && (seconds === undefined || seconds < 0))
    throw usage('older-than', 'a duration', olderThan, 'write 90d, 36h, 30m');
  if (keep !== undefined && !/^\d{1,9}$/.test(keep))
    throw usage('keep', 'a whole number', keep, 'write how many runs of each DAG stay');
  return {
    ...(seconds === undefined ? {} : { age: seconds }),
    ...(keep === undefined ? {} : { keep: Number(keep) }),
  };
}

/** @throws {DefinitionError} where the configuration has mistakes: what it keeps is not known then */
async function configured(root: string): Promise<RetentionConfig> {
  const { config, problems } = await loadConfig(root);
  const errors = problems.filter(isError);
  if (errors.length > 0) throw new DefinitionError(errors);
  return config.environments['local']?.retention ?? DEFAULT_RETENTION;
}

function documentOf({ endedBefore, keep, runs, orphans, finished }: PrunedHere) {
  return {
    ...(endedBefore === undefined ? {} : { endedBefore }),
    ...(keep === undefined ? {} : { keep }),
    runs,
    orphans,
    finished,
  };
}

function lines(pruned: PrunedHere, are: string, policy: RetentionConfig): readonly string[] {
  const { endedBefore, keep, runs, orphans, finished } = pruned;
  const kept = [
    ...(endedBefore === undefined ? [] : [`what ended since ${endedBefore}`]),
    ...(keep === undefined ? [] : [`the newest ${keep.toLocaleString('en-US')} of each DAG`]),
  ];
  const stays = Object.keys(policy).length === 0 ? 'every run' : kept.join(', of that ');
  const before =
    finished === 0 ? [] : [`folders of ${count(finished, 'run')} removed, as a prune before did not end`];
  if (runs.length + orphans.length === 0) return [...before, `nothing to remove: kept is ${stays}`];
  const dags = [...Map.groupBy(runs, ({ dagId }) => dagId)];
  return [
    ...before,
    ...columns(
      dags.map(([dagId, keys]) => [
        `  ${dagId}`,
        count(keys.length, 'run'),
        keys.length === 1 ? `${keys[0]?.runId}` : `${keys.at(-1)?.runId} … ${keys[0]?.runId}`,
      ]),
    ),
    `${whatOf(pruned)} ${are}; kept is ${stays}`,
  ];
}

function whatOf({ runs, orphans }: PrunedHere): string {
  const folders = orphans.length === 0 ? [] : [`${count(orphans.length, 'folder')} of no run`];
  return [...(runs.length === 0 ? [] : [count(runs.length, 'run')]), ...folders].join(' and ');
}

function usage(option: string, what: string, value: string, remedy: string): RefusedError {
  return new RefusedError('usage', `tutti prune › --${option}: must be ${what}, got "${value}"; ${remedy}`);
}
