/** How schedules call Core. */
import {
  type AwsPlace,
  arnOf,
  coreFunctionName,
  deadLetterQueueName,
  prefixOf,
} from '../deployment/names.ts';

/** Name of the role by which schedules call. IAM knows no region, so it is in it. */
export function fireRoleName({ environment, region }: AwsPlace): string {
  return `${prefixOf(environment)}fire-${region}`;
}

/** What a schedule calls. Its tries are of the delivery alone: the function has its own. */
export function targetOf(place: AwsPlace, name: 'tick' | 'sweep', input: object) {
  return {
    arn: arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, name)}`),
    roleArn: `arn:${place.partition}:iam::${place.account}:role/${fireRoleName(place)}`,
    input: JSON.stringify(input),
    retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 20 },
    deadLetterConfig: { arn: arnOf(place, 'sqs', deadLetterQueueName(place.environment)) },
  };
}
