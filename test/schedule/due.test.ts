import { describe, expect, test } from 'vitest';
import type { DagNode } from '../../lib/model/dag.ts';
import type { Run } from '../../lib/model/run.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { due, type Ledger, MOST_CREATED } from '../../lib/schedule/due.ts';
import { type Definition, watermarkBasis } from '../../lib/schedule/due-intervals.ts';
import { verdictOf } from '../../lib/schedule/verdict.ts';
import { emptyDag } from '../build.ts';

const DAILY: ScheduleNode = {
  kind: 'cron',
  expression: '30 2 * * *',
  timezone: 'Europe/Berlin',
  interval: 'data',
};
const NOON = '2026-03-29T10:00:00Z';
const NOTHING: Ledger = { existing: new Set(), open: [], maxActiveRuns: 16 };

function definitionOf(options: Partial<DagNode> = {}, head: Partial<Definition['head']> = {}): Definition {
  const dag = { ...emptyDag('d'), schedule: DAILY, ...options };
  return { dag, head: { paused: false, registeredAt: '2026-03-26T12:00:00Z', ...head } };
}

function created(definition: Definition, now = NOON, ledger = NOTHING): readonly string[] {
  return due(definition, Date.parse(now), ledger).create.map(({ logicalDate }) => logicalDate);
}

describe('runs to create', () => {
  test('are those of every interval since the start, of 23½ hours where a clock goes forward', () => {
    const { create } = due(definitionOf({ catchup: true }), Date.parse(NOON), NOTHING);
    expect(create.map(({ interval }) => interval)).toEqual([
      { start: '2026-03-26T01:30:00Z', end: '2026-03-27T01:30:00Z', date: '2026-03-26' },
      { start: '2026-03-27T01:30:00Z', end: '2026-03-28T01:30:00Z', date: '2026-03-27' },
      // 02:30 does not exist on the 29th: the tick is at 03:00.
      { start: '2026-03-28T01:30:00Z', end: '2026-03-29T01:00:00Z', date: '2026-03-28' },
    ]);
  });

  test.each([
    ['without catchup only the newest', {}, {}, ['2026-03-28T01:30:00Z']],
    [
      'from the start on',
      { catchup: true, start: '2026-03-27' },
      {},
      ['2026-03-27T01:30:00Z', '2026-03-28T01:30:00Z'],
    ],
    [
      'before the end',
      { catchup: true, end: '2026-03-28' },
      {},
      ['2026-03-26T01:30:00Z', '2026-03-27T01:30:00Z'],
    ],
    ['the last before the end, without catchup', { end: '2026-03-28' }, {}, ['2026-03-27T01:30:00Z']],
    ['none before the start', { start: '2026-03-29' }, {}, []],
    ['none while it is paused', { catchup: true }, { paused: true }, []],
    ['none once it has left the project', { catchup: true }, { retiredAt: NOON }, []],
    ['none that is late', { catchup: true, skipIfLate: '32h' }, {}, ['2026-03-28T01:30:00Z']],
    ['none at all where all are late', { skipIfLate: '1h' }, {}, []],
    ['none of a manual DAG', { schedule: { kind: 'manual' }, catchup: true }, {}, []],
  ] as const)('are %s', (_, options, head, expected) => {
    expect(created(definitionOf(options, head))).toEqual(expected);
  });

  test('are none that exist, whoever made them', () => {
    const existing = new Set(['2026-03-27T01:30:00Z']);
    expect(created(definitionOf({ catchup: true }), NOON, { ...NOTHING, existing })).toEqual([
      '2026-03-26T01:30:00Z',
      '2026-03-28T01:30:00Z',
    ]);
  });

  test('are at most a hundred at once, oldest first, and the watermark stands behind the last', () => {
    const start = '2025-01-01';
    const definition = definitionOf({ catchup: true, start });
    const { create, watermark, held } = due(definition, Date.parse(NOON), NOTHING);
    expect([create.length, create[0]?.logicalDate]).toEqual([MOST_CREATED, '2025-01-01T01:30:00Z']);
    expect(watermark?.through).toBe(create.at(-1)?.interval.end);
    expect(held.map(({ code }) => code)).toEqual(['more_due']);
    const next = { ...definition, head: { ...definition.head, ...(watermark && { watermark }) } };
    expect(created(next)[0]).toBe(watermark?.through);
  });
});

describe('the watermark', () => {
  test('holds for one schedule: with another the ledger is looked at from the start', () => {
    const watermark = { basis: watermarkBasis(definitionOf().dag), through: '2026-03-29T01:00:00Z' };
    expect(created(definitionOf({}, { watermark }))).toEqual([]);
    expect(created(definitionOf({ catchup: true }, { watermark }))).toHaveLength(3);
  });

  test('stays where nothing is new', () => {
    const watermark = { basis: watermarkBasis(definitionOf().dag), through: '2026-03-29T01:00:00Z' };
    expect(due(definitionOf({}, { watermark }), Date.parse(NOON), NOTHING)).toEqual({
      create: [],
      start: [],
      held: [],
    });
  });
});

