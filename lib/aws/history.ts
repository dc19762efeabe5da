/** The history of a run: its own execution, and those that this one started as parts of itself. */
import type { ExecutionListItem, ExecutionStatus } from '@aws-sdk/client-sfn';
import type { HistoryEvent } from '../asl/events.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { RunEvent } from '../history/run-event.ts';
import { executionArnOf } from './executions.ts';
import { eventsOf, type Sfn } from './history-page.ts';
import { type Course, inOrder } from './in-order.ts';
import { DescribeMapRunCommand, ListExecutionsCommand } from './signed/commands.ts';

export interface RunHistory {
  /** In the order of time, what started an execution before its events. */
  readonly events: readonly RunEvent[];
  /** Of all executions together. */
  readonly transitions: number;
  /** The event that ended it. Absent: it goes on. */
  readonly end?: HistoryEvent;
}

/** Instances of a Map, each an execution, above which only those are read that did not succeed. */
const MOST_INSTANCES = 1_000;

/** Histories read at a time: the budget of an account is 20 calls a second. */
const AT_ONCE = 6;

/** Reads it as far as it is; `undefined` where there is no such execution, or not any more. */
export async function runHistory(client: Sfn, executionArn: string): Promise<RunHistory | undefined> {
  const events = await eventsOf(client, executionArn);
  if (events === undefined) return undefined;
  const own: Course = { id: executionArn, events, parent: undefined };
  const courses = [own, ...(await startedBy(client, own, machinesIn(events)))];
  const last = events.at(-1);
  const end = last !== undefined && isEnd(last) ? last : undefined;
  return {
    events: inOrder(courses),
    transitions: courses.reduce((sum, course) => sum + transitionsOf(course.events), 0),
    ...(end === undefined ? {} : { end }),
  };
}

/** ARNs of what a run's execution started as parts of itself, and what has not ended. */
export async function runningParts(client: Sfn, executionArn: string): Promise<readonly string[]> {
  const events = await eventsOf(client, executionArn);
  if (events === undefined) return [];
  const courses = await startedBy(
    client,
    { id: executionArn, events, parent: undefined },
    machinesIn(events),
  );
  return courses
    .filter((course) => course.parent?.index === undefined && !course.events.some(isEnd))
    .map(({ id }) => id);
}

/** An execution that has ended begins with `Execution` once more. */
export function isEnd({ type }: HistoryEvent): boolean {
  return type.startsWith('Execution') && type !== 'ExecutionStarted';
}

/** Parts of the run's own machine: another DAG's machine is no part of it. */
function machinesIn(events: readonly HistoryEvent[]): ReadonlySet<string> {
  const run = objectIn(events[0]?.details['input'])?.['run'];
  const machines = isObject(run) && isObject(run['machines']) ? run['machines'] : {};
  return new Set(Object.values(machines).map(String));
}

/** All executions below one, each before those that it started. */
async function startedBy(
  client: Sfn,
  starter: Course,
  machines: ReadonlySet<string>,
): Promise<readonly Course[]> {
  const found: Child[] = [...partsOf(starter.events, machines)];
  for (const event of starter.events) {
    if (event.type !== 'MapRunStarted') continue;
    const arns = await instancesOf(client, String(event.details['mapRunArn']));
    found.push(...arns.map((arn) => ({ arn, eventId: event.id, isInstance: true as const })));
  }
  const courses = await eachOf(found, async ({ arn, eventId, isInstance }): Promise<readonly Course[]> => {
    const events = await eventsOf(client, arn);
    if (events === undefined) return [];
    const index = isInstance === true ? indexIn(events) : undefined;
    const parent = { execution: starter.id, eventId, ...(index === undefined ? {} : { index }) };
    const course: Course = { id: arn, events, parent };
    return [course, ...(await startedBy(client, course, machines))];
  });
  return courses.flat();
}

interface Child {
  readonly arn: string;
  /** Event of the starter that it begins at. */
  readonly eventId: number;
  /** An item of a Map. */
  readonly isInstance?: true;
}

/** What was started by `states:startExecution.sync`. Scheduled, started and submitted follow one another. */
function partsOf(events: readonly HistoryEvent[], machines: ReadonlySet<string>): readonly Child[] {
  const asked = new Map<number, JsonObject>();
  const parts: Child[] = [];
  for (const event of events) {
    const { id, previousEventId, type, details } = event;
    if (!String(details['resource']).startsWith('startExecution.sync')) continue;
    const call = type === 'TaskScheduled' ? objectIn(details['parameters']) : asked.get(previousEventId);
    if (call === undefined || !machines.has(String(call['StateMachineArn']))) continue;
    asked.set(id, call);
    if (type === 'TaskSubmitted') parts.push({ arn: startedArn(event, call), eventId: previousEventId });
  }
  return parts;
}

/** As it was answered, or as it follows from what was asked. */
function startedArn({ details }: HistoryEvent, { StateMachineArn, Name }: JsonObject): string {
  const { ExecutionArn } = objectIn(details['output']) ?? {};
  if (typeof ExecutionArn === 'string') return ExecutionArn;
  return executionArnOf(String(StateMachineArn), String(Name));
}

/** Executions of a distributed Map: all of them, or where there are many those that did not succeed. */
async function instancesOf(client: Sfn, mapRunArn: string): Promise<readonly string[]> {
  const { executionCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
  if ((executionCounts?.total ?? 0) <= MOST_INSTANCES) return listed(client, mapRunArn, undefined);
  const bad: string[] = [];
  for (const status of ['FAILED', 'TIMED_OUT', 'ABORTED'] as const)
    if (bad.length < MOST_INSTANCES) bad.push(...(await listed(client, mapRunArn, status)));
  return bad.slice(0, MOST_INSTANCES);
}

async function listed(
  client: Sfn,
  mapRunArn: string,
  statusFilter: ExecutionStatus | undefined,
): Promise<readonly string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page: { executions?: ExecutionListItem[] | undefined; nextToken?: string | undefined } =
      await client.send(
        new ListExecutionsCommand({ mapRunArn, maxResults: MOST_INSTANCES, statusFilter, nextToken }),
      );
    for (const { executionArn } of page.executions ?? [])
      if (executionArn !== undefined) arns.push(executionArn);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && arns.length < MOST_INSTANCES);
  return arns;
}

/** Place of the item in its list: compiled Maps hand it to each. */
function indexIn(events: readonly HistoryEvent[]): number | undefined {
  const index = objectIn(events[0]?.details['input'])?.['index'];
  return typeof index === 'number' ? index : undefined;
}

/** States entered, and tries made again. */
function transitionsOf(events: readonly HistoryEvent[]): number {
  const types = new Map(events.map(({ id, type }) => [id, type]));
  return events.filter(
    ({ type, previousEventId }) =>
      type.endsWith('StateEntered') ||
      (type === 'TaskScheduled' && types.get(previousEventId) !== 'TaskStateEntered'),
  ).length;
}

async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return items.flatMap((_, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
}

function objectIn(text: Json | undefined): JsonObject | undefined {
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  return isObject(value) ? value : undefined;
}
