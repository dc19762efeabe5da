/** Why an interval of a schedule has no run. */
import type { DataInterval } from './data-interval.ts';
import {
  authoredBounds,
  type Definition,
  newestInterval,
  passedMs,
  scheduledBounds,
  scheduledDag,
  skipsLaterThanMs,
} from './due-intervals.ts';
import { isoText } from './run-interval.ts';
import { pausedReason } from './startable.ts';

export interface Verdict {
  readonly code: VerdictCode;
  readonly text: string;
}

/** `missing`: by the rules it should have one. */
export type VerdictCode =
  | 'before_start'
  | 'pruned'
  | 'after_end'
  | 'not_complete'
  | 'retired'
  | 'paused'
  | 'catchup'
  | 'too_late'
  | 'pending'
  | 'missing';

/** Why an interval that has no run has none, and whether it will get one. */
export function verdictOf(definition: Definition, interval: DataInterval, nowMs: number): Verdict {
  const { head } = definition;
  const outside = outOfBounds(definition, interval);
  if (outside !== undefined) return outside;
  if (interval.endMs > nowMs)
    return {
      code: 'not_complete',
      text: `it ends at ${isoText(interval.endMs)}, and its run may start then`,
    };
  if (interval.endMs <= passedMs(definition)) return passedOver(definition, interval);
  if (head.retiredAt !== undefined)
    return { code: 'retired', text: `the DAG left the project at ${head.retiredAt}` };
  if (head.paused) return { code: 'paused', text: pausedReason(head).text };
  return notYet(definition, interval, nowMs);
}

function outOfBounds(definition: Definition, { startMs }: DataInterval): Verdict | undefined {
  const { dag, head } = definition;
  const bounds = scheduledBounds(definition);
  if (startMs >= bounds.endMs)
    return { code: 'after_end', text: `it is not before the DAG's end, ${dag.end}` };
  if (startMs >= bounds.startMs) return undefined;
  if (startMs >= authoredBounds(definition).startMs)
    return {
      code: 'pruned',
      text: `runs up to ${head.prunedThrough} were removed for their age or number, and are not made again`,
    };
  const because =
    dag.start === undefined
      ? `it ended before the DAG was registered, at ${head.registeredAt}; a start in the past would include it`
      : `it is before the DAG's start, ${dag.start}`;
  return { code: 'before_start', text: because };
}

function passedOver({ dag }: Definition, interval: DataInterval): Verdict {
  if (dag.skipIfLate !== undefined) return tooLate(dag.skipIfLate);
  if (!dag.catchup) return WITHOUT_CATCHUP;
  return { code: 'missing', text: `it ended at ${isoText(interval.endMs)} and should have a run` };
}

function notYet(definition: Definition, interval: DataInterval, nowMs: number): Verdict {
  const { dag } = definition;
  const laterMs = skipsLaterThanMs(dag);
  if (dag.skipIfLate !== undefined && laterMs !== undefined && interval.endMs < nowMs - laterMs)
    return tooLate(dag.skipIfLate);
  const newest = newestInterval(scheduledDag(definition), nowMs, scheduledBounds(definition).endMs);
  if (!dag.catchup && newest !== undefined && interval.startMs < newest.startMs) return WITHOUT_CATCHUP;
  return { code: 'pending', text: 'its run is made with the next look at the schedule' };
}

const WITHOUT_CATCHUP: Verdict = {
  code: 'catchup',
  text: 'a newer interval ended before anybody looked, and without catchup only the newest gets a run',
};

function tooLate(skipIfLate: string | number): Verdict {
  const after = typeof skipIfLate === 'number' ? `${skipIfLate}s` : skipIfLate;
  return { code: 'too_late', text: `no run could be made within ${after} of its end (skipIfLate)` };
}
