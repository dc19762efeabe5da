/** What an engine's task needs to be allowed, as plain data: `lib/constructs` makes policies of it. */
import { isObject, type Json } from '../base/json.ts';

/** Parts of an ARN that only a deployment knows stand as `{partition}`, `{region}`, `{account}`, `{environment}`, `{dag}`. */
export interface Permission {
  /** `athena:StartQueryExecution` */
  readonly actions: readonly string[];
  /** `arn:{partition}:athena:{region}:{account}:workgroup/primary`. `*` only with a reason. */
  readonly resources: readonly string[];
  /** `{ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }` @default none */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why a resource is `*`, or ends in one that is wider than the task: shown in audits. */
  readonly reason?: string;
}

/** `arn:{partition}:glue:{region}:{account}:job/load`. */
export function arnIn(service: string, resource: string): string {
  return `arn:{partition}:${service}:{region}:{account}:${resource}`;
}

/**
 * Resources that a value names: one where it is known now, all of the kind where it is known only during a run, with the
 * reason. `of` makes the resource from the name.
 */
export function named(
  what: string,
  value: Json | undefined,
  of: (name: string) => string,
): Pick<Permission, 'resources' | 'reason'> {
  if (typeof value === 'string') return { resources: [value.startsWith('arn:') ? value : of(value)] };
  return { resources: [of('*')], reason: `${what} is known only during a run` };
}

/**
 * Step Functions' own rule, by which a machine hears at once that a job has ended.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
 */
export function managedRule(name: string): Permission {
  return {
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    resources: [arnIn('events', `rule/${name}`)],
  };
}

/** To hand roles to a service: those that are named, else any of the account, to that service alone. */
export function passRole(service: string, roles: readonly Json[], otherwise: string): Permission {
  const known = roles.filter((role) => typeof role === 'string');
  const allKnown = roles.length > 0 && known.length === roles.length;
  return {
    actions: ['iam:PassRole'],
    resources: allKnown ? known : ['arn:{partition}:iam::{account}:role/*'],
    conditions: { StringEquals: { 'iam:PassedToService': service } },
    ...(allKnown ? {} : { reason: otherwise }),
  };
}

/** A list that stands in the call's arguments; empty where it is none. */
export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** True for what is known only during a run. */
export function isLater(value: Json | undefined): boolean {
  return isObject(value) && '$ref' in value;
}
