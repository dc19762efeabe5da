import { relative } from 'node:path';
import type { DagNode } from '../../model/dag.ts';
import { describeSchedule } from '../../schedule/describe.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { isElsewhere } from '../ledger/elsewhere.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { problemsJson } from '../problems.ts';
import type { Context } from '../program.ts';
import { isError, openProject, printProblems } from '../project.ts';
import { clip, columns, count } from '../words.ts';

export interface ListOptions extends LedgerOptions {
  /** Ids only. */
  readonly names?: boolean;
}

/**
 * Lists the project's DAGs in alphabetical order; mistakes of other files go to the standard error. Of an environment, those
 * that are deployed.
 */
export async function list(context: Context, options: ListOptions): Promise<ExitCode> {
  if (isElsewhere(options)) return (await import('../remote/list.ts')).listThere(context, options);
  const { terminal } = context;
  const { root, dags, problems } = await openProject(context);
  const sorted = dags.map(({ dag }) => dag).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  terminal.json({ dags: sorted.map((dag) => summary(dag, root)), problems: problemsJson(problems, root) });
  if (options.names === true) {
    if (sorted.length > 0) terminal.print(sorted.map((dag) => dag.id).join('\n'));
    return EXIT.ok;
  }
  const titles = ['dag', 'schedule', 'tasks', 'owner', 'description'].map((title) =>
    terminal.paint('gray', title),
  );
  const rows = sorted.map((dag) => [
    terminal.paint('bold', dag.id),
    describeSchedule(dag.schedule),
    String(dag.tasks.length),
    dag.owner ?? '',
    clip(dag.description ?? '', 60),
  ]);
  terminal.print(
    rows.length === 0 ? 'no DAGs' : [...columns([titles, ...rows]), '', count(rows.length, 'DAG')].join('\n'),
  );
  const errors = problems.filter(isError);
  if (errors.length === 0) return EXIT.ok;
  printProblems(errors, context);
  return EXIT.failed;
}

function summary(dag: DagNode, root: string): Readonly<Record<string, unknown>> {
  return {
    id: dag.id,
    description: dag.description,
    owner: dag.owner,
    tags: dag.tags,
    schedule: describeSchedule(dag.schedule),
    tasks: dag.tasks.length,
    params: Object.keys(dag.params),
    file: dag.at === undefined ? undefined : relative(root, dag.at.file),
  };
}
