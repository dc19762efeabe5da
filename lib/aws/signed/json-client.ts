/** Services that speak JSON, each operation by its name. @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { isObject } from '../../base/json.ts';
import { type AwsAccess, type CalledService, endpointOf, jsonOf, signedCall, textOf } from './call.ts';
import type { AwsClient } from './command.ts';
import { told } from './fault.ts';
import { orNoTable } from './no-table.ts';

interface JsonService {
  readonly service: CalledService;
  /** Before the operation's name. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** What a member of an answer is in the SDK's words. @default as it is sent */
  readonly member?: (name: string, value: unknown) => unknown;
  /** What is told of a refusal of this input. @default what the service says */
  readonly refused?: (error: unknown, input: object) => unknown;
}

export const ATHENA: JsonService = { service: 'athena', target: 'AmazonAthena', version: '1.1' };
export const DYNAMODB: JsonService = {
  service: 'dynamodb',
  target: 'DynamoDB_20120810',
  version: '1.0',
  member: bytesOf,
  refused: orNoTable,
};
export const EVENTS: JsonService = { service: 'events', target: 'AWSEvents', version: '1.1' };
export const SECRETS: JsonService = { service: 'secretsmanager', target: 'secretsmanager', version: '1.1' };
export const STATES: JsonService = {
  service: 'states',
  target: 'AWSStepFunctions',
  version: '1.0',
  member: dateOf,
};

export function jsonClient(access: AwsAccess, called: JsonService): AwsClient {
  const { service, target, version, member, refused = same } = called;
  const url = new URL(endpointOf(access, service));
  return {
    async send<Output>({ name, input }: { readonly name: string; readonly input: object }): Promise<Output> {
      const headers = {
        'content-type': `application/x-amz-json-${version}`,
        'x-amz-target': `${target}.${name}`,
      };
      const body = JSON.stringify(input, asSent);
      const answer = await signedCall(access, { service, method: 'POST', url, headers, body });
      const said = () => objectIn(textOf(answer.body), member);
      if (answer.status < 300) return said() as Output;
      try {
        return told(
          answer.status,
          () => jsonOf(service, answer) as Output,
          // What an error says beside its code: the item that a condition met.
          () => ({ Item: said()['Item'] }),
        );
      } catch (error) {
        throw refused(error, input);
      }
    },
  };
}

function same(error: unknown): unknown {
  return error;
}

function objectIn(text: string, member: JsonService['member']): Readonly<Record<string, unknown>> {
  const value: unknown = text === '' ? {} : JSON.parse(text, member);
  return isObject(value) ? value : {};
}

/** Bytes as Base64: whatever a value turns itself into, `this` still has it. */
function asSent(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const own = this[name];
  return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value;
}

/** Of DynamoDB: an attribute that has such a name is an object, never a text. */
function bytesOf(name: string, value: unknown): unknown {
  if (name === 'B' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (name === 'BS' && Array.isArray(value)) return value.map((one) => Buffer.from(String(one), 'base64'));
  return value;
}

/** Of Step Functions: seconds since the epoch. */
function dateOf(name: string, value: unknown): unknown {
  return typeof value === 'number' && /^timestamp$|Date$/.test(name) ? new Date(value * 1000) : value;
}
