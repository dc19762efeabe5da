/** Invokes functions, and waits for what they answer unless `InvocationType` says that they are not to. @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { type AwsAccess, endpointOf, jsonOf, signedCall } from './call.ts';
import type { AwsClient, Command } from './command.ts';
import { told } from './fault.ts';

interface InvokeInput {
  readonly FunctionName: string;
  readonly InvocationType?: string;
  readonly Payload?: Uint8Array;
}

export function lambdaClient(access: AwsAccess): AwsClient {
  return {
    async send<Output>({ input, once = false }: Command<Output>): Promise<Output> {
      const { FunctionName, InvocationType: type, Payload = new Uint8Array() } = input as InvokeInput;
      const path = `/2015-03-31/functions/${encodeURIComponent(FunctionName)}/invocations`;
      const url = new URL(path, endpointOf(access, 'lambda'));
      const body = new Uint8Array(Payload);
      const headers: Record<string, string> = type === undefined ? {} : { 'x-amz-invocation-type': type };
      const request = { service: 'lambda', method: 'POST', url, headers, body, once } as const;
      const answer = await signedCall(access, request);
      if (answer.status >= 300) told(answer.status, () => jsonOf('lambda', answer));
      const error = answer.headers.get('x-amz-function-error');
      const output = { StatusCode: answer.status, Payload: answer.body };
      return { ...output, ...(error === null ? {} : { FunctionError: error }) } as Output;
    },
  };
}
