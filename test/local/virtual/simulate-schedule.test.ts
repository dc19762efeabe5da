import { describe, expect, test } from 'vitest';
import { cron, dag, every, fn, glue, pool } from '../../../lib/index.ts';
import type { ScheduleOptions } from '../../../lib/local/virtual/schedule-simulation.ts';
import { simulateSchedule } from '../../../lib/local/virtual/simulate-schedule.ts';
import { dailySales } from '../../../pipelines/daily-sales.ts';

/** May take hours: a function may not. */
const job = glue.startJob({ jobName: 'job' });

const hourly = dag(
  'hourly',
  {
    schedule: every('1h'),
    start: '2026-01-01',
    catchup: true,
    maxActiveRuns: 1,
    defaults: { retries: { attempts: 1, delay: '5m' } },
  },
  ({ task }) => {
    const load = task('load', job);
    task('report', job, { after: load });
  },
);

const newest = dag(
  'newest',
  { schedule: cron('@daily'), start: '2026-01-01', deadline: '2h' },
  ({ task }) => {
    task('only', job);
  },
);

const DAY = { from: '2026-01-01', to: '2026-01-02T00:30:00Z' } as const;

const simulated = (options: Partial<ScheduleOptions>) =>
  simulateSchedule({ dags: [hourly], ...DAY, ...options });

/** Intervals by their hour: what became of each. */
async function hours(options: Partial<ScheduleOptions>) {
  const { runs, intervals, problems, failures } = await simulated(options);
  expect({ problems, failures }).toEqual({ problems: [], failures: [] });
  const states = new Map(runs.map(({ logicalDate, state }) => [logicalDate, state]));
  return intervals.map(({ logicalDate, code }) => states.get(logicalDate) ?? code);
}

