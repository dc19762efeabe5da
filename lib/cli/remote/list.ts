/** `tutti list --env`: the DAGs that are deployed, and how they are. */
import type { DagHead } from '../../model/dag-version.ts';
import { currentHeads } from '../../store/current-heads.ts';
import type { ListOptions } from '../commands/list.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Context } from '../program.ts';
import { clip, columns, count } from '../words.ts';
import { withRemoteLedger } from './remote-ledger.ts';

/** In alphabetical order: what the environment has, whatever is in this folder. */
export function listThere(context: Context, options: ListOptions): Promise<ExitCode> {
  const { terminal } = context;
  return withRemoteLedger(context, options, async ({ store, environment }) => {
    const heads = (await currentHeads(store.dags)).toSorted((a, b) => (a.dagId < b.dagId ? -1 : 1));
    terminal.json({ environment, dags: heads.map(summary) });
    if (options.names !== true)
      terminal.print(heads.length === 0 ? `no DAGs in ${environment}` : tableOf(context, heads));
    else if (heads.length > 0) terminal.print(heads.map(({ dagId }) => dagId).join('\n'));
    return EXIT.ok;
  });
}

function tableOf({ terminal }: Context, heads: readonly DagHead[]): string {
  const titles = ['dag', 'schedule', 'state', 'version', 'owner', 'description'];
  const rows = heads.map((head) => [
    terminal.paint('bold', head.dagId),
    head.schedule,
    stateOf(head),
    head.version,
    head.owner ?? '',
    clip(head.description ?? '', 60),
  ]);
  const title = titles.map((each) => terminal.paint('gray', each));
  return [...columns([title, ...rows]), '', count(rows.length, 'DAG')].join('\n');
}

function stateOf({ paused, pausedBy, pinnedFrom }: DagHead): string {
  const words = [
    ...(paused ? [pausedBy === undefined ? 'paused' : `paused by ${clip(pausedBy, 40)}`] : []),
    ...(pinnedFrom === undefined ? [] : ['pinned']),
  ];
  return words.join(', ');
}

function summary(head: DagHead): object {
  const { dagId: id, description, owner, tags, schedule, paused, pausedBy, version, pinnedFrom } = head;
  return { id, description, owner, tags, schedule, paused, pausedBy, version, pinnedFrom };
}
