import { systemClock } from '../../local/clock.ts';
import { deployPlan } from '../deploy/deploy-plan.ts';
import { openDeployable, withDeployed } from '../deploy/deployable.ts';
import { dagsThere } from '../deploy/environment.ts';
import { renderDeployPlan } from '../deploy/render-deploy-plan.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { countProblems, problemsJson } from '../problems.ts';
import type { Context } from '../program.ts';

/**
 * Prints what a deployment of this project would change there: tasks, edges, schedules, rights, intervals, dollars. What
 * `cdk synth` would refuse is told instead: it changes nothing.
 */
export async function planDeploy(
  context: Context,
  dagId: string | undefined,
  options: LedgerOptions,
): Promise<ExitCode> {
  const { place, project, dags, problems } = await openDeployable(context, 'plan', options.env);
  const { environment } = place;
  const { terminal } = context;
  if (problems.length > 0) {
    terminal.json({ environment, ok: false, problems: problemsJson(problems, project.root), dags: [] });
    terminal.print(`✕ ${environment}: not to be deployed, ${countProblems(problems)} above`);
    return EXIT.failed;
  }
  return withDeployed(context, { place, options }, async (ledger) => {
    const there = ledger === undefined ? [] : await dagsThere(ledger.store, project, environment);
    const whole = deployPlan(environment, dags, there, (ledger?.clock ?? systemClock).now());
    const only = whole.dags.filter((each) => dagId === undefined || each.dagId === dagId);
    const plan = { ...whole, dags: only };
    terminal.json({ ok: true, problems: [], ...plan });
    terminal.print(renderDeployPlan(plan, terminal));
    return EXIT.ok;
  });
}
