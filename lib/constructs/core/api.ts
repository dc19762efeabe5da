/** Where the status API is asked: two signed addresses, reading apart from writing; with sign-in by JWT where it is wanted. */

import { prefixOf } from '../../deployment/names.ts';
import {
  CfnApi,
  CfnAuthorizer,
  type CfnFunction,
  CfnIntegration,
  CfnLogGroup,
  CfnPermission,
  type CfnResource,
  CfnRoute,
  CfnStage,
  CfnUrl,
  type Stack,
} from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { deleteAlways } from '../keep.ts';
import type { CoreFunctions } from './functions.ts';

export interface Urls {
  readonly readUrl: string;
  readonly writeUrl: string;
  /** Of the HTTP API. Absent: there is none. */
  readonly httpUrl?: string;
}

export function apiOf(stack: Stack, setting: Setting, functions: CoreFunctions): Urls {
  const [read, write] = [functions['api-read'], functions['api-write']];
  const [readUrl, writeUrl] = [urlOf(stack, 'ReadUrl', read), urlOf(stack, 'WriteUrl', write)];
  const http = httpApi(stack, setting, { read, write });
  return { readUrl, writeUrl, ...(http === undefined ? {} : { httpUrl: http }) };
}

function urlOf(stack: Stack, id: string, fn: CfnFunction): string {
  const url = new CfnUrl(stack, `${id}Address`, {
    authType: 'AWS_IAM',
    targetFunctionArn: fn.attrArn,
    invokeMode: 'BUFFERED',
  });
  return url.attrFunctionUrl;
}

interface Handlers {
  readonly read: CfnFunction;
  readonly write: CfnFunction;
}

/** Requests a second, and at once, of all callers together. */
const THROTTLING = { throttlingRateLimit: 20, throttlingBurstLimit: 50 };

/** Reads by a token of the issuer, writes by a signature. */
function httpApi(stack: Stack, setting: Setting, handlers: Handlers): string | undefined {
  const { place, aws } = setting;
  if (aws.api === undefined) return undefined;
  const { jwt, origin } = aws.api;
  const api = new CfnApi(stack, 'HttpApi', {
    name: `${prefixOf(place.environment)}api`,
    protocolType: 'HTTP',
    ...(origin === undefined
      ? {}
      : {
          corsConfiguration: {
            allowOrigins: [origin],
            allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
            allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match'],
            exposeHeaders: ['etag'],
          },
        }),
  });
  const authorizer = new CfnAuthorizer(stack, 'HttpReaders', {
    apiId: api.ref,
    authorizerType: 'JWT',
    name: 'readers',
    identitySource: ['$request.header.Authorization'],
    jwtConfiguration: { issuer: jwt.issuer, audience: [...jwt.audience] },
  });
  route(stack, 'Read', { api, fn: handlers.read, key: 'GET /{proxy+}', authorizer });
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    route(stack, `Write${method}`, { api, fn: handlers.write, key: `${method} /{proxy+}` });
  permit(stack, api, handlers);
  const log = deleteAlways(
    new CfnLogGroup(stack, 'HttpLog', {
      logGroupName: `/aws/vendedlogs/${prefixOf(place.environment)}api`,
      retentionInDays: 90,
      ...(aws.encryptionKey === undefined ? {} : { kmsKeyId: aws.encryptionKey }),
    }),
  );
  new CfnStage(stack, 'HttpStage', {
    apiId: api.ref,
    stageName: '$default',
    autoDeploy: true,
    defaultRouteSettings: THROTTLING,
    accessLogSettings: { destinationArn: log.attrArn, format: JSON.stringify(ACCESS) },
  });
  return api.attrApiEndpoint;
}

const ACCESS = {
  time: '$context.requestTime',
  who: '$context.authorizer.claims.sub',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  ms: '$context.responseLatency',
  requestId: '$context.requestId',
};

interface Route {
  readonly api: CfnResource;
  readonly fn: CfnFunction;
  readonly key: string;
  /** @default a signature */
  readonly authorizer?: CfnResource;
}

function route(stack: Stack, id: string, { api, fn, key, authorizer }: Route): void {
  const integration = new CfnIntegration(stack, `Http${id}`, {
    apiId: api.ref,
    integrationType: 'AWS_PROXY',
    integrationUri: fn.attrArn,
    payloadFormatVersion: '2.0',
  });
  new CfnRoute(stack, `Http${id}Route`, {
    apiId: api.ref,
    routeKey: key,
    target: `integrations/${integration.ref}`,
    ...(authorizer === undefined
      ? { authorizationType: 'AWS_IAM' }
      : { authorizationType: 'JWT', authorizerId: authorizer.ref }),
  });
}

function permit(stack: Stack, api: CfnResource, { read, write }: Handlers): void {
  for (const [id, fn] of [
    ['HttpMayRead', read],
    ['HttpMayWrite', write],
  ] as const)
    new CfnPermission(stack, id, {
      functionName: fn.ref,
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:${stack.partition}:execute-api:${stack.region}:${stack.account}:${api.ref}/*/*`,
    });
}
