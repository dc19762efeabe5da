/** Seven alarms of ten metrics, of what nobody else would tell: the first ten metrics of an account cost nothing. */
import {
  type CoreFunction,
  coreFunctionName,
  deadLetterQueueName,
  tableName,
} from '../../deployment/names.ts';
import { CfnAlarm, type Construct } from '../cdk.ts';
import type { Setting } from '../environment.ts';

interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly stat?: 'Sum' | 'Maximum';
}

interface Alarm {
  readonly says: string;
  /** Several: their sum. */
  readonly metrics: readonly [Metric, ...Metric[]];
  readonly threshold: number;
  /** @default one of 5 minutes */
  readonly periods?: number;
  readonly missingIsBad?: boolean;
  readonly below?: boolean;
}

const PERIOD_SECONDS = 300;
const MINUTE_MS = 60_000;

export function alarmsOf(scope: Construct, setting: Setting, topicArn: string): void {
  for (const [id, alarm] of Object.entries(alarms(setting)))
    new CfnAlarm(scope, `${id}Alarm`, {
      alarmName: `tutti-${setting.place.environment}-${id}`,
      alarmDescription: alarm.says,
      ...measured(alarm),
      threshold: alarm.threshold,
      comparisonOperator: alarm.below === true ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
      treatMissingData: alarm.missingIsBad === true ? 'breaching' : 'notBreaching',
      alarmActions: [topicArn],
    });
}

function measured({ metrics: [first, ...others], periods = 1 }: Alarm) {
  if (others.length === 0)
    return { ...of(first), statistic: statOf(first), period: PERIOD_SECONDS, evaluationPeriods: periods };
  const metrics = [first, ...others].map((metric, index) => ({
    id: `m${index}`,
    metricStat: { metric: of(metric), stat: statOf(metric), period: PERIOD_SECONDS },
    returnData: false,
  }));
  // A function that was not called has no figures: without a 0 there would be no sum. Figures that come late are seen in
  // the second period. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
  const sum = { id: 'sum', expression: 'SUM(FILL(METRICS(), 0))', label: 'sum', returnData: true };
  return { metrics: [...metrics, sum], evaluationPeriods: periods + 1, datapointsToAlarm: 1 };
}

function of({ namespace, metricName, dimensions = {} }: Metric) {
  const pairs = Object.entries(dimensions).map(([name, value]) => ({ name, value }));
  return { namespace, metricName, dimensions: pairs };
}

function statOf({ stat = 'Sum' }: Metric): string {
  return stat;
}

function alarms({ place: { environment }, sweepMinutes }: Setting): Readonly<Record<string, Alarm>> {
  const fn = (name: CoreFunction, metricName: string): Metric => ({
    namespace: 'AWS/Lambda',
    metricName,
    dimensions: { FunctionName: coreFunctionName(environment, name) },
  });
  const silentPeriods = Math.max(4, Math.ceil((3 * sweepMinutes * 60) / PERIOD_SECONDS));
  return {
    DeadLetters: {
      says: 'a firing, an event or a call was given up: look into the queue, then send it again',
      metrics: [
        {
          namespace: 'AWS/SQS',
          metricName: 'ApproximateNumberOfMessagesVisible',
          dimensions: { QueueName: deadLetterQueueName(environment) },
          stat: 'Maximum',
        },
      ],
      threshold: 1,
    },
    Errors: {
      says: 'tick, record or sweep failed: the log says which, and why',
      metrics: [fn('tick', 'Errors'), fn('record', 'Errors'), fn('sweep', 'Errors')],
      threshold: 1,
    },
    // Others tell their callers, or fail for good and are dead letters.
    Throttles: {
      says: 'tick or record waits for a place: ask for more concurrency',
      metrics: [fn('tick', 'Throttles'), fn('record', 'Throttles')],
      threshold: 1,
    },
    TickLate: {
      says: 'firings wait more than 5 minutes',
      metrics: [{ ...fn('tick', 'AsyncEventAge'), stat: 'Maximum' }],
      threshold: 5 * MINUTE_MS,
    },
    TableThrottles: {
      says: 'the table refuses writes',
      metrics: [
        {
          namespace: 'AWS/DynamoDB',
          metricName: 'WriteThrottleEvents',
          dimensions: { TableName: tableName(environment) },
        },
      ],
      threshold: 1,
    },
    TransitionsThrottled: {
      says: 'machines of this account wait for transitions: ask for more',
      metrics: [
        {
          namespace: 'AWS/States',
          metricName: 'ThrottledEvents',
          dimensions: { ServiceMetric: 'StateTransition' },
        },
      ],
      threshold: 1,
    },
    SweepSilent: {
      says: 'nothing was swept for three periods: lost firings and events stay lost',
      metrics: [fn('sweep', 'Invocations')],
      threshold: 1,
      periods: silentPeriods,
      below: true,
      missingIsBad: true,
    },
  };
}
