/** Calls of engines that Step Functions runs itself, as they arrive here: whose try it is, told by its token. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { ENGINES } from '../engines/all.ts';
import type { Engine } from '../engines/engine.ts';
import type { SyncJob } from '../engines/sync.ts';
import type { ResourceCall } from '../interpreter/resource.ts';
import type { RunInput, TaskEvent } from '../model/run-input.ts';

export interface SyncCall {
  readonly job: SyncJob;
  /** As a function would be sent it; `requested` is the token. */
  readonly event: TaskEvent;
}

/** `undefined` for every other call. */
export function syncCall(call: ResourceCall): SyncCall | undefined {
  if (call.pattern !== 'sync') return undefined;
  const version = call.syncVersion === undefined ? '' : `:${call.syncVersion}`;
  const engine = byResource.get(`${call.resource}.sync${version}`);
  const request = isObject(call.arguments) ? call.arguments : {};
  const requested = engine?.sync === undefined ? undefined : tokenIn(engine.sync, request);
  if (engine?.sync === undefined || requested === undefined) return undefined;
  const event: TaskEvent = {
    task: call.stateName,
    execution: inputOf(call.context),
    ...readToken(requested),
    engine: engine.name,
    args: engine.sync.argsOf(request),
    requested,
  };
  return { job: engine.sync, event };
}

/** The token of a call as its event tells it: `details` of `TaskScheduled`; `undefined` where it is of no engine. */
export function tokenSent({ resourceType, resource, parameters }: JsonObject): string | undefined {
  const job = byResource.get(`arn:aws:states:::${resourceType}:${resource}`)?.sync;
  if (job === undefined || typeof parameters !== 'string') return undefined;
  const sent: Json = JSON.parse(parameters);
  return isObject(sent) ? tokenIn(job, sent) : undefined;
}

const byResource: ReadonlyMap<string, Engine> = new Map(
  ENGINES.flatMap((engine) => (engine.sync === undefined ? [] : [[engine.sync.resource, engine] as const])),
);

/** As the compiler makes it (`sync-state.ts`): other names of executions are no tokens. */
const TOKEN = /^(\d+)-((?:\d+-)*)[0-9a-f]+$/;
const TOKEN_CHARACTERS = 64;

function tokenIn({ tokenAt }: SyncJob, request: JsonObject): string | undefined {
  const found = tokenAt.reduce<Json | undefined>(
    (value, name) => (isObject(value) ? value[String(name)] : undefined),
    request,
  );
  const isToken = typeof found === 'string' && found.length === TOKEN_CHARACTERS && TOKEN.test(found);
  return isToken ? found : undefined;
}

/** Which try of which run of the task. */
export function readToken(token: string): Pick<TaskEvent, 'try' | 'instance'> {
  const [, number = '1', counters = ''] = TOKEN.exec(token) ?? [];
  const instance = counters.slice(0, -1).replaceAll('-', '.');
  return { try: Number(number), ...(instance === '' ? {} : { instance }) };
}

function inputOf(context: JsonObject): RunInput {
  const execution = context['Execution'];
  return (isObject(execution) ? execution['Input'] : {}) as RunInput;
}
