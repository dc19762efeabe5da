/**
 * The classes of `aws-cdk-lib` that are used, each loaded alone. An `import` of a CommonJS package reads everything that
 * it exports, and so loads all of a service's constructs: 0.9 s instead of 0.2 s for these.
 *
 * They are those that CloudFormation has resources for (L1): what they make depends on no feature flag of the app.
 */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

const core: typeof import('aws-cdk-lib/core') = load('aws-cdk-lib/core');
const budding: typeof import('constructs') = load('constructs');
const iam: typeof import('aws-cdk-lib/aws-iam') = load('aws-cdk-lib/aws-iam');
const lambda: typeof import('aws-cdk-lib/aws-lambda') = load('aws-cdk-lib/aws-lambda');
const states: typeof import('aws-cdk-lib/aws-stepfunctions') = load('aws-cdk-lib/aws-stepfunctions');
const scheduler: typeof import('aws-cdk-lib/aws-scheduler') = load('aws-cdk-lib/aws-scheduler');
const dynamodb: typeof import('aws-cdk-lib/aws-dynamodb') = load('aws-cdk-lib/aws-dynamodb');
const sns: typeof import('aws-cdk-lib/aws-sns') = load('aws-cdk-lib/aws-sns');
const sqs: typeof import('aws-cdk-lib/aws-sqs') = load('aws-cdk-lib/aws-sqs');
const events: typeof import('aws-cdk-lib/aws-events') = load('aws-cdk-lib/aws-events');
const s3: typeof import('aws-cdk-lib/aws-s3') = load('aws-cdk-lib/aws-s3');
const logs: typeof import('aws-cdk-lib/aws-logs') = load('aws-cdk-lib/aws-logs');
const cloudwatch: typeof import('aws-cdk-lib/aws-cloudwatch') = load('aws-cdk-lib/aws-cloudwatch');
const ssm: typeof import('aws-cdk-lib/aws-ssm') = load('aws-cdk-lib/aws-ssm');
const regions: typeof import('aws-cdk-lib/region-info') = load('aws-cdk-lib/region-info');
const http: typeof import('aws-cdk-lib/aws-apigatewayv2') = load('aws-cdk-lib/aws-apigatewayv2');

export const {
  App,
  CfnDeletionPolicy,
  CfnOutput,
  CfnResource,
  DefaultStackSynthesizer,
  FileAssetPackaging,
  PermissionsBoundary,
  Stack,
  Stage,
  Validations,
} = core;
export const { Construct } = budding;
export const { CfnManagedPolicy, CfnRole } = iam;
export const { CfnEventInvokeConfig, CfnFunction, CfnPermission, CfnUrl, CfnVersion } = lambda;
export const { CfnStateMachine, CfnStateMachineVersion } = states;
export const { CfnSchedule, CfnScheduleGroup } = scheduler;
export const { CfnGlobalTable } = dynamodb;
export const { CfnSubscription, CfnTopic, CfnTopicPolicy } = sns;
export const { CfnQueue, CfnQueuePolicy } = sqs;
export const { CfnEventBus, CfnRule } = events;
export const { CfnBucket, CfnBucketPolicy } = s3;
export const { CfnLogGroup } = logs;
export const { CfnAlarm } = cloudwatch;
export const { CfnParameter: CfnSsmParameter } = ssm;
export const { RegionInfo } = regions;
export const { CfnApi, CfnAuthorizer, CfnIntegration, CfnRoute, CfnStage } = http;

export type AppProps = import('aws-cdk-lib/core').AppProps;
export type CfnFunction = import('aws-cdk-lib/aws-lambda').CfnFunction;
export type CfnResource = import('aws-cdk-lib/core').CfnResource;
export type CfnRole = import('aws-cdk-lib/aws-iam').CfnRole;
export type Construct = import('constructs').Construct;
export type Stack = import('aws-cdk-lib/core').Stack;
export type SynthesisSession = import('aws-cdk-lib/core').ISynthesisSession;
