/** Eight alarms of what nobody else would tell: the first ten of an account cost nothing. */
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
  readonly metric: Metric;
  readonly threshold: number;
  /** @default one of 5 minutes */
  readonly periods?: number;
  readonly missingIsBad?: boolean;
  readonly below?: boolean;
}

const PERIOD_SECONDS = 300;
const MINUTE_MS = 60_000;

export function alarmsOf(scope: Construct, setting: Setting, topicArn: string): void {
  for (const [id, alarm] of Object.entries(alarms(setting))) {
    const { metricName, namespace, dimensions = {}, stat = 'Sum' } = alarm.metric;
    new CfnAlarm(scope, `${id}Alarm`, {
      alarmName: `tutti-${setting.place.environment}-${id}`,
      alarmDescription: alarm.says,
      namespace,
      metricName,
      dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
      statistic: stat,
      period: PERIOD_SECONDS,
      evaluationPeriods: alarm.periods ?? 1,
      threshold: alarm.threshold,
      comparisonOperator: alarm.below === true ? 'LessThanThreshold' : 'GreaterThanOrEqualToThreshold',
      treatMissingData: alarm.missingIsBad === true ? 'breaching' : 'notBreaching',
      alarmActions: [topicArn],
    });
  }
}

function alarms({ place: { environment }, sweepMinutes }: Setting): Readonly<Record<string, Alarm>> {
  const of = (name: CoreFunction, metricName: string): Metric => ({
    namespace: 'AWS/Lambda',
    metricName,
    dimensions: { FunctionName: coreFunctionName(environment, name) },
  });
  const silentPeriods = Math.max(4, Math.ceil((3 * sweepMinutes * 60) / PERIOD_SECONDS));
  return {
    DeadLetters: {
      says: 'a firing, an event or a call was given up: look into the queue, then send it again',
      metric: {
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        dimensions: { QueueName: deadLetterQueueName(environment) },
        stat: 'Maximum',
      },
      threshold: 1,
    },
    TickErrors: { says: 'tick failed', metric: of('tick', 'Errors'), threshold: 1 },
    RecordErrors: { says: 'record failed', metric: of('record', 'Errors'), threshold: 1 },
    Throttles: {
      says: 'functions of this account wait for a place: ask for more concurrency',
      metric: { namespace: 'AWS/Lambda', metricName: 'Throttles' },
      threshold: 1,
    },
    TickLate: {
      says: 'firings wait more than 5 minutes',
      metric: { ...of('tick', 'AsyncEventAge'), stat: 'Maximum' },
      threshold: 5 * MINUTE_MS,
    },
    TableThrottles: {
      says: 'the table refuses writes',
      metric: {
        namespace: 'AWS/DynamoDB',
        metricName: 'WriteThrottleEvents',
        dimensions: { TableName: tableName(environment) },
      },
      threshold: 1,
    },
    TransitionsThrottled: {
      says: 'machines of this account wait for transitions: ask for more',
      metric: {
        namespace: 'AWS/States',
        metricName: 'ThrottledEvents',
        dimensions: { ServiceMetric: 'StateTransition' },
      },
      threshold: 1,
    },
    SweepSilent: {
      says: 'nothing was swept for three periods: lost firings and events stay lost',
      metric: of('sweep', 'Invocations'),
      threshold: 1,
      periods: silentPeriods,
      below: true,
      missingIsBad: true,
    },
  };
}
