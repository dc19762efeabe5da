/** Calls of functions. */
import type { InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { type AwsPlace, type CoreFunction, coreFunctionName } from '../deployment/names.ts';

export interface FunctionCaller {
  /** Hands an event to one of Core's functions, which takes it in its time. */
  send(name: CoreFunction, event: object): Promise<void>;
}

export function functionCaller(place: AwsPlace, lambda: () => Promise<LambdaClient>): FunctionCaller {
  return {
    async send(name, event) {
      await invoke(await lambda(), {
        functionName: coreFunctionName(place.environment, name),
        event,
        isAsync: true,
      });
    },
  };
}

export interface Invocation {
  /** A name, or the ARN of a version. */
  readonly functionName: string;
  readonly event: object;
  /** Taken, not answered. @default false */
  readonly isAsync?: boolean;
}

/** Invokes a function. @throws {Error} where it failed: what it said */
export async function invoke(
  lambda: Pick<LambdaClient, 'send'>,
  { functionName, event, isAsync = false }: Invocation,
): Promise<void> {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda');
  const { FunctionError, Payload }: InvokeCommandOutput = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: isAsync ? 'Event' : 'RequestResponse',
      Payload: JSON.stringify(event),
    }),
  );
  if (FunctionError === undefined) return;
  const said = Payload === undefined ? '' : new TextDecoder().decode(Payload).slice(0, 1_000);
  throw new Error(`function ${functionName}: must do its work, got ${FunctionError}: ${said}`);
}
