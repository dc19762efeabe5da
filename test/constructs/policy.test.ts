import { expect, test } from 'vitest';
import { App, Stack } from '../../lib/constructs/cdk.ts';
import { roleOf } from '../../lib/constructs/policy.ts';
import { allow } from '../../lib/deployment/rights.ts';

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const IAM_ALLOWS = 6_144;

test('one right to more resources than a policy holds is several policies that name each once', () => {
  const app = new App({ autoSynth: false });
  const stack = new Stack(app, 'stack');
  const arns = Array.from(
    { length: 200 },
    (_, at) => `arn:aws:lambda:eu-west-1:111122223333:function:a-long-name-${at}`,
  );
  roleOf(stack, 'Role', {
    service: 'states.amazonaws.com',
    rights: [allow(['lambda:InvokeFunction'], arns)],
  });
  const { Resources } = app.synth().getStackByName('stack').template;
  const documents: { Statement: { Resource: string | string[] }[] }[] = Object.values<{
    Type: string;
    Properties: { PolicyDocument: { Statement: { Resource: string | string[] }[] } };
  }>(Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy')
    .map(({ Properties }) => Properties.PolicyDocument);
  expect(documents.length).toBeGreaterThan(1);
  for (const document of documents) expect(JSON.stringify(document).length).toBeLessThanOrEqual(IAM_ALLOWS);
  expect(documents.flatMap(({ Statement }) => Statement.flatMap(({ Resource }) => Resource))).toEqual(arns);
});
