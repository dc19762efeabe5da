/** What rules of cdk-nag say of these resources, and why it is so: granular, each with its reason. */
import type { Permission } from '../engines/permission.ts';
import { type CfnResource, type Construct, Validations } from './cdk.ts';

/** Acknowledges each `*` of these rights whose reason is known; one without a reason stays a finding. */
export function acknowledge(resource: CfnResource, rights: readonly Permission[]): void {
  const found = new Map(rights.flatMap(starsIn));
  const ids = [...found].map(([star, reason]) => ({ id: `AwsSolutions-IAM5[${star}]`, reason }));
  const all = found.get('Resource::*');
  if (all !== undefined) ids.push({ id: 'Serverless-LambdaStarPermissions', reason: all });
  if (ids.length > 0) Validations.of(resource).acknowledge(...ids);
}

function starsIn({ actions, resources, reason }: Permission): readonly (readonly [string, string])[] {
  if (reason === undefined) return [];
  const named = [
    ...actions.map((action) => `Action::${action}`),
    ...resources.map((arn) => `Resource::${arn}`),
  ];
  return named.filter((name) => name.includes('*')).map((name) => [name, reason]);
}

/** Acknowledges findings by the rule's id. */
export function accept(construct: Construct, reasons: Readonly<Record<string, string>>): void {
  const ids = Object.entries(reasons).map(([id, reason]) => ({ id, reason }));
  Validations.of(construct).acknowledge(...ids);
}

/** What rules say of functions: whoever calls one waits for its answer, or has it kept in the queue of dead letters. */
export function acceptFunction(fn: Construct, tracing: boolean): void {
  accept(fn, {
    'Serverless-LambdaDLQ':
      'asynchronous calls that fail for good go to the queue of dead letters by an OnFailure destination, but for sweeps, which the next one repeats; other callers wait for the answer',
    ...(tracing ? {} : { 'Serverless-LambdaTracing': TRACING }),
  });
}

/** What rules say of machines. */
export function acceptMachine(machine: Construct, options: { tracing: boolean; logs: string }): void {
  accept(machine, {
    ...(options.logs === 'ALL'
      ? {}
      : {
          'AwsSolutions-SF1':
            'histories are kept 90 days and projected into the table; logging needs logs:* on every resource',
        }),
    ...(options.tracing
      ? {}
      : { 'AwsSolutions-SF2': TRACING, 'Serverless-StepFunctionStateMachineXray': TRACING }),
  });
}

const TRACING =
  'tracing is opt-in per environment: it costs by the request, and needs xray:* on every resource';
