/** Who answers which task. */
import { isObject, type JsonObject } from '../../base/json.ts';
import type { ResourceCall, ResourceHandler } from '../../interpreter/resource.ts';
import type { TaskTokens } from '../../interpreter/tokens.ts';
import { isTableCall, latchTable } from '../../local/latch-table.ts';
import type { Asker } from '../ask.ts';
import type { ExecutionRecord } from '../execution.ts';
import type { Executions } from '../executions.ts';
import type { Calls } from '../world.ts';
import { jsonService } from './json-services.ts';
import { lambdaFunction, lambdaInvoke, lambdaSdkInvoke } from './lambda.ts';
import type { Mocks } from './mock-config.ts';
import { mocked } from './mocks.ts';
import type { Outside } from './outside.ts';
import { sdkCall, startExecution } from './own-calls.ts';
import { type Integration, impossible, integrationOf, type Service } from './service.ts';
import { xmlService } from './xml-services.ts';

/** Where tasks are answered. */
export interface Endpoints {
  /** Of Lambda's Invoke API. @default the endpoint of all services */
  readonly lambda: string | undefined;
  /** Of every other service: an emulator. */
  readonly services: string | undefined;
  readonly mocks: Mocks | undefined;
}

interface Server {
  readonly asker: Asker;
  readonly region: string;
  readonly account: string;
  readonly tokens: TaskTokens;
  /** Known once the server is built. */
  readonly calls: () => Calls;
  readonly executions: () => Executions;
}

interface Router {
  /** Answers a task of no execution. */
  readonly answer: ResourceHandler;
  /** What answers the tasks of one execution, its mocks first. */
  readonly of: (record: ExecutionRecord) => ResourceHandler;
}

export function router(endpoints: Endpoints, server: Server): Router {
  const lambda = endpoints.lambda ?? endpoints.services;
  const { asker } = server;
  const services: readonly Find[] = [
    ownService(server),
    ...(lambda === undefined ? [] : [lambdaService(asker, lambda)]),
    endpoints.services === undefined
      ? tableService(server.tokens)
      : outsideService({ ...server, endpoint: endpoints.services }),
  ];
  const known = new Map<string, Service | undefined>();
  const serviceOf = (resource: string, integration: Integration): Service | undefined => {
    if (!known.has(resource)) {
      let service: Service | undefined;
      for (const find of services) service ??= find(integration);
      known.set(resource, service);
    }
    return known.get(resource);
  };
  const answer: ResourceHandler = (call) => {
    const integration = integrationOf(call.resource);
    if (integration === undefined) {
      if (lambda === undefined || !isFunction(call.resource)) throw nobody(call);
      return lambdaFunction(asker, lambda, call);
    }
    const service = serviceOf(call.resource, integration);
    if (service === undefined) throw nobody(call);
    if (call.pattern === 'sync' && integration.service !== 'states') throw jobless(call);
    return service(call, argumentsOf(call));
  };
  const of = (record: ExecutionRecord): ResourceHandler =>
    mocked(endpoints.mocks, record, { answer, tokens: server.tokens });
  return { answer, of };
}

/** Gives the service that does an integration's work, if it is one of its own. */
type Find = (integration: Integration) => Service | undefined;

function ownService(server: Server): Find {
  return ({ service, action, isSdk }) => {
    if (service === 'sfn' && isSdk) return sdkCall(server.calls(), action);
    return service === 'states' && action === 'startExecution'
      ? startExecution(server.executions())
      : undefined;
  };
}

function lambdaService(asker: Asker, endpoint: string): Find {
  return ({ service, action, isSdk }) => {
    if (service !== 'lambda' || action !== 'invoke') return undefined;
    return isSdk ? lambdaSdkInvoke(asker, endpoint) : lambdaInvoke(asker, endpoint);
  };
}

function outsideService(outside: Outside): Find {
  return (integration) => jsonService(outside, integration) ?? xmlService(outside, integration);
}

/** DynamoDB without an endpoint: the calls that latches need, on tables with the keys `pk` and `sk`. */
function tableService(tokens: TaskTokens): Find {
  const table = latchTable(tokens);
  return ({ service, name }) =>
    service === 'dynamodb' && isTableCall(name) ? (call) => table.handle(call) ?? {} : undefined;
}

function isFunction(resource: string): boolean {
  return /^arn:[^:]+:lambda:/.test(resource);
}

function argumentsOf({ arguments: args, resource }: ResourceCall): JsonObject {
  if (isObject(args)) return args;
  throw impossible(
    `The Parameters '${JSON.stringify(args)}' could not be used to start the Task ${resource}: they must be an object`,
  );
}

function jobless({ resource, stateName }: ResourceCall) {
  return impossible(
    `The state '${stateName}' waits for the end of a job of ${resource}, which tutti sfn does not follow: give --mocks with a test case for this state`,
  );
}

function nobody({ resource, stateName }: ResourceCall) {
  return impossible(
    `Nothing answers ${resource} of the state '${stateName}': give tutti sfn --lambda-endpoint for functions, --endpoint-url (AWS_ENDPOINT_URL) for other services, or --mocks with a test case for this state`,
  );
}
