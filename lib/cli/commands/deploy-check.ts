import { dagsHere, deployedPlace } from '../deploy/environment.ts';
import { type Leaving, leavingDags } from '../deploy/leaving.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { count } from '../words.ts';

/** Says before CloudFormation is asked what it would refuse: DAGs that leave a stack while runs of them go on there. */
export async function deployCheck(context: Context, options: LedgerOptions): Promise<ExitCode> {
  const { environment, aws } = await deployedPlace(context, 'deploy-check', options.env);
  const { dags, areSound } = await dagsHere(context, environment);
  return withLedger(context, options, async ({ store }) => {
    const [heads, open] = [await store.dags.heads(), await store.runs.open()];
    const placed = dags.map(({ dag }) => dag);
    const leaving = leavingDags({ environment, aws }, heads, placed, open);
    const refused = leaving.filter(({ active }) => active.length > 0);
    const { terminal } = context;
    terminal.json({ environment, leaving, ok: areSound && refused.length === 0 });
    for (const each of leaving) terminal.print(leavingText(each));
    if (!areSound) terminal.print(`✕ ${environment}: the mistakes above keep it from being deployed`);
    else if (refused.length === 0)
      terminal.print(`✓ ${environment}: ${count(dags.length, 'DAG')} can be deployed`);
    return areSound && refused.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

function leavingText({ dagId, stack, to, active }: Leaving): string {
  const what = to === undefined ? `is removed from stack ${stack}` : `moves from stack ${stack} to ${to}`;
  if (active.length === 0) return `• dag "${dagId}" ${what}`;
  return `✕ dag "${dagId}" ${what} but has ${count(active.length, 'active run')} (${active.slice(0, 3).join(', ')}): let them end, cancel them, or deploy with -c tutti:cancel=${dagId}`;
}
