import { simulateSchedule } from '../../lib/local/virtual/simulate-schedule.ts';
import { dailySales } from '../../pipelines/daily-sales.ts';
import { figure, medianSec, note } from './measure.ts';

const YEAR = { from: '2026-01-01', to: '2027-01-01T12:00:00Z' } as const;

/** A year of `daily_sales` on the real scheduler and machine: one try in twenty fails and is tried again. */
export async function simulateBench(): Promise<void> {
  await figure('simulate.year_s', 's', () => medianSec(5, year));
  const { runs, intervals, transitions, dollars, problems, failures } = await year();
  const tries = runs.flatMap(({ tasks }) => Object.values(tasks).map((task) => task.tries));
  note(
    [
      `${runs.length} runs of ${intervals.length} intervals`,
      `${tries.reduce((sum, count) => sum + count, 0)} tries`,
      `${runs.filter(({ state }) => state === 'success').length} succeeded`,
      `${transitions} transitions, $${dollars.toFixed(3)}`,
      `${problems.length + failures.length} problems`,
    ].join(', '),
  );
}

function year() {
  return simulateSchedule({ ...YEAR, dags: [dailySales], faults: 0.05 });
}
