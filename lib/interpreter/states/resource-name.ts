import type { ResourceCall } from '../resource.ts';

/** A Task's `Resource`, read. */
export interface ResourceName {
  /** What the handler is asked for: without `.sync` and `.waitForTaskToken`. */
  readonly resource: string;
  readonly pattern: ResourceCall['pattern'];
  readonly syncVersion: ResourceCall['syncVersion'];
  /** Which family of events AWS writes. */
  readonly events: 'Task' | 'LambdaFunction' | 'Activity';
  /** `{ resourceType, resource }` of those events: `lambda` and `invoke.waitForTaskToken`. */
  readonly details: { readonly resourceType: string; readonly resource: string };
}

/** Reads a Task's `Resource`. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html */
export function parseResource(arn: string): ResourceName {
  const [, , service = '', , , kind = '', ...rest] = arn.split(':');
  const details = { resourceType: kind, resource: rest.join(':') };
  const plain = { resource: arn, pattern: 'request', syncVersion: undefined, details } as const;
  if (service === 'lambda') return { ...plain, events: 'LambdaFunction' };
  if (service === 'states' && kind === 'activity') return { ...plain, events: 'Activity' };
  const suffix = /\.(sync(?::\d+)?|waitForTaskToken)$/.exec(arn)?.[0] ?? '';
  return {
    resource: arn.slice(0, arn.length - suffix.length),
    pattern: patternOf(suffix),
    syncVersion: suffix === '.sync:2' ? 2 : undefined,
    events: 'Task',
    details:
      kind === 'aws-sdk'
        ? { resourceType: `aws-sdk:${rest[0]}`, resource: rest.slice(1).join(':') }
        : details,
  };
}

function patternOf(suffix: string): ResourceCall['pattern'] {
  if (suffix === '') return 'request';
  return suffix === '.waitForTaskToken' ? 'waitForTaskToken' : 'sync';
}
