/** Whom Core tells: the bus for programs, topics for people, alarms for whoever runs it. */
import { arnOf, tableName, topicName } from '../../deployment/names.ts';
import type { NotifierConfig } from '../../model/environment.ts';
import { accept } from '../acknowledge.ts';
import {
  CfnEventBus,
  type CfnResource,
  CfnSubscription,
  CfnTopic,
  CfnTopicPolicy,
  type Construct,
} from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { pascal } from '../pascal.ts';
import { onlySecure } from './storage.ts';

type Topic = Extract<NotifierConfig, { readonly kind: 'sns' }>;

export function busOf(scope: Construct, { place, aws }: Setting): void {
  new CfnEventBus(scope, 'Bus', {
    name: tableName(place.environment),
    ...(aws.encryptionKey === undefined ? {} : { kmsKeyIdentifier: aws.encryptionKey }),
  });
}

/** The topic of alarms, and one for each notifier that names none. */
export function topicsOf(scope: Construct, setting: Setting): CfnResource {
  const own = new Map<string, Topic>([['alerts', { kind: 'sns' }]]);
  for (const [name, notifier] of Object.entries(setting.notifiers)) {
    if (notifier.kind !== 'sns') continue;
    if (notifier.topicArn === undefined) own.set(name, notifier);
    else subscribe(scope, `${pascal(name)}Topic`, notifier.topicArn, notifier);
  }
  const topics = [...own].map(([name, notifier]) => topicOf(scope, setting, { name, notifier }));
  const [alerts] = topics;
  if (alerts === undefined) throw new Error('unreachable: no topic of alarms');
  return alerts;
}

function topicOf(
  scope: Construct,
  { place, aws }: Setting,
  { name, notifier }: { readonly name: string; readonly notifier: Topic },
): CfnResource {
  const id = `${pascal(name)}Topic`;
  const arn = arnOf(place, 'sns', topicName(place.environment, name));
  const topic = new CfnTopic(scope, id, {
    topicName: topicName(place.environment, name),
    ...(aws.encryptionKey === undefined ? {} : { kmsMasterKeyId: aws.encryptionKey }),
  });
  const secure = onlySecure('sns:Publish', [arn]);
  new CfnTopicPolicy(scope, `${id}Policy`, {
    topics: [topic.ref],
    policyDocument: {
      ...secure,
      Statement: [
        ...secure.Statement,
        // A policy replaces the one that a topic has by itself: without this, alarms would tell nobody.
        {
          Effect: 'Allow',
          Action: 'sns:Publish',
          Resource: arn,
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': place.account } },
        },
      ],
    },
  });
  subscribe(scope, id, topic.ref, notifier);
  return topic;
}

function subscribe(scope: Construct, id: string, topicArn: string, { email = [] }: Topic): void {
  for (const [index, endpoint] of email.entries())
    accept(new CfnSubscription(scope, `${id}Email${index}`, { topicArn, protocol: 'email', endpoint }), {
      'Serverless-SNSRedrivePolicy':
        'mail that bounces helps nobody in a queue; what it said is in the ledger',
    });
}