describe('a schedule in virtual time', () => {
  test('runs every interval once, at its end, the night of a change of the clock included', async () => {
    const { runs, intervals, problems, failures, transitions, dollars } = await simulateSchedule({
      dags: [dailySales],
      from: '2026-03-28',
      to: '2026-04-01T12:00:00Z',
    });
    expect({ problems, failures }).toEqual({ problems: [], failures: [] });
    expect(runs.map(({ logicalDate, startedAt, state }) => [logicalDate, startedAt, state])).toEqual([
      ['2026-03-27T01:00:00Z', '2026-03-28T01:00:00Z', 'success'],
      ['2026-03-28T01:00:00Z', '2026-03-29T01:00:00Z', 'success'],
      ['2026-03-29T01:00:00Z', '2026-03-30T00:00:00Z', 'success'],
      ['2026-03-30T00:00:00Z', '2026-03-31T00:00:00Z', 'success'],
      ['2026-03-31T00:00:00Z', '2026-04-01T00:00:00Z', 'success'],
    ]);
    expect(intervals).toHaveLength(5);
    expect(runs[0]?.tasks['fetch']).toEqual({
      state: 'success',
      tries: 1,
      startedAt: '2026-03-28T01:00:00Z',
      endedAt: '2026-03-28T01:00:01Z',
    });
    expect(transitions).toBe(runs.reduce((sum, run) => sum + (run.transitions ?? 0), 0));
    expect(dollars).toBeCloseTo((transitions * 25) / 1e6, 9);
  });

  test('begins with what is due at once, and ends before what is due then', async () => {
    const { runs } = await simulateSchedule({ dags: [newest], from: '2026-01-05', to: '2026-01-07' });
    expect(runs.map(({ startedAt }) => startedAt)).toEqual(['2026-01-05T00:00:00Z', '2026-01-06T00:00:00Z']);
  });

  test('of DAGs that are new, catches up those since their start, one at a time', async () => {
    const range = { from: '2026-03-28', to: '2026-03-28T12:00:00Z', fresh: true } as const;
    const { runs, intervals, problems } = await simulateSchedule({ dags: [dailySales, newest], ...range });
    const of = (id: string) => runs.filter(({ dagId }) => dagId === id).map((run) => run.logicalDate);
    expect([of('daily_sales').length, of('daily_sales')[0]]).toEqual([86, '2026-01-01T01:00:00Z']);
    expect(of('newest')).toEqual(['2026-03-27T00:00:00Z']);
    expect(intervals).toHaveLength(87);
    expect(problems).toEqual([]);
  });

  test('gives the same for the same seed', async () => {
    const one = await simulated({ faults: 0.3, seed: 7 });
    const same = await simulated({ faults: 0.3, seed: 7 });
    const other = await simulated({ faults: 0.3, seed: 8 });
    expect(same.runs).toEqual(one.runs);
    expect(other.runs).not.toEqual(one.runs);
    const tries = one.runs.flatMap(({ tasks }) => Object.values(tasks).map((task) => task.tries));
    expect(tries).toContain(2);
    expect(new Set(one.runs.map(({ state }) => state))).toEqual(new Set(['success', 'failed']));
  });

  test('an outage fails what needs it, as long as retries do not outlast it', async () => {
    const events = [
      { from: '2026-01-01T03:59:00Z', to: '2026-01-01T05:02:00Z', outage: 'hourly/load' },
    ] as const;
    const { runs } = await simulated({ events });
    expect(
      runs.slice(2, 5).map(({ state, tasks }) => [state, tasks['load']?.tries, tasks['report']?.state]),
    ).toEqual([
      ['success', 1, 'success'],
      ['failed', 2, 'upstream_failed'],
      ['success', 2, 'success'],
    ]);
    expect(runs[3]?.failed?.[0]).toMatchObject({ task: 'load', error: 'Simulation.Outage' });
  });

  test('a pause keeps runs from being made; catchup decides what follows it', async () => {
    const events = (id: string) =>
      [
        { at: '2026-01-01T02:30:00Z', pause: id },
        { at: '2026-01-01T05:30:00Z', unpause: id },
      ] as const;
    expect(new Set(await hours({ events: events('hourly') }))).toEqual(new Set(['success']));
    const lazy = dag('lazy', { schedule: every('1h'), start: '2026-01-01' }, ({ task }) => {
      task(
        'only',
        fn(() => 1),
      );
    });
    const codes = await hours({ dags: [lazy], events: events('lazy') });
    expect(codes.slice(0, 7)).toEqual([
      'success',
      'success',
      'catchup',
      'catchup',
      'success',
      'success',
      'success',
    ]);
  });

  test('a scheduler that is down makes nothing, and catches up once it is back', async () => {
    const events = [{ from: '2026-01-01T02:30:00Z', to: '2026-01-01T07:15:00Z', down: true }] as const;
    const { runs } = await simulated({ events });
    expect(runs.slice(1, 8).map(({ createdAt }) => createdAt.slice(11, 16))).toEqual([
      '02:00',
      '07:15',
      '07:15',
      '07:15',
      '07:15',
      '07:15',
      '08:00',
    ]);
  });

  test('a killed process loses what it ran, and nothing else', async () => {
    const scripts = { hourly: { load: [{ durationSec: 1500 }] } };
    const states = await hours({ scripts, events: [{ at: '2026-01-01T04:10:00Z', kill: true }] });
    expect(states).toEqual(states.map((_, index) => (index === 3 ? 'failed' : 'success')));
  });

  test('a run that takes longer than its interval holds up the next ones, and nothing is dropped', async () => {
    const script = ({
      execution,
    }: {
      readonly execution: { readonly run: { readonly logicalDate: string } };
    }) => (execution.run.logicalDate === '2026-01-01T02:00:00Z' ? { durationSec: 3 * 3600 } : undefined);
    const { runs } = await simulated({ scripts: { hourly: script } });
    expect(runs.slice(2, 6).map(({ startedAt }) => startedAt?.slice(11, 16))).toEqual([
      '03:00',
      '09:00',
      '09:00',
      '09:00',
    ]);
  });

  test('what goes on at the end is left as it is', async () => {
    const { runs } = await simulated({ scripts: { hourly: { report: [{ durationSec: 7200 }] } } });
    expect(runs.map(({ state }) => state).filter((state) => state !== 'success')).toEqual([
      'running',
      ...Array(12).fill('queued'),
    ]);
  });

  test('a run is late that is not done by its deadline', async () => {
    const slow = { newest: { only: [{ durationSec: 7201 }] } };
    const late = async (scripts: ScheduleOptions['scripts'] & object) =>
      (
        await simulateSchedule({ dags: [newest], from: '2026-01-01', to: '2026-01-03T12:00:00Z', scripts })
      ).runs.map((run) => run.late);
    expect(await late(slow)).toEqual([true, true]);
    expect(await late({})).toEqual([false, false]);
  });

  test('people are told of failures, recoveries and deadlines as they come', async () => {
    const events = [{ from: '2026-01-02T00:00:00Z', to: '2026-01-03T00:00:00Z', outage: 'newest' }] as const;
    const range = { from: '2026-01-01', to: '2026-01-04T12:00:00Z' } as const;
    const slow = ({
      execution: { run },
    }: {
      readonly execution: { readonly run: { readonly logicalDate: string } };
    }) => (run.logicalDate.startsWith('2026-01-03') ? { durationSec: 8000 } : undefined);
    const scripts = { newest: { only: [{}] } };
    const { messages } = await simulateSchedule({
      dags: [newest],
      ...range,
      events,
      scripts: { newest: slow },
    });
    expect(messages.map(({ kind, at }) => [kind, at])).toEqual([
      ['failed', '2026-01-02T00:00:01Z'],
      ['recovered', '2026-01-03T00:00:01Z'],
      ['late', '2026-01-04T02:00:01Z'],
    ]);
    expect((await simulateSchedule({ dags: [newest], ...range, scripts })).messages).toEqual([]);
  });

  test('pools are shared by all runs of all DAGs', async () => {
    const one = pool('one', { slots: 1 });
    const sharing = (id: string) =>
      dag(id, { schedule: cron('@daily'), start: '2026-01-01' }, ({ task }) => {
        task(
          'only',
          fn(() => 1),
          { pool: one },
        );
      });
    const { runs } = await simulateSchedule({
      dags: [sharing('a'), sharing('b')],
      from: '2026-01-01',
      to: '2026-01-03',
      scripts: { a: { only: [{ durationSec: 60 }] } },
    });
    expect(runs.find(({ dagId }) => dagId === 'b')?.endedAt).toBe('2026-01-02T00:01:01Z');
  });

  test('people clear, backfill, mark and trigger meanwhile', async () => {
    const { runs } = await simulated({
      scripts: {
        hourly: ({ task, execution: { run } }) =>
          task === 'report' && run.logicalDate === '2026-01-01T02:00:00Z' && run.attempt === '1'
            ? { outcome: 'failed' }
            : undefined,
      },
      events: [
        {
          at: '2026-01-01T10:30:00Z',
          clear: { dagId: 'hourly', runs: { runId: '2026-01-01T02:00:00Z' }, onlyFailed: true },
        },
        {
          at: '2026-01-01T11:30:00Z',
          backfill: {
            dagId: 'hourly',
            from: '2026-01-01T03:00:00Z',
            to: '2026-01-01T04:00:00Z',
            reprocess: 'completed',
          },
        },
        {
          at: '2026-01-01T12:30:00Z',
          mark: {
            dagId: 'hourly',
            runs: { runId: '2026-01-01T05:00:00Z' },
            tasks: ['report'],
            state: 'failed',
          },
        },
        {
          at: '2026-01-01T13:30:00Z',
          trigger: { dagId: 'hourly', logicalDate: '2026-01-01T00:00:00Z', id: 'again' },
        },
      ],
    });
    expect(runs.slice(0, 2).map(({ id, type }) => [id, type])).toEqual([
      ['2026-01-01T00:00:00Z', 'scheduled'],
      ['2026-01-01T00:00:00Z~again', 'manual'],
    ]);
    expect(runs.slice(2, 8).map(({ state, attempt }) => [state, attempt])).toEqual([
      ['success', 1],
      ['success', 2],
      ['success', 2],
      ['success', 2],
      ['failed', 1],
      ['success', 1],
    ]);
    expect(runs[3]?.tasks).toMatchObject({
      report: { state: 'success', tries: 1, startedAt: '2026-01-01T10:30:00Z' },
    });
  });

  test.each([
    [{ at: '2026-01-01T01:00:00Z', pause: 'hourli' }, 'unknown-dag', 'events[0].pause'],
    [{ at: '2026-01-01T01:00:00Z', trigger: { dagId: 'other' } }, 'unknown-dag', 'events[0].trigger'],
    [
      { from: '2026-01-01', to: '2026-01-02', outage: 'hourly/lode' },
      'unknown-task',
      'there are load, report',
    ],
    [{ at: 'soon', kill: true }, 'invalid-instant', 'got "soon"'],
  ] as const)('refuses the event %j', async (event, code, text) => {
    await expect(simulated({ events: [event] })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test.each([
    ['2026-01-02', '2026-01-01'],
    ['2026-01-01', '2026-01-01'],
    ['soon', '2026-01-01'],
  ])('refuses the range %s to %s', async (from, to) => {
    await expect(simulated({ from, to })).rejects.toMatchObject({ code: 'invalid-range' });
  });
});
