/** What EventBridge Scheduler does with a deployed schedule: LocalStack keeps schedules, and never fires one. */
import { randomUUID } from 'node:crypto';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { AwsClient } from 'aws4fetch';
import { CREDENTIALS, REGION } from './credentials.ts';

/** As it was deployed. */
interface Schedule {
  readonly Arn: string;
  readonly State: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly Target: { readonly Arn: string; readonly RoleArn: string; readonly Input?: string };
}

/** The one of LocalStack whose name begins so; `endpoint` is its URL. */
export async function deployedSchedule(endpoint: string, group: string, prefix: string): Promise<Schedule> {
  const client = new AwsClient({ ...CREDENTIALS, region: REGION, service: 'scheduler', retries: 0 });
  const ask = async (path: string) => {
    const response = await client.fetch(`${endpoint}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json() as unknown;
  };
  const list = await ask(`/schedules?ScheduleGroup=${group}&NamePrefix=${prefix}`);
  const { Schedules } = list as { readonly Schedules: readonly { readonly Name: string }[] };
  const [found] = Schedules;
  if (found === undefined || Schedules.length > 1)
    throw new Error(`${group}: must have one schedule ${prefix}…, got ${Schedules.length}`);
  return (await ask(`/schedules/${found.Name}?groupName=${group}`)) as Schedule;
}

/** Fires it for a nominal time, ISO 8601, as Scheduler does: its function is invoked asynchronously. */
export async function fire(lambda: LambdaClient, { Arn, Target }: Schedule, at: string): Promise<void> {
  const attributes: Readonly<Record<string, string>> = {
    'schedule-arn': Arn,
    'scheduled-time': at,
    'execution-id': randomUUID(),
    'attempt-number': '1',
  };
  const input = (Target.Input ?? '{}').replace(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (whole, attribute: string) => attributes[attribute] ?? whole,
  );
  await lambda.send(
    new InvokeCommand({ FunctionName: Target.Arn, InvocationType: 'Event', Payload: Buffer.from(input) }),
  );
}
