/** What an environment's machines, functions and roles are, as AWS lists them; and how what nobody needs goes. */
import {
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateListRoles,
} from '@aws-sdk/client-iam';
import {
  DeleteFunctionCommand,
  type LambdaClient,
  paginateListFunctions,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import {
  DeleteStateMachineVersionCommand,
  DescribeStateMachineCommand,
  ListStateMachineVersionsCommand,
  paginateListStateMachines,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { prefixOf } from '../../deployment/names.ts';
import type { Garbage, Inventory, PublishedVersion, Role, Versioned } from './garbage.ts';

export interface OperatorClients {
  readonly sfn: SFNClient;
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;
}

/** Reads it all, page by page; needs list rights on machines, functions and roles. */
export async function inventoryOf(clients: OperatorClients, environment: string): Promise<Inventory> {
  const [machines, functions, roles] = await Promise.all([
    machinesOf(clients.sfn, prefixOf(environment)),
    functionsOf(clients.lambda, prefixOf(environment)),
    rolesOf(clients.iam, environment),
  ]);
  return { machines, functions, roles };
}

/** Which a key may encrypt that operators may not use. */
const NO_DEFINITION = { includedData: 'METADATA_ONLY' } as const;

async function machinesOf(sfn: SFNClient, prefix: string): Promise<readonly Versioned[]> {
  const machines: Versioned[] = [];
  for await (const page of paginateListStateMachines({ client: sfn }, {})) {
    for (const { name = '', stateMachineArn = '' } of page.stateMachines ?? []) {
      if (!name.startsWith(prefix)) continue;
      const { roleArn = '' } = await sfn.send(
        new DescribeStateMachineCommand({ stateMachineArn, ...NO_DEFINITION }),
      );
      machines.push({
        arn: stateMachineArn,
        roleArn,
        versions: await machineVersions(sfn, stateMachineArn),
      });
    }
  }
  return machines;
}

/** Of each its role: a version keeps the one it was published with. */
async function machineVersions(
  sfn: SFNClient,
  stateMachineArn: string,
): Promise<readonly PublishedVersion[]> {
  const versions: PublishedVersion[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new ListStateMachineVersionsCommand({
        stateMachineArn,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
    for (const { stateMachineVersionArn: arn = '', creationDate } of page.stateMachineVersions ?? []) {
      const { roleArn = '' } = await sfn.send(
        new DescribeStateMachineCommand({ stateMachineArn: arn, ...NO_DEFINITION }),
      );
      versions.push({ arn, createdMs: creationDate?.getTime() ?? Number.POSITIVE_INFINITY, roleArn });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return versions;
}

async function functionsOf(lambda: LambdaClient, prefix: string): Promise<readonly Versioned[]> {
  const functions: Versioned[] = [];
  for await (const page of paginateListFunctions({ client: lambda }, {})) {
    for (const { FunctionName: name = '', FunctionArn: arn = '', Role: roleArn = '' } of page.Functions ?? [])
      if (name.startsWith(prefix))
        functions.push({ arn, roleArn, versions: await functionVersions(lambda, name) });
  }
  return functions;
}

async function functionVersions(
  lambda: LambdaClient,
  FunctionName: string,
): Promise<readonly PublishedVersion[]> {
  const versions: PublishedVersion[] = [];
  for await (const page of paginateListVersionsByFunction({ client: lambda }, { FunctionName })) {
    for (const { Version, FunctionArn: arn = '', LastModified = '', Role: roleArn = '' } of page.Versions ??
      []) {
      if (Version === '$LATEST') continue;
      versions.push({ arn, createdMs: Date.parse(LastModified), roleArn });
    }
  }
  return versions;
}

/** Roles of DAGs: their path says whose they are. Core's are a folder higher, and nobody's to remove. */
async function rolesOf(iam: IAMClient, environment: string): Promise<readonly Role[]> {
  const roles: Role[] = [];
  for await (const page of paginateListRoles({ client: iam }, { PathPrefix: `/tutti/${environment}/` })) {
    for (const { Arn: arn = '', RoleName: name = '', Path: path = '', CreateDate } of page.Roles ?? []) {
      if (path === `/tutti/${environment}/`) continue;
      roles.push({ arn, name, createdMs: CreateDate?.getTime() ?? Number.POSITIVE_INFINITY });
    }
  }
  return roles;
}

/** Removes it, a version before the role it has; `onRemoved` is told of each. What is gone already is no error. */
export async function removeGarbage(
  { sfn, lambda, iam }: OperatorClients,
  garbage: Garbage,
  onRemoved: (name: string) => void,
): Promise<void> {
  for (const arn of garbage.machineVersions) {
    await sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: arn }));
    onRemoved(arn);
  }
  for (const arn of garbage.functionVersions) {
    await gone(() => lambda.send(new DeleteFunctionCommand({ FunctionName: arn })));
    onRemoved(arn);
  }
  for (const role of garbage.roles) {
    await gone(() => removeRole(iam, role));
    onRemoved(role.name);
  }
}

/** With the managed policies that were made for it: they lie where it lies. */
async function removeRole(iam: IAMClient, { arn, name: RoleName }: Role): Promise<void> {
  for (const PolicyName of await inlinePolicies(iam, RoleName))
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  for (const PolicyArn of await attachedPolicies(iam, RoleName)) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    if (folderOf(PolicyArn) === folderOf(arn))
      await gone(() => iam.send(new DeletePolicyCommand({ PolicyArn })), IN_USE);
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

/** `arn:aws:iam::111122223333:role/tutti/prod/sales/1a2b3c4d/name` → `/tutti/prod/sales/1a2b3c4d/`; `undefined`: not ours. */
function folderOf(arn: string): string | undefined {
  return /:(?:role|policy)(\/tutti\/[^/]+\/.+\/)[^/]+$/.exec(arn)?.[1];
}

async function inlinePolicies(iam: IAMClient, RoleName: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const page of paginateListRolePolicies({ client: iam }, { RoleName }))
    names.push(...(page.PolicyNames ?? []));
  return names;
}

async function attachedPolicies(iam: IAMClient, RoleName: string): Promise<readonly string[]> {
  const arns: string[] = [];
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, { RoleName }))
    arns.push(...(page.AttachedPolicies ?? []).map(({ PolicyArn = '' }) => PolicyArn));
  return arns;
}

const NOT_THERE: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'NoSuchEntityException']);

/** Somebody attached it to a role of his own: it stays, and is his. */
const IN_USE: ReadonlySet<string> = new Set([...NOT_THERE, 'DeleteConflictException']);

async function gone(remove: () => Promise<unknown>, fine = NOT_THERE): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof Error && fine.has(error.name))) throw error;
  }
}
