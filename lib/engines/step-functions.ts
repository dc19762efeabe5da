import type { Json, JsonObject } from '../base/json.ts';
import type { Untyped } from '../model/context.ts';
import type { Value } from '../model/ref.ts';
import type { ArgumentProblem, Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';
import { arnIn, isLater, managedRule, named, type Permission } from './permission.ts';
import { objectOf, REFUSED_BY_STATES, type SyncJob } from './sync.ts';

export interface StartExecutionArgs<Output> {
  /** Of the machine, of one of its versions, or of an alias. */
  readonly stateMachineArn: Value<string>;
  /** What it is given. @default {} */
  readonly input?: Readonly<Record<string, unknown>>;
  /** What this task does in a local run: `simulate(…)`, `command([…])` or `real`. @default none: it is refused here */
  readonly local?: StandIn<ExecutionOutput<Output>>;
}

export interface ExecutionOutput<Output> {
  readonly executionArn: string;
  readonly status: string;
  /** What the machine gave, at most 64 KiB. */
  readonly output: Output;
}

/**
 * Runs another state machine and waits for its end; what it gives is `output.output`. A machine that fails, or whose
 * time is over, fails the task.
 *
 * @example task('score', stepFunctions.startExecution<{ score: number }>({ stateMachineArn: 'arn:aws:states:…', input: { day: run.interval.date } }))
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export function startExecution<Output = Untyped>({
  local,
  ...args
}: StartExecutionArgs<Output>): Call<ExecutionOutput<Output>> {
  return {
    engine: stepFunctionsStartExecution.name,
    args: args as JsonObject,
    ...(local === undefined ? {} : { local }),
  };
}

const RESULT = '$states.result';

/** Shows the two executions side by side in the console. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-nested-workflows.html */
const STARTED_BY = 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID';

/** Most characters of what the machine gave, as JSON: it travels in variables. */
const MOST = 65_536;

const job: SyncJob = {
  resource: 'arn:aws:states:::states:startExecution.sync:2',
  request: ({ stateMachineArn, input }) => ({ StateMachineArn: stateMachineArn, Input: input ?? {} }),
  tokenAt: ['Name'],
  adds: [{ at: ['Input', STARTED_BY], text: '$states.context.Execution.Id' }],
  fields: {
    executionArn: `${RESULT}.ExecutionArn`,
    status: `${RESULT}.Status`,
    output: `${RESULT}.Output`,
  },
  holds: {
    condition: `$length($string({"o": ${RESULT}.Output})) <= ${MOST}`,
    otherwise: '"its output must be at most 64 KiB; write more to S3"',
  },
  busy: [
    'StepFunctions.ExecutionLimitExceededException',
    'StepFunctions.ThrottlingException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
  ],
  refused: [
    'StepFunctions.StateMachineDoesNotExistException',
    'StepFunctions.StateMachineDeletingException',
    'StepFunctions.InvalidArnException',
    'StepFunctions.InvalidExecutionInputException',
    'StepFunctions.InvalidNameException',
    'StepFunctions.ValidationException',
    ...REFUSED_BY_STATES,
  ],
  argsOf({ StateMachineArn, Input }) {
    const { [STARTED_BY]: _starter, ...input } = objectOf(Input);
    return { stateMachineArn: StateMachineArn, input };
  },
  answer: ({ executionArn, status, output }) => ({
    ExecutionArn: executionArn,
    Status: status ?? 'SUCCEEDED',
    Output: output,
  }),
};

export const stepFunctionsStartExecution: Engine = {
  name: 'stepFunctions.startExecution',
  timeoutSeconds: 86_400,
  local: 'stand-in',
  pattern: 'sync',
  sync: job,
  permissions,
  check: ({ stateMachineArn }) => [...arnProblems(stateMachineArn)],
};

/** In statements of their own: an execution's ARN is not the machine's. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies */
function permissions({ stateMachineArn }: JsonObject): readonly Permission[] {
  const machine = machineOf(stateMachineArn);
  return [
    {
      actions: ['states:StartExecution'],
      ...named('the machine', machine, (name) => arnIn('states', `stateMachine:${name}`)),
    },
    {
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      reason: 'an execution is named when it starts',
      ...executionsOf(machine),
    },
    managedRule('StepFunctionsGetEventsForStepFunctionsExecutionRule'),
  ];
}

/** A version or alias is allowed by its machine's ARN. */
function machineOf(arn: Json | undefined): Json | undefined {
  return typeof arn === 'string' ? arn.split(':').slice(0, 7).join(':') : arn;
}

function executionsOf(machine: Json | undefined): Pick<Permission, 'resources' | 'reason'> {
  if (typeof machine !== 'string')
    return named('the machine', machine, (name) => arnIn('states', `execution:${name}`));
  return { resources: [`${machine.replace(':stateMachine:', ':execution:')}:*`] };
}

function arnProblems(arn: Json | undefined): readonly ArgumentProblem[] {
  if (isLater(arn) || (typeof arn === 'string' && /^arn:[^:]+:states:.*:stateMachine:/.test(arn))) return [];
  const message = `must be the ARN of a state machine, got ${JSON.stringify(arn)}`;
  const remedy = "write 'arn:aws:states:eu-central-1:123456789012:stateMachine:score'";
  return [{ path: 'stateMachineArn', message, remedy }];
}
