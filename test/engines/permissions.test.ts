/** What roles of a DAG are allowed for its engines: as narrow as what is known when it is deployed. */
import { expect, test } from 'vitest';
import { permissionsOf } from '../../lib/engines/permissions-of.ts';
import { type Call, dag, ecs, emrServerless, fn, glue, stepFunctions } from '../../lib/index.ts';

const allowed = (...calls: readonly Call<unknown>[]) =>
  permissionsOf(
    dag('d', {}, ({ task }) => {
      for (const [index, call] of calls.entries()) task(`t${index}`, call);
    }),
    {},
  ).machine.map(({ actions, resources, reason }) => [actions.join(' '), resources, reason ?? '']);

const prefix = (service: string) => `arn:{partition}:${service}:{region}:{account}:`;

test('a job by its name; two jobs in one statement', () => {
  const actions = 'glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun';
  expect(allowed(glue.startJob({ jobName: 'b' }), glue.startJob({ jobName: 'a' }))).toEqual([
    [actions, [`${prefix('glue')}job/a`, `${prefix('glue')}job/b`], ''],
  ]);
});

test('what is known only during a run is as wide as its kind, and says why', () => {
  const { machine, function: own } = permissionsOf(
    dag('d', {}, ({ task }) => {
      const name = task(
        'name',
        fn(() => 'job'),
      );
      task('a', glue.startJob({ jobName: name.output }));
      task('b', glue.startJob({ jobName: 'known' }));
    }),
    {},
  );
  expect(own).toEqual([]);
  // The wider one allows the other.
  expect(machine).toMatchObject([
    { resources: [`${prefix('glue')}job/*`], reason: 'the name of the job is known only during a run' },
  ]);
});

test('a container: any revision of its family, in its cluster, with its roles alone', () => {
  const { machine } = permissionsOf(
    dag('d', {}, ({ task }) => {
      const passRoles = ['arn:aws:iam::123456789012:role/train'];
      task('a', ecs.runTask({ taskDefinition: 'train:7', cluster: 'jobs', passRoles }));
    }),
    {},
  );
  const conditions = { ArnEquals: { 'ecs:cluster': `${prefix('ecs')}cluster/jobs` } };
  expect(machine).toEqual([
    { actions: ['ecs:RunTask'], resources: [`${prefix('ecs')}task-definition/train:*`], conditions },
    {
      actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
      resources: ['*'],
      conditions,
      reason: 'the ARN of a task is known only once it runs',
    },
    {
      actions: ['iam:PassRole'],
      resources: ['arn:aws:iam::123456789012:role/train'],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
    {
      actions: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
      resources: [`${prefix('events')}rule/StepFunctionsGetEventsForECSTaskRule`],
    },
  ]);
});

test('roles that nobody names may be any, for containers alone', () => {
  const { machine } = permissionsOf(
    dag('d', {}, ({ task }) => {
      task('a', ecs.runTask({ taskDefinition: 'train' }));
    }),
    {},
  );
  expect(machine).toContainEqual({
    actions: ['iam:PassRole'],
    resources: ['arn:{partition}:iam::{account}:role/*'],
    conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    reason: 'which roles a task definition names is known to ECS alone; say passRoles',
  });
});

test('Spark: the application, its job runs, its role, its rule', () => {
  const executionRoleArn = 'arn:aws:iam::123456789012:role/spark';
  const jobDriver = { sparkSubmit: { entryPoint: 's3://b/job.py' } };
  const app = `${prefix('emr-serverless')}/applications/00f`;
  expect(
    allowed(
      emrServerless.startJobRun({ applicationId: '00f', executionRoleArn, jobDriver, tags: { team: 'x' } }),
    ),
  ).toEqual([
    ['emr-serverless:StartJobRun', [app], ''],
    [
      'emr-serverless:CancelJobRun emr-serverless:GetJobRun emr-serverless:TagResource',
      [`${app}/jobruns/*`],
      'the id of a job run is known only once it runs',
    ],
    ['iam:PassRole', [executionRoleArn], ''],
    [
      'events:DescribeRule events:PutRule events:PutTargets',
      [`${prefix('events')}rule/StepFunctionsGetEventsForEMRServerlessJobRule`],
      '',
    ],
  ]);
});

test('a machine by its own ARN, its executions by theirs, in statements of their own', () => {
  const stateMachineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:score:3';
  expect(allowed(stepFunctions.startExecution({ stateMachineArn }))).toEqual([
    ['states:StartExecution', ['arn:aws:states:eu-central-1:123456789012:stateMachine:score'], ''],
    [
      'states:DescribeExecution states:StopExecution',
      ['arn:aws:states:eu-central-1:123456789012:execution:score:*'],
      'an execution is named when it starts',
    ],
    [
      'events:DescribeRule events:PutRule events:PutTargets',
      [`${prefix('events')}rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`],
      '',
    ],
  ]);
});
