/** Firings of a DAG's schedule: nudges, the ledger decides. */
import { shortHash } from '../../base/hash.ts';
import { type AwsPlace, scheduleName, tableName } from '../../deployment/names.ts';
import type { DagNode } from '../../model/dag.ts';
import { type EventBridgeSchedule, eventBridgeSchedules } from '../../schedule/event-bridge.ts';
import { type CfnResource, CfnSchedule, type Construct } from '../cdk.ts';
import { targetOf } from '../fire.ts';

export interface ScheduleOptions {
  readonly dag: DagNode;
  readonly place: AwsPlace;
  /** The stack's name among the environment's. */
  readonly part: string;
}

/** Each is named after what it says: one more, or one less, is nothing to the others. */
export function schedulesOf(scope: Construct, { dag, place, part }: ScheduleOptions): readonly CfnResource[] {
  return eventBridgeSchedules(dag.schedule).map((schedule) => {
    const key = keyOf(schedule);
    return new CfnSchedule(scope, `Schedule${key}`, {
      name: scheduleName(dag.id, part, key),
      groupName: tableName(place.environment),
      scheduleExpression: schedule.expression,
      scheduleExpressionTimezone: schedule.timezone,
      state: 'ENABLED',
      flexibleTimeWindow: windowOf(schedule),
      target: targetOf(place, 'tick', { dag: dag.id, at: '<aws.scheduler.scheduled-time>' }),
    });
  });
}

/** Names have 64 characters, of which DAG and stack may take 57. */
function keyOf({ expression, timezone }: EventBridgeSchedule): string {
  return shortHash(`${expression} ${timezone}`).slice(0, 6);
}

function windowOf({ windowMinutes }: EventBridgeSchedule) {
  return windowMinutes === undefined
    ? { mode: 'OFF' }
    : { mode: 'FLEXIBLE', maximumWindowInMinutes: windowMinutes };
}
