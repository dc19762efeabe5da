/** A request of CloudFormation for a stack's DAGs, answered in time. */
import type { Clock } from '../base/clock.ts';
import { RefusedError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { RegisterProperties } from '../deployment/events.ts';
import { functionClock } from './clock.ts';
import { answerResource, type ResourceAnswer, type ResourceRequest } from './cloudformation.ts';
import type { Call } from './core-function.ts';
import { registerPropertiesOf, resourceRequestOf } from './events.ts';
import { register } from './register.ts';

/** CloudFormation waits for two minutes. */
const MOST_MS = 100_000;
/** For the answer itself. */
const SPARE_MS = 15_000;

/**
 * Does it, and tells CloudFormation what came of it: always, and before it waits no more.
 *
 * @throws {RefusedError} `invalid-event` where it is no request of CloudFormation
 * @throws {Error} where nobody takes the answer
 */
export async function registerResource(call: Call, event: unknown): Promise<ResourceAnswer> {
  const request = addressOf(event);
  const clock = functionClock;
  const untilMs = clock.now() + Math.min(MOST_MS, call.remainingMs()) - SPARE_MS;
  const answer = await answerOf(call, event, { request, clock, untilMs });
  await answerResource(request, answer, (ms) => clock.until(clock.now() + ms));
  return answer;
}

/** Whom to answer, of whatever came: what else of it is wrong is said in the answer. @throws {RefusedError} `invalid-event` */
function addressOf(given: unknown): ResourceRequest {
  const event = isObject(given) ? given : {};
  assertAddress(event['ResponseURL']);
  const text = (name: string) => String(event[name] ?? '');
  const physical = event['PhysicalResourceId'];
  return {
    // Of none of these it is refused, and nothing was made that could be in the way.
    RequestType:
      event['RequestType'] === 'Delete' || event['RequestType'] === 'Update'
        ? event['RequestType']
        : 'Create',
    ResponseURL: text('ResponseURL'),
    StackId: text('StackId'),
    RequestId: text('RequestId'),
    LogicalResourceId: text('LogicalResourceId'),
    ...(typeof physical === 'string' ? { PhysicalResourceId: physical } : {}),
  };
}

function assertAddress(url: unknown): void {
  if (typeof url === 'string' && URL.canParse(url) && /^https?:/.test(url)) return;
  const got = url === undefined ? 'nothing' : JSON.stringify(url).slice(0, 100);
  throw new RefusedError(
    'invalid-event',
    `register › event.ResponseURL: must be the address that CloudFormation waits at, got ${got}; leave it to CloudFormation`,
  );
}

interface Answering {
  readonly request: ResourceRequest;
  readonly clock: Clock;
  readonly untilMs: number;
}

async function answerOf(
  call: Call,
  event: unknown,
  { request, clock, untilMs }: Answering,
): Promise<ResourceAnswer> {
  // One for ever: another one would have CloudFormation delete the first.
  const physicalId = request.PhysicalResourceId ?? request.LogicalResourceId;
  const stop = new AbortController();
  const late = clock.until(untilMs, stop.signal).then(() => {
    throw new RefusedError('late', 'register: must be done within 85 s, but was not; deploy again');
  });
  late.catch(() => undefined);
  try {
    const data = await Promise.race([registered(call, event, untilMs), late]);
    return { status: 'SUCCESS', physicalId, data };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    call.log(reason, { level: 'ERROR', stack: error instanceof Error ? error.stack : undefined });
    // What never was, and what nobody can read any more, is not in the way of a deletion.
    const isGone = request.RequestType === 'Delete' && isInvalid(error);
    return { status: isGone ? 'SUCCESS' : 'FAILED', physicalId, reason };
  } finally {
    stop.abort();
  }
}

function isInvalid(error: unknown): boolean {
  const code = error instanceof RefusedError ? error.code : '';
  return code === 'invalid-event' || code === 'no-table';
}

async function registered(
  { world }: Call,
  event: unknown,
  untilMs: number,
): Promise<Readonly<Record<string, string>>> {
  const request = resourceRequestOf(event);
  const now = registerPropertiesOf(request.ResourceProperties);
  assertOfHere(world.place.environment, now);
  const kind = request.RequestType;
  const old = kind === 'Update' ? request.OldResourceProperties : undefined;
  const before = old === undefined ? undefined : registerPropertiesOf(old);
  const done = await register(world, {
    kind,
    now,
    untilMs,
    ...(before === undefined ? {} : { before }),
  });
  return {
    Added: String(done.added.length),
    Changed: String(done.changed.length),
    Retired: String(done.retired.length),
  };
}

function assertOfHere(environment: string, { Environment }: RegisterProperties): void {
  if (Environment === environment) return;
  throw new RefusedError(
    'invalid-event',
    `register › Environment: must be "${environment}", got "${Environment}"; give the resource the function of its own environment`,
  );
}
