/** Managed policies for people and programs that look, that work, and that try a deployment, from outside. */
import { operatorRights, readerRights, smokeRights } from '../../deployment/access-rights.ts';
import { type AwsPlace, prefixOf } from '../../deployment/names.ts';
import type { Permission } from '../../engines/permission.ts';
import { acknowledge } from '../acknowledge.ts';
import { CfnManagedPolicy, type Stack } from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { documentOf, statementsOf } from '../policy.ts';

export function accessPolicies(stack: Stack, { place, aws }: Setting): void {
  policy(stack, place, { id: 'Reader', says: 'Asks what ran', rights: readerRights(place) });
  policy(stack, place, {
    id: 'Operator',
    says: 'Asks what ran, and runs',
    rights: [...readerRights(place), ...operatorRights(place)],
  });
  policy(stack, place, {
    id: 'Smoke',
    says: 'Tries a deployment, beside another policy',
    rights: smokeRights(place, aws.encryptionKey),
  });
}

interface Named {
  readonly id: 'Reader' | 'Operator' | 'Smoke';
  readonly says: string;
  readonly rights: readonly Permission[];
}

function policy(stack: Stack, { environment }: AwsPlace, { id, says, rights }: Named): void {
  const made = new CfnManagedPolicy(stack, id, {
    managedPolicyName: `${prefixOf(environment)}${id.toLowerCase()}`,
    description: `${says} in ${environment}.`,
    policyDocument: documentOf(statementsOf(rights)),
  });
  acknowledge(made, rights);
}
