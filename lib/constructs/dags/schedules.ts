/** Firings of a DAG's schedule: nudges, the ledger decides. */
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
  /** Milliseconds since the epoch: what would have fired before is left out. */
  readonly nowMs: number;
}

export function schedulesOf(
  scope: Construct,
  { dag, place, part, nowMs }: ScheduleOptions,
): readonly CfnResource[] {
  return eventBridgeSchedules(dag.schedule).flatMap((schedule, position) => {
    if (isOver(schedule, nowMs)) return [];
    return new CfnSchedule(scope, `Schedule${position === 0 ? '' : position}`, {
      name: scheduleName(dag.id, part, position),
      groupName: tableName(place.environment),
      scheduleExpression: schedule.expression,
      scheduleExpressionTimezone: schedule.timezone,
      state: 'ENABLED',
      flexibleTimeWindow: windowOf(schedule),
      target: targetOf(place, 'tick', { dag: dag.id, at: '<aws.scheduler.scheduled-time>' }),
    });
  });
}

function windowOf({ windowMinutes }: EventBridgeSchedule) {
  return windowMinutes === undefined
    ? { mode: 'OFF' }
    : { mode: 'FLEXIBLE', maximumWindowInMinutes: windowMinutes };
}

function isOver({ expression }: EventBridgeSchedule, nowMs: number): boolean {
  const [, at] = /^at\((.*)\)$/.exec(expression) ?? [];
  return at !== undefined && Date.parse(`${at}Z`) <= nowMs;
}
