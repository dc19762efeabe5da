/** Histories of several executions as one, in the order in which things happened. */
import type { ChildExecution, HistoryEvent } from '../asl/events.ts';
import { childEvent, type RunEvent } from '../history/run-event.ts';

/** One execution's events. */
export interface Course {
  readonly id: string;
  readonly events: readonly HistoryEvent[];
  /** Absent: of the run's own. */
  readonly parent: ChildExecution['parent'] | undefined;
}

interface Stream extends Course {
  next: number;
}

/**
 * By their times; an execution's events come after the one that started it, whatever clocks say. Where several are of
 * one millisecond, what was started goes before what started it, so that it has ended when that goes on. What an
 * execution still does after the run's end is left out: nobody waits for it, it is about to be stopped.
 */
export function inOrder(courses: readonly Course[]): readonly RunEvent[] {
  const [own] = courses;
  if (own === undefined) return [];
  const endMs = endOf(own.events);
  const waiting = Map.groupBy(courses.slice(1), ({ parent }) => keyOf(parent?.execution, parent?.eventId));
  const streams: Stream[] = [{ ...own, next: 0 }];
  const ordered: RunEvent[] = [];
  for (let stream = earliest(streams); stream !== undefined; stream = earliest(streams)) {
    const event = taken(stream, streams);
    if (event === undefined) continue;
    if (isWanted(stream, event, endMs)) ordered.push(asRunEvent(stream, event));
    const begun = waiting.get(keyOf(stream.id, event.id)) ?? [];
    streams.push(...begun.map((course) => ({ ...course, next: 0 })));
  }
  return ordered;
}

/** Its next event; a stream without more is put away. */
function taken(stream: Stream, streams: Stream[]): HistoryEvent | undefined {
  const event = stream.events[stream.next];
  stream.next += 1;
  if (stream.next >= stream.events.length) streams.splice(streams.indexOf(stream), 1);
  return event;
}

function isWanted({ parent }: Course, { type, timestampMs }: HistoryEvent, endMs: number): boolean {
  return parent === undefined || timestampMs <= endMs || type.startsWith('Execution');
}

function asRunEvent({ id, parent }: Course, event: HistoryEvent): RunEvent {
  return parent === undefined ? event : childEvent(event, { id, parent });
}

/** Later ones were started by earlier ones. */
function earliest(streams: readonly Stream[]): Stream | undefined {
  let found: Stream | undefined;
  for (const stream of streams) if (found === undefined || timeOf(stream) <= timeOf(found)) found = stream;
  return found;
}

function timeOf({ events, next }: Stream): number {
  return events[next]?.timestampMs ?? 0;
}

function endOf(events: readonly HistoryEvent[]): number {
  const last = events.at(-1);
  return last?.type.startsWith('Execution') === true && last.type !== 'ExecutionStarted'
    ? last.timestampMs
    : Number.POSITIVE_INFINITY;
}

function keyOf(execution: string | undefined, eventId: number | undefined): string {
  return `${execution ?? ''} ${eventId ?? ''}`;
}
