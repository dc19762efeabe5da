import { compile } from '../../compiler/compile.ts';
import { planReport } from '../../compiler/report.ts';
import { project } from '../../history/project.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { lastSuccess } from '../past-run.ts';
import type { Context } from '../program.ts';
import { findDag } from '../project.ts';
import { renderPlan } from '../render-plan.ts';

/** Prints what a run of a DAG costs, how near it is to what Step Functions allows, and what would make it cheaper. */
export async function plan(context: Context, dagId: string): Promise<ExitCode> {
  const { terminal } = context;
  const { dag, project: found } = await findDag(context, dagId);
  const { measured, seconds } = recorded(found.root, dagId);
  const report = planReport(dag, compile(dag), (task) => seconds.get(task) ?? ASSUMED_SECONDS);
  terminal.json({ ...report, measured });
  terminal.print(renderPlan(report, { measured, terminal }));
  return EXIT.ok;
}

/** How long a task is taken to be that nobody measured. */
const ASSUMED_SECONDS = 1;

/** How long tasks took in the last run here that succeeded, by id, and that run's id. */
function recorded(
  root: string,
  dagId: string,
): { readonly measured: string | undefined; readonly seconds: ReadonlyMap<string, number> } {
  const run = lastSuccess(root, dagId);
  if (run === undefined) return { measured: undefined, seconds: new Map() };
  const { tasks } = project(run.manifest, run.events);
  const seconds = tasks.flatMap(({ id, startMs, endMs }) =>
    startMs === undefined || endMs === undefined ? [] : [[id, (endMs - startMs) / 1000] as const],
  );
  return { measured: run.record.id, seconds: new Map(seconds) };
}
