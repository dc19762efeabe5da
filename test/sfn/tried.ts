/** States for TestState. */
import { TestStateCommand, type TestStateCommandInput } from '@aws-sdk/client-sfn';
import { LAMBDA, sfn } from './server.ts';

export const JSONATA = { QueryLanguage: 'JSONata' } as const;

/** What TestState says of a state alone. */
export async function tried(
  state: object,
  more: Partial<TestStateCommandInput> = {},
  lambdaEndpoint?: string,
) {
  const { client } = await sfn({ lambdaEndpoint });
  const definition = JSON.stringify({ ...JSONATA, ...state });
  const { $metadata: _, ...answer } = await client.send(new TestStateCommand({ definition, ...more }));
  return answer;
}

/** A Task with five tries and two catchers. */
export const TASK = {
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: { FunctionName: 'f', Payload: '{% $states.input.n %}' },
  Output: '{% $states.result.Payload %}',
  Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 5 }],
  Catch: [
    { ErrorEquals: ['Never'], Next: 'X' },
    {
      ErrorEquals: ['States.ALL'],
      Assign: { seen: '{% $states.errorOutput.Error %}' },
      Output: { why: '{% $states.errorOutput.Cause %}' },
      Next: 'Y',
    },
  ],
  Next: 'Z',
};
/** A mocked failure. */
export const BUSY = { errorOutput: { error: 'Busy', cause: 'come back' } };
