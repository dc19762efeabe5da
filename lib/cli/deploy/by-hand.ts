/**
 * What of a deployment no command can see without changing something: to be looked at once in an account, by a person.
 * Pure.
 */
import { arnOf, coreFunctionName, logGroupName, partitionOf, prefixOf } from '../../deployment/names.ts';
import type { DeployedPlace } from './environment.ts';

/** One thing to be looked at. */
export interface ByHand {
  readonly what: string;
  /** To be typed; what is in `<>` is to be put in. */
  readonly command: string;
  /** What has to be seen. */
  readonly look: string;
}

/** In the order of a first day: deployments, runs, and what Step Functions is asked. */
export function byHand(place: DeployedPlace): readonly ByHand[] {
  return [...deployments(place), ...runs(place), ...tokens(place)];
}

function deployments(place: DeployedPlace): readonly ByHand[] {
  const { environment } = place;
  const deploy = `npx cdk deploy '${environment}/*'`;
  const aws = awsOf(place);
  const machine = `${arnIn(place, 'states', 'stateMachine')}:${prefixOf(environment)}<dag>-<stack>`;
  const versions = `${aws} stepfunctions list-state-machine-versions --state-machine-arn ${machine}`;
  return [
    {
      what: 'a change of the definition, of the role or of a tag alone publishes another version, and the old one stays',
      command: `${deploy} && ${versions}`,
      look: 'after each of the three changes one version more, and all earlier ones',
    },
    {
      what: 'Register that answers FAILED keeps CloudFormation from deleting a machine',
      command: `npx tutti trigger <dag> --env ${environment} --no-wait; take its file out of the project; ${deploy}; ${aws} stepfunctions describe-state-machine --state-machine-arn ${machine}`,
      look: 'the deployment fails and is rolled back, the machine is ACTIVE, the run goes on',
    },
    {
      what: 'the event of a custom resource with 43 DAGs is taken',
      command: `stacks: 1 and 43 DAGs or more in tutti.config.ts; ${deploy}`,
      look: 'Register is CREATE_COMPLETE; after 120 s without an answer it is CREATE_FAILED',
    },
    {
      what: 'a DAG moves to another stack while a run of it goes on',
      command: `npx tutti trigger <dag> --env ${environment} --no-wait; raise stacks until tutti deploy-check names the DAG; ${deploy} -c tutti:cancel=<dag>`,
      look: 'refused without -c; with it the run is cancelled, and the next one starts in the new stack',
    },
    {
      what: 'the time of a first deployment of 250 DAGs',
      command: `time ${deploy} --concurrency 3`,
      look: '7 minutes at least, one version a second; no resource fails for its rate',
    },
  ];
}

function runs(place: DeployedPlace): readonly ByHand[] {
  const { environment } = place;
  const aws = awsOf(place);
  const env = `--env ${environment}`;
  return [
    {
      what: 'a run of an older version has the role and the function that it was deployed with',
      command: `npx tutti pin <dag> <older version> ${env} && npx tutti trigger <dag> ${env}; npx tutti pin <dag> --clear ${env}`,
      look: 'the run succeeds, and its history names the older function version',
    },
    {
      what: 'metrics arrive that functions write into their JSON logs',
      command: `${aws} cloudwatch list-metrics --namespace Tutti --dimensions Name=environment,Value=${environment}`,
      look: 'RunsSucceeded and the others, a quarter of an hour after a run',
    },
    {
      what: 'a cold api-read answers within a second',
      command: `${aws} logs filter-log-events --log-group-name ${logGroupName(environment)} --filter-pattern '{ $.type = "platform.report" && $.record.metrics.initDurationMs > 0 }' --query "events[?contains(logStreamName, '${coreFunctionName(environment, 'api-read')}')].message"`,
      look: 'initDurationMs and durationMs together below 1000',
    },
    {
      what: 'a run of 100 parallel tasks',
      command: `a DAG of 100 tasks without edges; npx tutti trigger <dag> ${env}`,
      look: 'all tasks start within a few seconds and the run succeeds',
    },
  ];
}

function tokens(place: DeployedPlace): readonly ByHand[] {
  const { environment } = place;
  const aws = awsOf(place);
  const execution = `${arnIn(place, 'states', 'execution')}:${prefixOf(environment)}<dag>-<stack>:<run>`;
  const send = 'states:SendTaskSuccess';
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: send,
        Resource: arnIn(place, 'states', `stateMachine:${prefixOf(environment)}*`),
      },
    ],
  });
  return [
    {
      what: 'a token that is answered before Step Functions has recorded that its task was submitted',
      command: `npx tutti trigger <a DAG with latches, as late_file> --env ${environment}, 20 times; ${aws} stepfunctions get-execution-history --execution-arn ${execution} --query "events[?starts_with(type, 'Task')].[id,type]"`,
      look: 'every latch goes on at once: no TaskTimedOut, whichever of TaskSubmitted and TaskSucceeded stands first',
    },
    {
      what: 'the name of the error for a token that has expired',
      command: `${aws} stepfunctions stop-execution --execution-arn ${execution}; ${aws} stepfunctions send-task-success --task-output '{}' --task-token <token of a waiting task, from its item in the table>`,
      look: 'TaskTimedOut; in a history Sfn.TaskTimedOutException, which latches catch',
    },
    {
      what: `whether ${send} and its siblings take narrower resources than *`,
      command: `${aws} iam put-role-policy --role-name <role of a DAG's machines> --policy-name tokens --policy-document '${policy}', and take the statement with * out of its own policy; npx tutti trigger <a DAG with latches> --env ${environment}`,
      look: 'the run succeeds: then roles may be narrower; AccessDenied: they may not',
    },
  ];
}

function awsOf({ aws }: DeployedPlace): string {
  return `aws --region ${aws.region}`;
}

function arnIn({ environment, aws }: DeployedPlace, service: string, resource: string): string {
  const place = { environment, partition: partitionOf(aws.region), region: aws.region, account: aws.account };
  return arnOf(place, service, resource);
}
