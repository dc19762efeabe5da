/** A deployed environment and this project, side by side. */

import { RefusedError } from '../../base/errors.ts';
import { compile } from '../../compiler/compile.ts';
import { permissionsOf } from '../../engines/permissions-of.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagHead } from '../../model/dag-version.ts';
import type { AwsConfig, TuttiConfig } from '../../model/environment.ts';
import { newestVersion } from '../ledger/find-run.ts';
import type { LedgerReads } from '../ledger/ledger.ts';
import type { Context } from '../program.ts';
import { isError, openProject, printProblems, rootOf } from '../project.ts';
import { placeOf } from '../remote/place.ts';
import type { DagHere, DagThere } from './deploy-plan.ts';

export interface DeployedPlace {
  readonly environment: string;
  readonly aws: AwsConfig;
}

/**
 * The environment that `--env` names.
 *
 * @throws {RefusedError} `usage`, `unknown-environment`, `not-deployed`
 */
export async function deployedPlace(
  context: Context,
  command: string,
  environment: string | undefined,
): Promise<DeployedPlace> {
  if (environment === undefined || environment === 'local')
    throw new RefusedError(
      'usage',
      `tutti ${command} › --env: must be an environment on AWS, got ${environment ?? 'none'}; write --env prod`,
    );
  const { aws } = await placeOf(rootOf(context), environment, { apiUrl: undefined, variables: process.env });
  if (aws === undefined) throw new Error(`unreachable: ${environment} has no aws`);
  return { environment, aws };
}

/** The project's DAGs without mistakes; what has some is printed. */
export async function dagsHere(
  context: Context,
  environment: string,
): Promise<{ readonly dags: readonly DagHere[]; readonly areSound: boolean }> {
  const project = await openProject(context);
  const errors = project.problems.filter(isError);
  if (errors.length > 0) printProblems(errors, context);
  const sound = project.dags.filter(({ problems }) => !problems.some(isError));
  return {
    dags: sound.map(({ dag }) => hereOf(dag, project.config, environment)),
    areSound: errors.length === 0,
  };
}

function hereOf(dag: DagNode, config: TuttiConfig, environment: string): DagHere {
  return { dag, compiled: compile(dag), permissions: permissionsIn(dag, config, environment) };
}

function permissionsIn(dag: DagNode, { environments }: TuttiConfig, environment: string) {
  const given = environments[environment]?.connections ?? {};
  // An address that is found out as a run starts says nothing of rights.
  const connections = Object.fromEntries(
    Object.entries(given).map(([name, one]) => [
      name,
      one.kind === 'http' ? { ...one, baseUrl: typeof one.baseUrl === 'string' ? one.baseUrl : '' } : one,
    ]),
  );
  const { machine, function: own } = permissionsOf(dag, connections);
  return [...machine, ...own];
}

/** What is deployed, retired DAGs left out. */
export async function dagsThere(
  context: Context,
  store: LedgerReads,
  environment: string,
): Promise<readonly DagThere[]> {
  const { config } = await openProject(context);
  const heads = (await store.dags.heads()).filter(({ retiredAt }) => retiredAt === undefined);
  const open = Map.groupBy(await store.runs.open(), ({ dagId }) => dagId);
  const thereOf = async (head: DagHead): Promise<DagThere> => {
    const version = await newestVersion(store, head);
    return {
      head,
      version,
      compiled: compile(version.dag),
      permissions: permissionsIn(version.dag, config, environment),
      open: open.get(head.dagId) ?? [],
    };
  };
  const found: DagThere[] = [];
  // A few at a time: each version is a request or more.
  for (let from = 0; from < heads.length; from += 8)
    found.push(...(await Promise.all(heads.slice(from, from + 8).map(thereOf))));
  return found;
}
