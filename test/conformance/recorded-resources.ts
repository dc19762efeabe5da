import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/base/clock.ts';
import { isObject, type Json } from '../../lib/base/json.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from '../../lib/interpreter/resource.ts';
import type { TaskTokens } from '../../lib/interpreter/tokens.ts';
import type { RecordedCall, RecordedCase } from './recorded-case.ts';
import { same } from './same.ts';

interface AnswerWorld {
  readonly clock: Clock;
  readonly tokens: TaskTokens;
  readonly isSubmitted: boolean;
  readonly hasDeadline: boolean;
}

/** Answers as AWS did, and notes the first call that asked for something else. */
export function recordedResources(
  input: RecordedCase,
  world: { readonly clock: Clock; readonly tokens: TaskTokens },
): { handler: ResourceHandler; problem: () => string | undefined } {
  const calls = new Map(Object.entries(input.mocks ?? {}).map(([state, list]) => [state, [...list]]));
  let problem: string | undefined;
  const handler: ResourceHandler = (call) => {
    if (input.s3Objects !== undefined && !calls.has(call.stateName)) return fromS3(input.s3Objects, call);
    const recorded = calls.get(call.stateName)?.shift();
    if (recorded === undefined) throw new Error(`${call.stateName} was not called that often`);
    problem ??= wrongParameters(recorded, call);
    return answer(recorded, call, {
      ...world,
      isSubmitted: wasSubmitted(input),
      hasDeadline: hasDeadline(input),
    });
  };
  return { handler, problem: () => problem };
}

function wrongParameters({ sentParameters }: RecordedCall, call: ResourceCall): string | undefined {
  if (sentParameters === undefined) return undefined;
  const placeholders = JSON.stringify(sentParameters).match(/<[\w-]+(?::\d+)?>/g) ?? [];
  if (same(sentParameters, call.arguments, { placeholders })) return undefined;
  const got = JSON.stringify(call.arguments);
  return `${call.stateName}: expected to be sent ${JSON.stringify(sentParameters)}, got ${got}`;
}

function wasSubmitted({ expected }: RecordedCase): boolean {
  return expected.historyEventTypes?.includes('TaskSubmitted') ?? false;
}

/** Whether a call that is never answered ends. */
function hasDeadline({ definition }: RecordedCase): boolean {
  return /"(?:Timeout|Heartbeat)Seconds":/.test(JSON.stringify(definition));
}

function answer(recorded: RecordedCall, call: ResourceCall, world: AnswerWorld): Json | Promise<Json> {
  const isTimeout = recorded.throw?.Error === 'States.Timeout' && world.hasDeadline;
  const end = () => (isTimeout ? never() : give(recorded));
  if (!world.isSubmitted || call.pattern === 'request') return end();
  if (call.pattern === 'sync') return world.clock.until(world.clock.now()).then(end);
  if (isTimeout) return {};
  const token = String(isObject(call.context['Task']) ? call.context['Task']['Token'] : '');
  if (recorded.throw === undefined) world.tokens.success(token, recorded.return ?? null);
  else world.tokens.failure(token, recorded.throw.Error, recorded.throw.Cause ?? '');
  return {};
}

function give(recorded: RecordedCall): Json {
  if (recorded.throw === undefined) return recorded.return ?? null;
  throw new TaskError(recorded.throw.Error, recorded.throw.Cause ?? '');
}

function never(): Promise<Json> {
  return new Promise(() => undefined);
}

function fromS3(
  objects: NonNullable<RecordedCase['s3Objects']>,
  { resource, arguments: sent }: ResourceCall,
): Json {
  const { Bucket, Key, Prefix = '' } = isObject(sent) ? sent : {};
  const inBucket = objects.filter(({ bucket }) => bucket === Bucket);
  if (resource.endsWith(':listObjectsV2')) {
    const listed = inBucket.filter(({ key }) => key.startsWith(String(Prefix)));
    return { Contents: listed.map(({ key, body }) => description(key, body)) };
  }
  const found = inBucket.find(({ key }) => key === Key);
  if (found === undefined) throw new TaskError('S3.NoSuchKeyException', 'The specified key does not exist.');
  return { Body: found.body };
}

function description(key: string, body: string): Json {
  const digest = createHash('md5').update(body).digest('hex');
  return {
    Etag: `"${digest}"`,
    Key: key,
    LastModified: 1_767_225_600,
    Size: Buffer.byteLength(body),
    StorageClass: 'STANDARD',
  };
}
