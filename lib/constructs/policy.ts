/** Rights as policies, and what a reviewer of them has to know. */
import { compareTexts } from '../base/compare.ts';
import { shortHash } from '../base/hash.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Permission } from '../engines/permission.ts';
import { acknowledge } from './acknowledge.ts';
import { CfnManagedPolicy, CfnRole, type Construct } from './cdk.ts';
import { keepReplaced } from './keep.ts';

/** Characters of a role's inline policies: IAM allows 10,240. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_INLINE = 9_000;
/** Of one managed policy: IAM allows 6,144. */
const MOST_MANAGED = 5_800;

export interface RoleOptions {
  /** `lambda.amazonaws.com` */
  readonly service: string;
  readonly rights: readonly Permission[];
  /** Of whom the service acts for: `{ StringEquals: { 'aws:SourceAccount': … } }`. @default none */
  readonly conditions?: JsonObject;
  /** `/tutti/prod/`. @default '/' */
  readonly path?: string;
  readonly name?: string;
  /** The path ends in a hash of the rights: other rights are another role, and old versions keep theirs. @default false */
  readonly perRights?: boolean;
}

export function roleOf(scope: Construct, id: string, options: RoleOptions): CfnRole {
  const { service, conditions, path = '/', name, perRights = false } = options;
  const statements = statementsOf(options.rights);
  const hash = perRights ? `${shortHash(JSON.stringify([statements, conditions ?? null]))}/` : '';
  const { inline, managed } = divided(statements);
  const policies = managed.map(
    (some, index) =>
      new CfnManagedPolicy(scope, `${id}Policy${index}`, {
        path: `${path}${hash}`,
        policyDocument: documentOf(some),
      }),
  );
  const role = new CfnRole(scope, id, {
    path: `${path}${hash}`,
    ...(name === undefined ? {} : { roleName: name }),
    assumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: service },
          ...(conditions === undefined ? {} : { Condition: conditions }),
        },
      ],
    },
    ...(inline.length === 0 ? {} : { policies: [{ policyName: 'own', policyDocument: documentOf(inline) }] }),
    ...(policies.length === 0 ? {} : { managedPolicyArns: policies.map(({ ref }) => ref) }),
  });
  if (perRights) for (const resource of [role, ...policies]) keepReplaced(resource);
  for (const resource of [role, ...policies]) acknowledge(resource, options.rights);
  return role;
}

export function documentOf(statements: readonly JsonObject[]): JsonObject {
  return { Version: '2012-10-17', Statement: statements };
}

/** Statements of a policy: rights to the same resources under the same conditions are one. */
export function statementsOf(rights: readonly Permission[]): readonly JsonObject[] {
  const groups = new Map<string, { readonly right: Permission; readonly actions: Set<string> }>();
  for (const right of rights) {
    const key = JSON.stringify([right.resources, right.conditions ?? null]);
    const group = groups.get(key) ?? { right, actions: new Set<string>() };
    for (const action of right.actions) group.actions.add(action);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ right, actions }) => ({
    Effect: 'Allow',
    Action: one([...actions].sort(compareTexts)),
    Resource: one(right.resources),
    ...(right.conditions === undefined ? {} : { Condition: right.conditions }),
  }));
}

function one(texts: readonly string[]): string | readonly string[] {
  const [first, ...others] = texts;
  return first !== undefined && others.length === 0 ? first : texts;
}

/** Inline what fits; else managed policies. */
function divided(statements: readonly JsonObject[]): {
  readonly inline: readonly JsonObject[];
  readonly managed: readonly (readonly JsonObject[])[];
} {
  if (JSON.stringify(statements).length <= MOST_INLINE) return { inline: statements, managed: [] };
  const managed: JsonObject[][] = [];
  let left = 0;
  for (const statement of statements.flatMap(fitting)) {
    const { length } = JSON.stringify(statement);
    const last = managed.at(-1);
    if (last === undefined || length > left) {
      managed.push([statement]);
      left = MOST_MANAGED - length;
    } else {
      last.push(statement);
      left -= length;
    }
  }
  return { inline: [], managed };
}

/** A statement whose resources are too many for a policy, as several, each with as many as one holds. */
function fitting(statement: JsonObject): readonly JsonObject[] {
  const { Resource: resources } = statement;
  if (JSON.stringify(statement).length <= MOST_MANAGED || !Array.isArray(resources)) return [statement];
  const around = JSON.stringify({ ...statement, Resource: [] }).length;
  const parts: Json[][] = [];
  let left = 0;
  for (const resource of resources) {
    const length = JSON.stringify(resource).length + 1;
    const last = parts.at(-1);
    if (last === undefined || length > left) {
      parts.push([resource]);
      left = MOST_MANAGED - around - length;
    } else {
      last.push(resource);
      left -= length;
    }
  }
  return parts.map((Resource) => ({ ...statement, Resource }));
}
