/**
 * Where LocalStack 4.13.1 is known to differ from AWS, what `localstack/` does about it, and what this suite therefore says
 * nothing about.
 */

/** Replaced or mended by `localstack/`, each with the reason. */
export const MENDED: readonly (readonly [what: string, why: string])[] = [
  [
    'Lambda › execution',
    'functions run in containers there; here each is a Node process in the deployed archive',
  ],
  ['Lambda › invocations at the same time', 'fail with InternalError there where two take one environment'],
  ['Lambda › log group, log stream', 'a function may name a log group; there it is ignored'],
  [
    'Lambda › function URLs',
    'their host names need DNS; here each is a port, and signatures are checked by `signature.ts`',
  ],
  [
    'Lambda › function URLs of AWS_IAM',
    'answered without a signature there; refused here, with the caller in the event',
  ],
  ['Lambda › retries of asynchronous invocations', 'after 1 and 2 s instead of minutes'],
  [
    'CloudFormation › Custom::*',
    'lacking; the function is invoked and what it puts to ResponseURL is awaited',
  ],
  ['CloudFormation › AWS::StepFunctions::StateMachineVersion', 'lacking; published and deleted by the API'],
  [
    'CloudFormation › AWS::StepFunctions::StateMachine',
    'no StateMachineRevisionId, and an update leaves the role',
  ],
  ['CloudFormation › DeletionPolicy, UpdateReplacePolicy', 'Retain is not heeded there'],
  ['CloudFormation › replacement', 'not seen where a create-only property follows from another resource'],
  ['CloudFormation › failed updates', 'deletes all the same, undoes nothing, keeps the failed template'],
  ['CloudFormation › types that are lacking', 'passed over without a word; here the suite fails'],
  [
    'Step Functions › StopExecution',
    'the running state ends first, its error wins, error and cause are not told',
  ],
  ['Step Functions › roles', 'assumed for each state, which takes longer than the state and checks nothing'],
  ['Step Functions › JSONata, Choice', 'defects that `../emulator/localstack/mends.py` names'],
  ['DynamoDB', 'DynamoDB Local is asked by way of the gateway, which counts units'],
  ['Scheduler', 'keeps schedules and never fires one; `schedule.ts` does'],
  ['Athena', 'not there; `scenarios/changes.ts` answers for it'],
];

/** Not there, and not made up for. */
export const NOT_COVERED: readonly string[] = [
  'IAM: no policy is enforced, no role must exist',
  'HTTP APIs (ApiGatewayV2): the JWT option is not deployed here',
  'items of a list that a task gave (a distributed Map): no executions of their own; `map-history.test.ts` has them as AWS does',
  'quotas, throttling of AWS itself, memory, 15 minutes, arm64',
];

/** Differences of histories, by the check in which each shows: none. */
export const HISTORIES: readonly { readonly title: string; readonly why: string }[] = [];
