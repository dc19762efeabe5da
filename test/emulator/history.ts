/** GetExecutionHistory of any Step Functions, read into the project's own events. */
import { GetExecutionHistoryCommand, type HistoryEvent as Sent, type SFNClient } from '@aws-sdk/client-sfn';
import type { EventType, HistoryEvent } from '../../lib/asl/events.ts';
import { isObject, type JsonObject } from '../../lib/base/json.ts';

/** Every event of an execution so far, oldest first. */
export async function historyOf(client: SFNClient, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }),
    );
    events.push(...(page.events ?? []).map(eventFrom));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

function eventFrom(sent: Sent): HistoryEvent {
  const { id = 0, previousEventId = 0, timestamp, type } = sent;
  return {
    id,
    previousEventId,
    timestampMs: timestamp?.getTime() ?? 0,
    type: type as EventType,
    details: detailsOf(sent),
  };
}

/** What stands in the one member that is named after the type. */
function detailsOf(sent: Sent): JsonObject {
  const [, details] = Object.entries(sent).find(([name]) => name.endsWith('EventDetails')) ?? [];
  return isObject(details) ? details : {};
}
