import { deployPlan } from '../deploy/deploy-plan.ts';
import { dagsHere, dagsThere, deployedPlace } from '../deploy/environment.ts';
import { renderDeployPlan } from '../deploy/render-deploy-plan.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';

/** Prints what a deployment of this project would change there: tasks, edges, schedules, rights, intervals, dollars. */
export async function planDeploy(
  context: Context,
  dagId: string | undefined,
  options: LedgerOptions,
): Promise<ExitCode> {
  const { environment } = await deployedPlace(context, 'plan', options.env);
  const { dags, areSound } = await dagsHere(context, environment);
  return withLedger(context, options, async ({ store, clock }) => {
    const whole = deployPlan(environment, dags, await dagsThere(context, store, environment), clock.now());
    const only = whole.dags.filter((each) => dagId === undefined || each.dagId === dagId);
    const plan = { ...whole, dags: only };
    context.terminal.json({ ...plan });
    context.terminal.print(renderDeployPlan(plan, context.terminal));
    return areSound ? EXIT.ok : EXIT.failed;
  });
}
