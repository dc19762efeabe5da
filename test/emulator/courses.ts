/** The executions of a run: its own, and those that it starts by `startExecution.sync:2`. */
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../../lib/asl/events.ts';
import { childEvent, type RunEvent } from '../../lib/history/run-event.ts';
import { historyOf } from './history.ts';
import type { Course } from './quiet.ts';
import { strandsOf } from './strands.ts';

/** Everything that an execution and those below it have done so far. */
export async function courseOf(client: SFNClient, executionArn: string): Promise<Course> {
  const events = await historyOf(client, executionArn);
  const scheduled = new Map<number, HistoryEvent>();
  const starts: (readonly [number, string])[] = [];
  for (const event of events) {
    const { id, previousEventId, type, details } = event;
    if (!String(details['resource']).startsWith('startExecution.sync')) continue;
    // Scheduled, started and submitted follow one another.
    const asked = type === 'TaskScheduled' ? event : scheduled.get(previousEventId);
    if (asked === undefined) continue;
    scheduled.set(id, asked);
    if (type === 'TaskSubmitted') starts.push([id, startedArn(asked)]);
  }
  const started = starts.map(async ([id, arn]) => [id, await courseOf(client, arn)] as const);
  return { events, root: strandsOf(events), started: new Map(await Promise.all(started)) };
}

/** The events of a run as its projector takes them. */
export function runEvents({ events, started }: Course, execution = 'run'): readonly RunEvent[] {
  const below = [...started].flatMap(([submitted, course]) => {
    const id = `${execution}/${submitted}`;
    const eventId = events.find((event) => event.id === submitted)?.previousEventId ?? 0;
    const own = course.events.map((event) => childEvent(event, { id, parent: { execution, eventId } }));
    return [...own, ...runEvents(course, id).slice(course.events.length)];
  });
  return [...events, ...below];
}

/** The ARN of an execution follows from its machine's and its name. */
function startedArn({ details }: HistoryEvent): string {
  const { StateMachineArn, Name } = JSON.parse(String(details['parameters']));
  return `${String(StateMachineArn).replace(':stateMachine:', ':execution:')}:${Name}`;
}
