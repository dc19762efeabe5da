/** Calls of functions. */
import { type AwsPlace, type CoreFunction, coreFunctionName } from '../deployment/names.ts';
import type { AwsClient } from './signed/command.ts';
import { InvokeCommand } from './signed/commands.ts';

export interface FunctionCaller {
  /** Hands an event to one of Core's functions, which takes it in its time. */
  send(name: CoreFunction, event: object): Promise<void>;
}

export function functionCaller(place: AwsPlace, lambda: AwsClient): FunctionCaller {
  return {
    async send(name, event) {
      await invoke(lambda, {
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
  lambda: AwsClient,
  { functionName, event, isAsync = false }: Invocation,
): Promise<void> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: isAsync ? 'Event' : 'RequestResponse',
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );
  if (FunctionError === undefined) return;
  const said = Payload === undefined ? '' : new TextDecoder().decode(Payload).slice(0, 1_000);
  throw new Error(`function ${functionName}: must do its work, got ${FunctionError}: ${said}`);
}
