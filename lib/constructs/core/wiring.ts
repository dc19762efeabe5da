/** What calls Core: executions that ended, schedules, the sweep. */
import { arnOf, deadLetterQueueName, prefixOf, tableName } from '../../deployment/names.ts';
import { allow, useKey } from '../../deployment/rights.ts';
import { CfnPermission, CfnRule, CfnSchedule, CfnScheduleGroup, type Stack } from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { fireRoleName, targetOf } from '../fire.ts';
import { roleOf } from '../policy.ts';
import type { CoreFunctions } from './functions.ts';
import { endedRuleName } from './storage.ts';

const DAY_SECONDS = 86_400;

/** Executions that ended are recorded. */
export function endedRule(stack: Stack, { place }: Setting, { record }: CoreFunctions): void {
  const { environment } = place;
  const rule = new CfnRule(stack, 'Ended', {
    name: endedRuleName(environment),
    description: 'Executions of this environment that have ended are recorded.',
    eventPattern: {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
        stateMachineArn: [{ prefix: arnOf(place, 'states', `stateMachine:${prefixOf(environment)}`) }],
      },
    },
    targets: [
      {
        id: 'record',
        arn: record.attrArn,
        retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: DAY_SECONDS },
        deadLetterConfig: { arn: arnOf(place, 'sqs', deadLetterQueueName(environment)) },
      },
    ],
  });
  new CfnPermission(stack, 'EndedMayRecord', {
    functionName: record.ref,
    action: 'lambda:InvokeFunction',
    principal: 'events.amazonaws.com',
    sourceArn: rule.attrArn,
  });
}

/** The group of all schedules, the role that they call by, and the sweep's own. */
export function schedulesOfCore(
  stack: Stack,
  { place, aws, sweepMinutes }: Setting,
  { tick, sweep }: CoreFunctions,
): void {
  const name = tableName(place.environment);
  const group = new CfnScheduleGroup(stack, 'Schedules', { name });
  const role = roleOf(stack, 'Fire', {
    name: fireRoleName(place),
    service: 'scheduler.amazonaws.com',
    // A schedule's own ARN would not do. @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    conditions: {
      StringEquals: {
        'aws:SourceAccount': place.account,
        'aws:SourceArn': arnOf(place, 'scheduler', `schedule-group/${name}`),
      },
    },
    rights: [
      allow(
        ['lambda:InvokeFunction'],
        ['tick', 'sweep'].map((one) =>
          arnOf(place, 'lambda', `function:${prefixOf(place.environment)}${one}`),
        ),
      ),
      allow(['sqs:SendMessage'], [arnOf(place, 'sqs', deadLetterQueueName(place.environment))]),
      ...useKey(aws.encryptionKey),
    ],
  });
  const schedule = new CfnSchedule(stack, 'SweepSchedule', {
    name: 'sweep',
    groupName: name,
    scheduleExpression: `rate(${sweepMinutes === 1 ? '1 minute' : `${sweepMinutes} minutes`})`,
    scheduleExpressionTimezone: 'UTC',
    state: 'ENABLED',
    flexibleTimeWindow: { mode: 'OFF' },
    target: targetOf(place, 'sweep', {}),
  });
  for (const needed of [group, role, tick, sweep]) schedule.addResourceDependency(needed);
}
