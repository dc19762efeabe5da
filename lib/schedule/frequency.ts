import type { ScheduleNode } from '../model/schedule.ts';
import { nextTick } from './data-interval.ts';

const DAY = 86_400_000;
const DAYS_PER_MONTH = 365.2425 / 12;
/** As many as every schedule of a minute fires in a day. */
const MOST_TICKS = 1440;
/** 29 February comes once in four years. */
const SPAN_DAYS = 4 * 365.25;

/** How many runs a schedule starts in a month, on average; 0 for manual and continuous ones, whose runs nothing foretells. The same whenever it is asked. */
export function runsPerMonth(schedule: ScheduleNode): number {
  const startMs = Date.UTC(2025, 0, 1);
  let ticks = 0;
  let lastMs = startMs;
  while (ticks < MOST_TICKS) {
    const next = nextTick(schedule, lastMs);
    if (next === undefined || next - startMs > SPAN_DAYS * DAY) break;
    lastMs = next;
    ticks++;
  }
  const days = ticks < MOST_TICKS ? SPAN_DAYS : (lastMs - startMs) / DAY;
  return (ticks / days) * DAYS_PER_MONTH;
}
