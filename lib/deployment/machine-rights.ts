/** What the machines of a DAG may do: what their states call, and nothing else. */
import type { State, StateMachine } from '../asl/states.ts';
import { ENGINES } from '../engines/all.ts';
import type { Permission } from '../engines/permission.ts';
import { type AwsPlace, arnOf, coreFunctionName } from './names.ts';
import { allow, functionArns, leadingKeys, tableArn } from './rights.ts';

export interface MachinePlace {
  readonly place: AwsPlace;
  readonly dagId: string;
  /** Names of the DAG's functions. */
  readonly functions: readonly string[];
  /** Names of all its machines, those of parts too. */
  readonly machines: readonly string[];
}

/** Called for pools and called for tasks are told apart by name, so only pools' machines may call `pool`. */
const POOL_CALL = '.run.fns.pool';

/**
 * Rights of the role that all machines of a DAG have.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export function machineRights(
  definitions: readonly StateMachine[],
  own: MachinePlace,
): readonly Permission[] {
  const states = definitions.flatMap(({ States }) => statesIn(Object.values(States)));
  const used = new Set(states.filter((state) => !isOfEngine(state)).flatMap(actionsOf));
  const mine = grantsOf(own, states.some(callsPool));
  const unknown = [...used].filter(
    (action) => action !== START && !mine.some(({ actions }) => actions.includes(action)),
  );
  if (unknown.length > 0) throw new Error(`unreachable: nobody says what allows ${unknown.join(', ')}`);
  return [
    ...mine.filter(({ actions: [action = ''] }) => used.has(action)),
    ...(used.has(START) || states.some(isDistributed) ? startRights(own, used.has(START)) : []),
  ];
}

function grantsOf({ place, dagId, functions }: MachinePlace, usesPool: boolean): readonly Permission[] {
  const pool = usesPool
    ? [arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, 'pool')}`)]
    : [];
  const table = [tableArn(place)];
  const conditions = leadingKeys([`RUN#${dagId}#*`]);
  // A token belongs to no resource: these know only "*".
  const token = { reason: 'a task token belongs to no resource' };
  return [
    allow(['lambda:InvokeFunction'], [...functions.flatMap((name) => functionArns(place, name)), ...pool], {
      reason: 'every version of the DAG’s functions: a run keeps those it began with',
    }),
    ...['BatchGetItem', 'ConditionCheckItem', 'GetItem', 'UpdateItem'].map((action) =>
      allow([`dynamodb:${action}`], table, { conditions }),
    ),
    allow(['states:SendTaskFailure'], ['*'], token),
    allow(['states:SendTaskSuccess'], ['*'], token),
  ];
}

/**
 * Rights to start machines and wait for them: parts of a divided DAG, and, of a distributed Map, the machine itself.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 */
function startRights({ place, machines }: MachinePlace, isDivided: boolean): readonly Permission[] {
  const executions = machines.map((name) => arnOf(place, 'states', `execution:${name}`));
  const rule = 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
  const reason = 'executions and versions of the DAG’s own machines';
  return [
    allow(
      ['states:StartExecution'],
      machines.flatMap((name) => {
        const arn = arnOf(place, 'states', `stateMachine:${name}`);
        return [arn, `${arn}:*`];
      }),
      { reason },
    ),
    allow(
      ['states:DescribeExecution', 'states:StopExecution'],
      executions.flatMap((arn) => [`${arn}:*`, `${arn}/*`]),
      { reason },
    ),
    // How a machine hears that a part has ended.
    ...(isDivided
      ? [
          allow(
            ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
            [arnOf(place, 'events', rule)],
          ),
        ]
      : []),
  ];
}

const START = 'states:StartExecution';

/** At any depth. */
function statesIn(states: readonly State[]): readonly State[] {
  return states.flatMap((state) => {
    if (state.Type === 'Parallel')
      return [state, ...state.Branches.flatMap((branch) => statesIn(Object.values(branch.States)))];
    return state.Type === 'Map' ? [state, ...statesIn(Object.values(state.ItemProcessor.States))] : [state];
  });
}

/** Engines that Step Functions runs itself say what they need (`permissionsOf`); of machines only the DAG's own are ours. */
function isOfEngine(state: State): boolean {
  if (state.Type !== 'Task' || !ENGINE_RESOURCES.has(state.Resource)) return false;
  return !JSON.stringify(state.Arguments ?? {}).includes('.run.machines');
}

const ENGINE_RESOURCES: ReadonlySet<string> = new Set(ENGINES.flatMap(({ sync }) => sync?.resource ?? []));

function isDistributed(state: State): boolean {
  return state.Type === 'Map' && state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
}

function callsPool(state: State): boolean {
  return state.Type === 'Task' && JSON.stringify(state.Arguments ?? {}).includes(POOL_CALL);
}

/** The IAM action of a state's resource: `arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken` → `dynamodb:UpdateItem`. */
function actionsOf(state: State): readonly string[] {
  if (state.Type !== 'Task') return [];
  const [service = '', call = ''] = state.Resource.replace(/^arn:aws:states:::(aws-sdk:)?/, '')
    .replace(/\..*$/, '')
    .split(':');
  if (service === 'lambda') return ['lambda:InvokeFunction'];
  // A transaction has no action of its own; ours hold condition checks only.
  if (call === 'transactWriteItems') return ['dynamodb:ConditionCheckItem'];
  // Step Functions calls itself `sfn`; IAM calls it `states`.
  return [`${service === 'sfn' ? 'states' : service}:${call.charAt(0).toUpperCase()}${call.slice(1)}`];
}
