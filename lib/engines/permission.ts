/** What an engine's task needs to be allowed, as plain data: `lib/constructs` makes policies of it. */

/** Parts of an ARN that only a deployment knows stand as `{partition}`, `{region}`, `{account}`. */
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
