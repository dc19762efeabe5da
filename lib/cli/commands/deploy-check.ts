import { type Deployable, openDeployable, withDeployed } from '../deploy/deployable.ts';
import { type Leaving, leavingDags } from '../deploy/leaving.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { countProblems, problemsJson } from '../problems.ts';
import type { Context } from '../program.ts';
import { count } from '../words.ts';

/**
 * Says before a deployment what would be refused: by `cdk synth`, and by a stack that DAGs leave while runs of them go on
 * there. What `cdk synth` refuses is not asked more.
 */
export async function deployCheck(context: Context, options: LedgerOptions): Promise<ExitCode> {
  const deployable = await openDeployable(context, 'deploy-check', options.env);
  const { place, problems } = deployable;
  if (problems.length > 0) return told(context, deployable, []);
  return withDeployed(context, { place, options }, async (ledger) => {
    const leaving = ledger === undefined ? [] : await leavingIn(deployable, ledger);
    return told(context, { ...deployable, isThere: ledger !== undefined }, leaving);
  });
}

interface Checked extends Deployable {
  /** Whether it was deployed before. @default true */
  readonly isThere?: boolean;
}

function told({ terminal }: Context, checked: Checked, leaving: readonly Leaving[]): ExitCode {
  const { place, problems, project } = checked;
  const { environment } = place;
  const ok = problems.length === 0 && leaving.every(({ active }) => active.length === 0);
  terminal.json({ environment, ok, problems: problemsJson(problems, project.root), leaving });
  for (const each of leaving) terminal.print(leavingText(each));
  if (problems.length > 0)
    terminal.print(`✕ ${environment}: not to be deployed, ${countProblems(problems)} above`);
  if (ok) terminal.print(wellText(checked));
  return ok ? EXIT.ok : EXIT.failed;
}

function wellText({ place, dags, isThere = true }: Checked): string {
  const what = `${count(dags.length, 'DAG')} can be deployed`;
  return `✓ ${place.environment}: ${what}${isThere ? '' : ', for the first time'}`;
}

async function leavingIn(
  { place, dags }: Deployable,
  { store }: Pick<Ledger, 'store'>,
): Promise<readonly Leaving[]> {
  const [heads, open] = [await store.dags.heads(), await store.runs.open()];
  const placed = dags.map(({ dag }) => dag);
  return leavingDags(place, heads, placed, open);
}

function leavingText({ dagId, stack, to, active }: Leaving): string {
  const what = to === undefined ? `is removed from stack ${stack}` : `moves from stack ${stack} to ${to}`;
  if (active.length === 0) return `• dag "${dagId}" ${what}`;
  return `✕ dag "${dagId}" ${what} but has ${count(active.length, 'active run')} (${active.slice(0, 3).join(', ')}): let them end, cancel them, or deploy with -c tutti:cancel=${dagId}`;
}
