/** A deployed environment and this project, side by side. */

import { DefinitionError, RefusedError } from '../../base/errors.ts';
import { compile } from '../../compiler/compile.ts';
import { connectionsOf, filled, rightsOfTasks } from '../../deployment/function-rights.ts';
import { partitionOf } from '../../deployment/names.ts';
import { permissionsOf } from '../../engines/permissions-of.ts';
import { asksOf } from '../../model/asks.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagHead } from '../../model/dag-version.ts';
import type { AwsConfig, TuttiConfig } from '../../model/environment.ts';
import { currentHeads } from '../../store/current-heads.ts';
import { newestVersion } from '../ledger/find-run.ts';
import type { LedgerReads } from '../ledger/ledger.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import type { Context } from '../program.ts';
import { isError, type Project, rootOf } from '../project.ts';
import { assertCaller } from '../remote/caller.ts';
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

/**
 * The same, for commands that ask AWS itself: where the address of the API was given, nothing else tells whose account it is.
 *
 * @throws {RefusedError} as {@link deployedPlace}, and those of {@link assertCaller}
 */
export async function operatedPlace(
  context: Context,
  command: string,
  { env, apiUrl = process.env['TUTTI_API_URL'] }: LedgerOptions,
): Promise<DeployedPlace> {
  const place = await deployedPlace(context, command, env);
  if (apiUrl !== undefined) await assertCaller(place, process.env);
  return place;
}

/** The project's DAGs that can be compiled. */
export function dagsHere({ dags, config }: Project, environment: string): readonly DagHere[] {
  const sound = dags.filter(({ problems }) => !problems.some(isError));
  return sound.flatMap(({ dag }) => hereOf(dag, config, environment) ?? []);
}

/** `undefined`: what keeps it from being compiled is told by whoever checks the project. */
function hereOf(dag: DagNode, config: TuttiConfig, environment: string): DagHere | undefined {
  try {
    return { dag, compiled: compile(dag), permissions: permissionsIn(dag, config, environment) };
  } catch (error) {
    if (error instanceof DefinitionError) return undefined;
    throw error;
  }
}

/** Rights that follow from what the DAG does: those that every DAG has say nothing. */
function permissionsIn(dag: DagNode, { environments }: TuttiConfig, environment: string) {
  const { connections: given = {}, aws } = environments[environment] ?? {};
  // An address that is found out as a run starts says nothing of rights.
  const all = Object.fromEntries(
    Object.entries(given).map(([name, one]) => [
      name,
      one.kind === 'http' ? { ...one, baseUrl: typeof one.baseUrl === 'string' ? one.baseUrl : '' } : one,
    ]),
  );
  const { account = '', region = '' } = aws ?? {};
  const place = { environment, account, region, partition: partitionOf(region) };
  const asks = asksOf(dag);
  const connections = connectionsOf(dag, { connections: all }, asks);
  return [
    ...permissionsOf(dag, connections).machine.map((right) => filled(right, place, dag.id)),
    ...rightsOfTasks(dag, { place, connections, secrets: asks?.secrets ?? [] }),
  ];
}

/** What is deployed, retired DAGs left out. */
export async function dagsThere(
  store: LedgerReads,
  { config }: Project,
  environment: string,
): Promise<readonly DagThere[]> {
  const heads = await currentHeads(store.dags);
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
