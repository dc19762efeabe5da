/** GetExecutionHistory, read into the project's own events. */
import type { HistoryEvent as Sent } from '@aws-sdk/client-sfn';
import type { EventType, HistoryEvent } from '../asl/events.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { isNamed } from '../runtime/named-error.ts';
import type { AwsClient } from './signed/command.ts';
import { GetExecutionHistoryCommand } from './signed/commands.ts';

export type Sfn = AwsClient;

/** Most events of a page. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html */
const PAGE = 1_000;

/** Every event of an execution so far, oldest first; `undefined` where it is not known, or not any more (90 days). */
export async function eventsOf(
  client: Sfn,
  executionArn: string,
): Promise<readonly HistoryEvent[] | undefined> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page: { events?: Sent[] | undefined; nextToken?: string | undefined } = await client.send(
        new GetExecutionHistoryCommand({
          executionArn,
          maxResults: PAGE,
          includeExecutionData: true,
          nextToken,
        }),
      );
      for (const event of page.events ?? []) events.push(eventFrom(event));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
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
  if (!isObject(details)) return {};
  const { cause } = details;
  return typeof cause === 'string' ? { ...details, cause: messageIn(cause) } : details;
}

/** What a function threw comes as `{"errorType":…,"errorMessage":…,"trace":[…]}`: people are told its message, as here. */
function messageIn(cause: string): string {
  if (!cause.startsWith('{')) return cause;
  try {
    const thrown: Json = JSON.parse(cause);
    const { errorType, errorMessage } = isObject(thrown) ? thrown : {};
    return typeof errorType === 'string' && typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
