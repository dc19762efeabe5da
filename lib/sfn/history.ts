/** Histories as GetExecutionHistory gives them. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html */
import type { EventType, HistoryEvent } from '../asl/events.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { ExecutionRecord } from './execution.ts';
import { page } from './pages.ts';
import { flag } from './request.ts';
import { seconds } from './world.ts';

/** What `includeExecutionData: false` leaves out. */
const DATA: ReadonlySet<string> = new Set(['input', 'output', 'inputDetails', 'outputDetails']);

/** Events whose details have a name of their own, whatever they are called. */
const ENTERED = /StateEntered$/;
const EXITED = /StateExited$/;

/** One page of an execution's events. */
export function historyPage(record: ExecutionRecord, input: JsonObject): JsonObject {
  const isReverse = flag(input, 'reverseOrder');
  const withData = flag(input, 'includeExecutionData', true);
  const events = isReverse ? record.events.toReversed() : record.events;
  const list = `history ${isReverse ? '-' : '+'} ${record.arn}`;
  const { items, nextToken } = page(input, list, events, ({ id }) => String(id));
  return { events: items.map((event) => written(event, record, withData)), nextToken };
}

function written(event: HistoryEvent, record: ExecutionRecord, withData: boolean): JsonObject {
  const { id, previousEventId, timestampMs, type } = event;
  const all = { ...event.details, ...extraDetails(event, record) };
  const details = withData
    ? all
    : Object.fromEntries(Object.entries(all).filter(([name]) => !DATA.has(name)));
  const name = detailsName(type);
  const isNamed = Object.keys(event.details).length > 0 || type.startsWith('Execution');
  return {
    timestamp: seconds(timestampMs),
    type,
    id,
    previousEventId,
    ...(isNamed ? { [name]: details } : {}),
  };
}

/** What AWS says beside: whether a text was cut, where a task ran, and which version. */
function extraDetails({ type, details }: HistoryEvent, record: ExecutionRecord): JsonObject {
  const extra: Record<string, Json> = {};
  if (details['input'] !== undefined) extra['inputDetails'] = { truncated: false };
  if (details['output'] !== undefined) extra['outputDetails'] = { truncated: false };
  if (details['assignedVariables'] !== undefined) extra['assignedVariablesDetails'] = { truncated: false };
  if (type === 'TaskScheduled') extra['region'] = record.arn.split(':')[3] ?? '';
  if (type !== 'ExecutionStarted') return extra;
  return { ...extra, stateMachineVersionArn: record.versionArn, stateMachineAliasArn: record.aliasArn };
}

function detailsName(type: EventType): string {
  if (ENTERED.test(type)) return 'stateEnteredEventDetails';
  if (EXITED.test(type)) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}
