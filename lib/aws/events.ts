/** Events of Core's functions, checked where they arrive: what is wrong is told with its place, rule, value and remedy. */
import * as z from 'zod';
import { defined } from '../api/defined.ts';
import { instant } from '../api/schemas/inputs.ts';
import { lazy, type OutputOf } from '../api/schemas/lazy.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import type { RegisterProperties } from '../deployment/events.ts';
import { checkedEvent } from './checked-event.ts';

const id = () => z.string().min(1).max(200);
const runId = () => z.string().min(1).max(200);
const json = () => z.record(z.string(), z.json()).transform((value) => value as JsonObject);

const triggering = () =>
  z.strictObject({
    dagId: id(),
    logicalDate: z.string().max(40).optional(),
    params: json().optional(),
    triggeredBy: id(),
    id: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits'),
    awaitedBy: z
      .strictObject({ runId: runId(), attempt: z.int().min(1), task: z.string().min(1).max(300) })
      .optional(),
  });

/** {@link import('../deployment/events.ts').TickEvent} */
const triggerEvent = lazy(() => z.strictObject({ trigger: triggering() }));
const firing = lazy(() => z.strictObject({ dag: id(), at: z.string().max(60).optional() }));
const endings = () =>
  z
    .array(z.enum(['success', 'failed', 'cancelled']))
    .max(3)
    .readonly();
const waitEvent = lazy(() =>
  z.strictObject({
    wait: z.strictObject({
      dagId: id(),
      logicalDate: z.string().max(40),
      runId: runId().optional(),
      states: endings(),
      failOn: endings(),
      error: z.string().min(1).max(100),
      token: z.string().min(1).max(2_048),
      consumer: z.strictObject({
        dagId: id(),
        runId: runId(),
        attempt: z.int().min(1),
        task: z.string().min(1).max(300),
        instance: z.string().max(100).optional(),
      }),
    }),
  }),
);

export function tickEventOf(
  event: unknown,
): OutputOf<typeof triggerEvent> | OutputOf<typeof firing> | OutputOf<typeof waitEvent> {
  const told = { name: 'tick', remedy: 'send {"dag":"sales"}' };
  if (has(event, 'wait')) return checkedEvent(told, waitEvent(), event);
  return has(event, 'trigger')
    ? checkedEvent(told, triggerEvent(), event)
    : checkedEvent(told, firing(), event);
}

/** What Step Functions tells EventBridge of an execution's end, and whatever more that says. @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
const ended = lazy(() =>
  z.object({
    detail: z.object({
      executionArn: z.string().startsWith('arn:'),
      stateMachineArn: z.string().startsWith('arn:'),
      name: z.string().min(1),
      status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
      input: z.string().nullish(),
    }),
  }),
);

export function endedEventOf(event: unknown): OutputOf<typeof ended> {
  return checkedEvent({ name: 'record', remedy: 'leave it to EventBridge' }, ended(), event);
}

const goingOn = lazy(() => z.strictObject({ continue: z.strictObject({ dag: id(), id: id() }) }));

/** A payload of a person, or of the API: a field that is not known is a mistake. */
const asked = lazy(() =>
  z.strictObject({
    dag: id(),
    from: instant('Logical date of the first interval.'),
    to: instant('Logical date of the last one.'),
    reprocess: z.enum(['none', 'failed', 'completed']).optional(),
    order: z.enum(['oldest', 'newest']).optional(),
    maxActiveRuns: z.int().min(1).max(1_000).optional(),
    params: json().optional(),
    tasks: z.array(z.string().min(1).max(300)).min(1).max(10_000).readonly().optional(),
    asOne: z.boolean().optional(),
    note: z.string().max(2_000).optional(),
    confirmed: z.boolean().optional(),
    dryRun: z.boolean().optional(),
  }),
);

export type AskedBackfill = OutputOf<typeof asked>;

export function backfillEventOf(event: unknown): AskedBackfill | OutputOf<typeof goingOn> {
  const told = {
    name: 'backfill',
    remedy: 'send {"dag":"sales","from":"2026-01-01","to":"2026-03-31","dryRun":true}',
  };
  return has(event, 'continue') ? checkedEvent(told, goingOn(), event) : checkedEvent(told, asked(), event);
}

/** {@link import('../deployment/events.ts').CancelEvent} */
const cancelling = lazy(() =>
  z.strictObject({
    dagId: id(),
    runId: runId(),
    attempt: z.int().min(1),
    cause: z.string().max(32_768),
  }),
);

export function cancelEventOf(event: unknown): OutputOf<typeof cancelling> {
  return checkedEvent({ name: 'cancel', remedy: 'cancel the run instead' }, cancelling(), event);
}

const holder = () => z.string().min(1).max(900);

const acquiring = lazy(() =>
  z.strictObject({
    acquire: z.strictObject({
      pool: id(),
      holder: holder(),
      slots: z.int().min(1),
      limit: z.int().min(1),
      leaseSec: z.number().positive(),
      token: z.string().min(1).max(2_048),
    }),
  }),
);
const releasing = lazy(() => z.strictObject({ release: z.strictObject({ pool: id(), holder: holder() }) }));

/** From machines: `lib/compiler/pools.ts`. */
export function poolEventOf(event: unknown): OutputOf<typeof acquiring> | OutputOf<typeof releasing> {
  const told = { name: 'pool', remedy: 'leave it to machines' };
  return has(event, 'acquire')
    ? checkedEvent(told, acquiring(), event)
    : checkedEvent(told, releasing(), event);
}

const fns = () => z.record(z.string(), z.string());
const registeredDag = () =>
  z.strictObject({
    id: id(),
    hash: z.string().min(1),
    machine: z.string().startsWith('arn:'),
    rerun: z.string().startsWith('arn:'),
    fns: fns(),
    parts: fns().optional(),
    rerunParts: fns().optional(),
  });

/** Properties of `Custom::TuttiDags`; CloudFormation adds some of its own. */
const properties = lazy(() =>
  z.object({
    ServiceToken: z.string(),
    Environment: z.string(),
    Stack: z.string().min(1),
    ManifestBucket: z.string(),
    ManifestKey: z.string(),
    Dags: z.array(registeredDag()).readonly(),
    Cancel: z.array(z.string()).readonly().optional(),
  }),
);

/** What CloudFormation sends around them. */
const resource = lazy(() =>
  z.object({
    RequestType: z.enum(['Create', 'Update', 'Delete']),
    ResponseURL: z.url(),
    StackId: z.string(),
    RequestId: z.string(),
    LogicalResourceId: z.string(),
    PhysicalResourceId: z.string().optional(),
    ResourceProperties: z.looseObject({}),
    OldResourceProperties: z.looseObject({}).optional(),
  }),
);

const BY_CLOUDFORMATION = { name: 'register', remedy: 'deploy with the constructs of tutti' };

export function resourceRequestOf(event: unknown): OutputOf<typeof resource> {
  return checkedEvent(BY_CLOUDFORMATION, resource(), event);
}

export function registerPropertiesOf(value: unknown): RegisterProperties {
  return defined(checkedEvent(BY_CLOUDFORMATION, properties(), value)) as RegisterProperties;
}

function has(event: unknown, field: string): boolean {
  return isObject(event) && Object.hasOwn(event, field);
}