describe('jitter', () => {
  test('moves a start by a part of it that follows from the DAG and the date alone', () => {
    const jittered = definitionOf({ schedule: { ...DAILY, jitter: '1h' } as ScheduleNode, catchup: true });
    const { create } = due(jittered, Date.parse(NOON), NOTHING);
    const seconds = create.map(
      ({ notBefore = '', interval }) => (Date.parse(notBefore) - Date.parse(interval.end)) / 1000,
    );
    expect(new Set(seconds).size).toBe(3);
    expect(seconds.every((each) => each >= 0 && each < 3600)).toBe(true);
    expect(due(jittered, Date.parse('2026-03-30T10:00:00Z'), NOTHING).create.slice(0, 3)).toEqual(create);
  });
});

describe('runs to start', () => {
  const run = (hour: number, options: Partial<Run> = {}): Run => {
    const logicalDate = `2026-03-28T${String(hour).padStart(2, '0')}:00:00Z`;
    return {
      dagId: 'd',
      id: logicalDate,
      type: 'scheduled',
      state: 'queued',
      lane: 'main',
      logicalDate,
      interval: { start: logicalDate, end: logicalDate, date: '2026-03-28' },
      attempt: 1,
      version: 'v',
      params: {},
      by: 'scheduler',
      createdAt: NOON,
      queuedAt: NOON,
      cells: '',
      rev: 1,
      ...options,
    };
  };
  const split = (
    open: readonly Run[],
    ledger: Partial<Ledger> = {},
    definition = definitionOf({ end: '2026-01-01' }),
  ) => {
    const { start, held } = due(definition, Date.parse(NOON), { ...NOTHING, open, ...ledger });
    return [
      start.map(({ id }) => id.slice(11, 13)).join(' '),
      held.map(({ runId = '', code }) => `${runId.slice(11, 13)} ${code}`),
    ];
  };

  test('are the oldest that fit; those above maxActiveRuns are held', () => {
    const open = [run(3), run(1), run(2, { state: 'running' }), run(0)];
    expect(split(open, { maxActiveRuns: 3 })).toEqual(['00 01', ['03 max_active_runs']]);
    expect(split(open, { maxActiveRuns: 0 })[1]).toContain('00 lane_paused');
  });

  test('are not those that wait for an instant; they hold up no later one', () => {
    const open = [run(1, { notBefore: '2026-03-29T10:00:01Z' }), run(2)];
    expect(split(open, { maxActiveRuns: 1 })).toEqual(['02', ['01 not_before']]);
  });

  test('are only asked-for ones while it is paused, and none once it is retired', () => {
    const open = [
      run(1),
      run(2, { type: 'manual' }),
      run(3, { type: 'backfill' }),
      run(4, { attempt: 2, by: 'scheduler' }),
    ];
    expect(split(open, {}, definitionOf({}, { paused: true }))).toEqual(['02 03 04', ['01 paused']]);
    expect(split(open, {}, definitionOf({}, { retiredAt: NOON }))[0]).toBe('');
  });

  test('are not those whose past failed, unless they ignore it', () => {
    const task = {
      id: 'a',
      call: { kind: 'fn', inputs: null },
      upstream: [],
      triggerRule: 'all_success',
      retries: [],
      dependsOnPast: true,
    } as const;
    const definition = definitionOf({ tasks: [task], end: '2026-01-01' });
    const before = () => ({
      logicalDate: '2026-03-27T00:00:00Z',
      states: new Map([['a', 'failed' as const]]),
    });
    const open = [run(1), run(2, { ignoresPast: true })];
    expect(split(open, { before }, definition)).toEqual(['02', ['01 depends_on_past']]);
  });
});

describe('an interval without a run', () => {
  const at = (start: string, end: string) => ({ startMs: Date.parse(start), endMs: Date.parse(end) });
  const day = at('2026-03-27T01:30:00Z', '2026-03-28T01:30:00Z');
  const seen = (options: Partial<DagNode>) => ({
    watermark: {
      basis: watermarkBasis({ ...emptyDag('d'), schedule: DAILY, ...options }),
      through: '2026-03-29T01:00:00Z',
    },
  });

  test.each([
    ['before_start', { start: '2026-03-28' }, {}, day],
    ['before_start', {}, {}, at('2026-03-20T01:30:00Z', '2026-03-21T01:30:00Z')],
    ['after_end', { end: '2026-03-27' }, {}, day],
    ['not_complete', {}, {}, at('2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z')],
    ['paused', {}, { paused: true }, day],
    ['retired', {}, { retiredAt: NOON }, day],
    ['catchup', {}, {}, day],
    ['catchup', {}, seen({}), day],
    ['too_late', { catchup: true, skipIfLate: '1h' }, {}, day],
    ['too_late', { catchup: true, skipIfLate: '1h' }, seen({ catchup: true }), day],
    ['pending', { catchup: true }, {}, day],
    ['missing', { catchup: true }, seen({ catchup: true }), day],
  ] as const)('says %s', (code, options, head, interval) => {
    expect(verdictOf(definitionOf(options, head), interval, Date.parse(NOON)).code).toBe(code);
  });
});
