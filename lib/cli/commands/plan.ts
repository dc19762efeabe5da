import { RefusedError } from '../../base/errors.ts';
import { compile } from '../../compiler/compile.ts';
import { planReport } from '../../compiler/report.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { isElsewhere } from '../ledger/elsewhere.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { ASSUMED_SECONDS, measuredSeconds } from '../measured.ts';
import type { Context } from '../program.ts';
import { findDag } from '../project.ts';
import { renderPlan } from '../render-plan.ts';

/** Prints what a run of a DAG costs, how near it is to what Step Functions allows, and what would make it cheaper. */
export async function plan(
  context: Context,
  dagId: string | undefined,
  options: LedgerOptions = {},
): Promise<ExitCode> {
  if (isElsewhere(options)) return (await import('./deploy-plan.ts')).planDeploy(context, dagId, options);
  if (dagId === undefined)
    throw new RefusedError(
      'usage',
      'tutti plan › dag: must be given, or --env, got neither; write tutti plan daily_sales, or tutti plan --env prod',
    );
  const { terminal } = context;
  const { dag, project: found } = await findDag(context, dagId);
  const { run: measured, seconds } = measuredSeconds(found.root, dagId);
  const report = planReport(dag, compile(dag), (task) => seconds.get(task) ?? ASSUMED_SECONDS);
  terminal.json({ ...report, measured });
  terminal.print(renderPlan(report, { measured, terminal }));
  return EXIT.ok;
}
