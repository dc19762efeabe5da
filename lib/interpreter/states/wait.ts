import type { WaitState } from '../../asl/states.ts';
import type { Json } from '../../base/json.ts';
import { EvaluationError } from '../failure.ts';
import { textOf } from '../json-text.ts';
import { type Template, typedTemplate } from '../template.ts';
import { dataFlow, type Runner, type Step, type Visit } from '../visit.ts';

const TIMESTAMP =
  /^(\d{4,})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d{2}):(\d{2})(?::\d{2})?)$/;

/** A state that waits: a number of seconds, or until an instant. @see https://states-language.net/spec.html#wait-state */
export function wait(state: WaitState): Runner {
  const flow = dataFlow(state);
  const until = deadline(state);
  const leave = (visit: Visit): Step | Promise<Step> =>
    visit.exit(flow, { next: state.Next, fallback: visit.input });
  return async (visit) => {
    await visit.frame.until(await until(visit));
    return leave(visit);
  };
}

/**
 * Milliseconds since the epoch of an ISO-8601 extended offset date-time, digits below the millisecond
 * dropped; `undefined` when the text is none.
 */
export function parseTimestamp(text: string): number | undefined {
  const [match, ...parts] = TIMESTAMP.exec(text) ?? [];
  if (match === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map((part) => Number(part ?? 0));
  const millis = Number((parts[6] ?? '').padEnd(3, '0').slice(0, 3));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const isReal =
    new Date(local).getUTCDate() === day && month <= 12 && hour < 24 && minute < 60 && second < 60;
  const offsetMinutes = Number(parts[8] ?? 0) * 60 + Number(parts[9] ?? 0);
  return isReal && offsetMinutes <= 18 * 60
    ? local - (parts[7] === '-' ? -1 : 1) * offsetMinutes * 60_000
    : undefined;
}

function deadline(state: WaitState): (visit: Visit) => Promise<number> {
  if (state.Timestamp !== undefined) {
    const timestamp = typedTemplate(state.Timestamp, 'Timestamp', 'string');
    return async (visit) => instant(await timestamp(visit.scope()));
  }
  const seconds: Template = typedTemplate(state.Seconds ?? 0, 'Seconds', 'number');
  return async (visit) => visit.frame.execution.clock.now() + milliseconds(await seconds(visit.scope()));
}

function instant(value: Json): number {
  const parsed = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (parsed !== undefined) return parsed;
  throw new EvaluationError('Timestamp', {
    text: `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${value}`,
  });
}

function milliseconds(value: Json): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value * 1_000;
  throw new EvaluationError('Seconds', {
    text: `The Seconds field must be a non-negative integer but was: ${textOf(value)}`,
  });
}
