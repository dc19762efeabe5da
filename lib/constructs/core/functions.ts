/** Core's functions: one archive, one role each. */
import { coreRights } from '../../deployment/core-rights.ts';
import {
  arnOf,
  CORE_FUNCTIONS,
  type CoreFunction,
  coreFunctionName,
  deadLetterQueueName,
} from '../../deployment/names.ts';
import { allow, surroundings, useKey } from '../../deployment/rights.ts';
import { accept, acceptFunction } from '../acknowledge.ts';
import { CfnEventInvokeConfig, CfnFunction, type Stack } from '../cdk.ts';
import type { AssetPlace } from '../code/assets.ts';
import type { Setting } from '../environment.ts';
import { functionConfiguration } from '../function-configuration.ts';
import { pascal } from '../pascal.ts';
import { roleOf } from '../policy.ts';
import { assetPrefix } from '../stack-props.ts';

interface Size {
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  /** Called and not waited for: tried again, and kept where that fails. */
  readonly isAsync: boolean;
  /** Where it fails, its next call does the same: neither tried again nor kept. @default false */
  readonly isRepeated?: boolean;
}

const SIZES: Readonly<Record<CoreFunction, Size>> = {
  tick: { memorySize: 512, timeout: 60, isAsync: true },
  record: { memorySize: 1024, timeout: 120, isAsync: true },
  sweep: { memorySize: 512, timeout: 300, isAsync: true, isRepeated: true },
  backfill: { memorySize: 512, timeout: 900, isAsync: true },
  register: { memorySize: 512, timeout: 120, isAsync: true },
  cancel: { memorySize: 512, timeout: 120, isAsync: true },
  pool: { memorySize: 512, timeout: 30, isAsync: false },
  'api-read': { memorySize: 512, timeout: 30, isAsync: false },
  'api-write': { memorySize: 512, timeout: 30, isAsync: false },
};

/** Six hours: as long as Lambda keeps an event. */
const LONGEST_EVENT_SECONDS = 21_600;

export type CoreFunctions = Readonly<Record<CoreFunction, CfnFunction>>;

export function coreFunctions(stack: Stack, setting: Setting, code: AssetPlace): CoreFunctions {
  const made = CORE_FUNCTIONS.map((name) => [name, coreFunction(stack, setting, { name, code })] as const);
  return Object.fromEntries(made) as CoreFunctions;
}

function coreFunction(
  stack: Stack,
  setting: Setting,
  { name, code }: { readonly name: CoreFunction; readonly code: AssetPlace },
): CfnFunction {
  const { place, aws, notifiers } = setting;
  const { isAsync, isRepeated = false, ...size } = SIZES[name];
  const isKept = isAsync && !isRepeated;
  const dead = arnOf(place, 'sqs', deadLetterQueueName(place.environment));
  const assets = { bucket: assetBucket(stack, setting), prefix: assetPrefix(place.environment) };
  const role = roleOf(stack, `${pascal(name)}Role`, {
    service: 'lambda.amazonaws.com',
    path: `/tutti/${place.environment}/`,
    rights: [
      ...coreRights(name, { place, notifiers, assets }),
      ...(isKept ? [allow(['sqs:SendMessage'], [dead])] : []),
      ...surroundings({ vpc: false, tracing: aws.tracing === true }),
      ...useKey(aws.encryptionKey),
    ],
  });
  const reserved = aws.concurrency?.[name];
  const fn = new CfnFunction(stack, pascal(name), {
    functionName: coreFunctionName(place.environment, name),
    role: role.attrArn,
    code: { s3Bucket: code.bucket, s3Key: code.key },
    handler: `${name}.handler`,
    ...size,
    ...functionConfiguration(setting),
    ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
  });
  acceptFunction(fn, aws.tracing === true);
  if (isAsync) {
    const invoked = new CfnEventInvokeConfig(stack, `${pascal(name)}Invoked`, {
      functionName: fn.ref,
      qualifier: '$LATEST',
      maximumRetryAttempts: isKept ? 2 : 0,
      maximumEventAgeInSeconds: LONGEST_EVENT_SECONDS,
      ...(isKept ? { destinationConfig: { onFailure: { destination: dead } } } : {}),
    });
    if (isRepeated)
      accept(invoked, {
        'Serverless-LambdaAsyncFailureDestination':
          'the next call does the same: nothing is lost, and an alarm hears of errors',
      });
  }
  return fn;
}

/** Of the bootstrap stack. */
function assetBucket({ synthesizer }: Stack, { place }: Setting): string {
  const qualifier = synthesizer.bootstrapQualifier ?? 'hnb659fds';
  return `cdk-${qualifier}-assets-${place.account}-${place.region}`;
}
