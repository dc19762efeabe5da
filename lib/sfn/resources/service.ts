/** What a Task's `Resource` names, and how its service is asked. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { type ResourceCall, TaskError } from '../../interpreter/resource.ts';

/** A service integration: `lambda` and `invoke` of `arn:aws:states:::lambda:invoke`. */
export interface Integration {
  /** The whole resource. */
  readonly name: string;
  readonly service: string;
  /** In camel case. */
  readonly action: string;
  /** `aws-sdk:…`: parameters, results and errors are those of the SDK. */
  readonly isSdk: boolean;
}

const INTEGRATION = /^arn:[^:]+:states:[^:]*:[^:]*:(aws-sdk:)?([^:]+):([^:]+)$/;

/** Reads a resource; `undefined` for one that is no service integration, such as a function's ARN. */
export function integrationOf(resource: string): Integration | undefined {
  const [match, sdk, service = '', action = ''] = INTEGRATION.exec(resource) ?? [];
  return match === undefined ? undefined : { name: resource, service, action, isSdk: sdk !== undefined };
}

/** Does one call of one service. */
export type Service = (call: ResourceCall, args: JsonObject) => Json | Promise<Json>;

/** The service said no, as Step Functions tells it. */
export function serviceError(
  prefix: string,
  error: {
    readonly code: string;
    readonly message: string;
    readonly status: number;
    readonly requestId?: string | undefined;
  },
): TaskError {
  const { code, message, status, requestId = 'local' } = error;
  const cause = `${message} (Service: ${prefix}, Status Code: ${status}, Request ID: ${requestId})`;
  return new TaskError(`${prefix}.${code}`, cause);
}

/** Nobody answered. */
export function unreachable(prefix: string, url: URL, thrown: unknown): TaskError {
  const why = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new TaskError(
    `${prefix}.SdkClientException`,
    `Unable to execute HTTP request: ${url.origin}: ${why}`,
    { cause: thrown },
  );
}

/** A call that cannot be made at all: no Retry and no Catch takes it. */
export function impossible(cause: string): TaskError {
  return new TaskError('States.Runtime', cause);
}

/** A parameter that is a text or missing. @throws {TaskError} `States.Runtime` for anything else */
export function textArg(args: JsonObject, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw impossible(
    `The Parameters '${JSON.stringify(args)}' could not be used to start the Task: [The value for the field '${name}' must be a STRING]`,
  );
}

/** Members' names in another spelling, at every depth. */
export function spelled(value: JsonObject, name: (text: string) => string): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [name(key), spelledWithin(member, name)]),
  );
}

function spelledWithin(value: Json | undefined, name: (text: string) => string): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => spelledWithin(item, name) ?? null);
  return isObject(value) ? spelled(value, name) : value;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function small(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
