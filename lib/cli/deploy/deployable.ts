/** This project as an environment would get it, and what keeps it from being deployed. */
import { type Problem, RefusedError } from '../../base/errors.ts';
import type { ExitCode } from '../exit.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { openProject, type Project, printProblems } from '../project.ts';
import { assertCaller } from '../remote/caller.ts';
import type { DagHere } from './deploy-plan.ts';
import { type DeployedPlace, dagsHere, deployedPlace } from './environment.ts';
import { loadSynthesis } from './operate.ts';

export interface Deployable {
  readonly place: DeployedPlace;
  readonly project: Project;
  /** Those without mistakes. */
  readonly dags: readonly DagHere[];
  /** What `cdk synth` refuses, of any environment: the app is one. */
  readonly problems: readonly Problem[];
}

/**
 * Asks what `cdk synth` asks, and prints what it would refuse.
 *
 * @throws {RefusedError} `usage`, `unknown-environment`, `not-deployed`, `no-cdk`, `not-built`
 */
export async function openDeployable(
  context: Context,
  command: string,
  environment: string | undefined,
): Promise<Deployable> {
  const place = await deployedPlace(context, command, environment);
  const project = await openProject(context);
  const { trySynthesis } = await loadSynthesis().catch((error: unknown) => {
    throw isMissing(error) ? noCdk(command, error) : error;
  });
  const { problems, manifests } = trySynthesis(project, project.root);
  if (problems.length > 0) printProblems(problems, context);
  const made = manifests(place.environment);
  const dags = dagsHere(project, place.environment).map((here) => {
    const manifest = made.get(here.dag.id);
    return manifest === undefined ? here : { ...here, manifest };
  });
  return { place, project, dags, problems };
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
}

function noCdk(command: string, cause: unknown): RefusedError {
  return new RefusedError(
    'no-cdk',
    `tutti ${command} › aws-cdk-lib: must be installed, as for cdk deploy, got none; run npm install --save-dev aws-cdk aws-cdk-lib constructs`,
    { cause },
  );
}

/**
 * With the environment's ledger; before its first deployment, which it is there to look at, with none.
 *
 * @throws {RefusedError} as {@link withLedger}, and those of {@link assertCaller}
 */
export async function withDeployed(
  context: Context,
  { place, options }: { readonly place: DeployedPlace; readonly options: LedgerOptions },
  work: (ledger: Ledger | undefined) => Promise<ExitCode>,
): Promise<ExitCode> {
  let isOpen = false;
  try {
    return await withLedger(context, options, (ledger) => {
      isOpen = true;
      return work(ledger);
    });
  } catch (error) {
    if (isOpen || !(error instanceof RefusedError) || error.code !== 'not-deployed') throw error;
  }
  await assertCaller(place, process.env);
  return work(undefined);
}
