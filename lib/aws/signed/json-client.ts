/** Services that speak JSON, each operation by its name. @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { isObject } from '../../base/json.ts';
import { type AwsAccess, type CalledService, endpointOf, jsonOf, signedCall } from './call.ts';
import type { AwsClient } from './command.ts';
import { told } from './fault.ts';

interface JsonService {
  readonly service: CalledService;
  /** Before the operation's name. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

export const ATHENA: JsonService = { service: 'athena', target: 'AmazonAthena', version: '1.1' };
export const DYNAMODB: JsonService = { service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' };
export const STATES: JsonService = { service: 'states', target: 'AWSStepFunctions', version: '1.0' };

export function jsonClient(access: AwsAccess, { service, target, version }: JsonService): AwsClient {
  const url = new URL(endpointOf(access, service));
  return {
    async send<Output>({ name, input }: { readonly name: string; readonly input: object }): Promise<Output> {
      const headers = {
        'content-type': `application/x-amz-json-${version}`,
        'x-amz-target': `${target}.${name}`,
      };
      const body = JSON.stringify(input);
      const answer = await signedCall(access, { service, method: 'POST', url, headers, body });
      const output = told(answer.status, () => jsonOf(service, answer));
      return (isObject(output) ? output : {}) as Output;
    },
  };
}
