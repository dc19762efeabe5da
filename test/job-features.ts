/** More of `features.ts`: jobs that Step Functions runs itself, and runs of other DAGs. */
import { dag, ecs, emrServerless, fn, glue, sensor, stepFunctions, text, trigger } from '../lib/index.ts';

const nothing = fn(() => undefined);

/** Jobs that Step Functions itself starts and waits for: one tried again, one whose answer a task across a latch reads. */
export const jobs = dag('jobs', {}, ({ task, run }) => {
  const clean = task(
    'clean',
    glue.startJob({ jobName: 'clean', arguments: { '--day': run.interval.date } }),
    {
      timeout: '2h',
      retries: [
        { on: 'Throttled', attempts: 5, delay: '10s' },
        { attempts: 2, delay: '5m' },
      ],
    },
  );
  const train = task(
    'train',
    ecs.runTask({
      taskDefinition: 'train',
      cluster: 'jobs',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      overrides: { containerOverrides: [{ name: 'main', command: ['train', clean.output.jobRunId] }] },
    }),
    { timeout: '4h' },
  );
  const score = task(
    'score',
    stepFunctions.startExecution<{ score: number }>({
      stateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:score',
      input: { day: run.interval.date },
    }),
  );
  task(
    'spark',
    emrServerless.startJobRun({
      applicationId: '00f',
      executionRoleArn: 'arn:aws:iam::123456789012:role/spark',
      jobDriver: {
        sparkSubmit: { entryPoint: 's3://jobs/join.py', entryPointArguments: [run.interval.date] },
      },
    }),
    { after: clean },
  );
  task(
    'report',
    fn({ score: score.output.output.score }, () => undefined),
    { after: train },
  );
});

const published = dag('published', {}, ({ task }) => {
  task('send', nothing);
});

/** Waits for runs of other DAGs, and for what others bring. */
export const runWaits = dag('run-waits', {}, ({ task, run }) => {
  const orders = task('orders', sensor.dagRun('daily_orders', { timeout: '6h', failOn: ['failed'] }));
  task(
    'landed',
    sensor.s3Key(
      { bucket: 'landing', key: text`rates/${run.interval.date}.csv` },
      { timeout: '1h', softFail: true },
    ),
  );
  const publish = task('publish', trigger.dag(published, { wait: true }), { after: orders, timeout: '3h' });
  task(
    'tell',
    fn({ run: publish.output.runId, state: orders.output.state }, () => undefined),
  );
});
