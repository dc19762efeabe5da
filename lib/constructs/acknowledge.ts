/** What rules of cdk-nag say of these resources, and why it is so: granular, each with its reason. */
import type { Permission } from '../engines/permission.ts';
import { type CfnResource, type Construct, Validations } from './cdk.ts';

/** Acknowledges each `*` of these rights whose reason is known; one without a reason stays a finding. */
export function acknowledge(resource: CfnResource, rights: readonly Permission[]): void {
  const found = new Map(rights.flatMap(starsIn));
  const ids = [...found].map(([star, reason]) => ({ id: `AwsSolutions-IAM5[${star}]`, reason }));
  if (ids.length > 0) Validations.of(resource).acknowledge(...ids);
}

function starsIn({ actions, resources, reason }: Permission): readonly (readonly [string, string])[] {
  if (reason === undefined) return [];
  const named = [
    ...actions.map((action) => `Action::${action}`),
    ...resources.map((arn) => `Resource::${arn}`),
  ];
  return named.filter((name) => name.includes('*')).map((name) => [name, reason]);
}

/** Acknowledges findings by the rule's id. */
export function accept(construct: Construct, reasons: Readonly<Record<string, string>>): void {
  const ids = Object.entries(reasons).map(([id, reason]) => ({ id, reason }));
  Validations.of(construct).acknowledge(...ids);
}
