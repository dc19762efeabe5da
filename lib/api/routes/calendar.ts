/** Runs by day or hour, and those that are to come. */
import * as z from 'zod';
import { compareTexts } from '../../base/compare.ts';
import type { DagNode } from '../../model/dag.ts';
import type { Run } from '../../model/run.ts';
import { charOf } from '../../model/state-chars.ts';
import { intervalContaining } from '../../schedule/data-interval.ts';
import { boundsOf, intervalsIn, intervalTexts, isoText } from '../../schedule/run-interval.ts';
import type { Page, RunStore } from '../../store/store.ts';
import { defined } from '../defined.ts';
import { ProblemError } from '../problem.ts';
import { get, type Route } from '../route.ts';
import { instant } from '../schemas/inputs.ts';
import { stateTold } from '../schemas/run.ts';
import { list, wasCut } from '../schemas/words.ts';
import { firstText, lastMs, lastText } from '../times.ts';

const DAY_MS = 86_400_000;
/** Most days of one reply, by unit. */
const MOST_DAYS = { day: 800, hour: 62 } as const;
/** Most runs that are counted for one reply. */
const MOST_RUNS = 20_000;
/** Most intervals that are looked at for what is planned. */
const MOST_PLANNED = 20_000;

type Unit = keyof typeof MOST_DAYS;

const getCalendar = get('/dags/{dagId}/calendar', {
  id: 'getCalendar',
  summary: 'How many runs of each state each day or hour had, and how many are planned.',
  query: () => ({
    from: instant('First day or instant of logical dates.'),
    to: instant('Last one; a day as a whole.'),
    unit: z
      .enum(['day', 'hour'])
      .default('day')
      .meta({ description: 'Days in the zone of the schedule; hours of UTC.' }),
  }),
  reply: () =>
    z.strictObject({
      unit: z.enum(['day', 'hour']),
      cells: list(z.tuple([z.string(), z.string()]).readonly()).meta({
        description: '`["2026-08-22", "s12f1"]`: 12 successful runs and one failed.',
      }),
      planned: list(z.tuple([z.string(), z.int()]).readonly()),
      cut: wasCut(),
    }),
  memo: true,
  async answer({ api, params: { dagId }, query }) {
    const { store, clock } = api.world;
    const head = await api.versions.head(dagId);
    const version = await api.versions.current(head);
    const range = rangeOf(query, query.unit);
    const { runs, more } = await runsIn(store.runs, dagId, query);
    const cells = Map.groupBy(runs, (run) => cellOf(run, query.unit));
    const plans = head.paused || version === undefined ? [] : plannedIn(version.dag, range, clock.now());
    const known = new Set(runs.map(({ id }) => id));
    const planned = Map.groupBy(
      plans.filter(({ start }) => !known.has(start)),
      ({ start, date }) => (query.unit === 'day' ? date : hourOf(start)),
    );
    return {
      unit: query.unit,
      cells: [...cells].map(([cell, of]) => [cell, countsOf(of)] as const).sort(byName),
      planned: [...planned].map(([cell, of]) => [cell, of.length] as const).sort(byName),
      ...(more ? { cut: true as const } : {}),
    };
  },
});

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** @throws {ProblemError} `invalid-request` where it is reversed or too long */
function rangeOf({ from, to }: { readonly from: string; readonly to: string }, unit: Unit): Range {
  const range = { fromMs: Date.parse(from), toMs: lastMs(to) };
  if (range.toMs < range.fromMs) throw wrong('must not be before from', to);
  if (range.toMs - range.fromMs > MOST_DAYS[unit] * DAY_MS)
    throw wrong(`must be at most ${MOST_DAYS[unit]} days after from`, to);
  return range;
}

function wrong(rule: string, got: string): ProblemError {
  const value = JSON.stringify(got);
  return new ProblemError('invalid-request', `request › query.to: ${rule}, got ${value}`, [
    { field: 'query.to', rule, value },
  ]);
}

async function runsIn(
  store: RunStore,
  dagId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly runs: readonly Run[]; readonly more: boolean }> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Run> = await store.list(
      defined({ dagId, from: firstText(from), to: lastText(to), limit: 1_000, cursor }),
    );
    runs.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && runs.length < MOST_RUNS);
  return { runs, more: cursor !== undefined };
}

/** Intervals whose runs are still to be made: those that end after now. */
function plannedIn(dag: DagNode, { fromMs, toMs }: Range, nowMs: number): readonly Run['interval'][] {
  const { schedule } = dag;
  const bounds = boundsOf(dag);
  const current = intervalContaining(schedule, nowMs).startMs;
  const planned: Run['interval'][] = [];
  // An interval that starts in the range may end later, however long it is.
  for (const interval of intervalsIn(
    schedule,
    Math.max(fromMs, bounds.startMs, current),
    toMs + 400 * DAY_MS,
  )) {
    if (interval.startMs > toMs || interval.startMs >= bounds.endMs || planned.length >= MOST_PLANNED) break;
    if (interval.endMs > nowMs) planned.push(intervalTexts(dag, interval));
  }
  return planned;
}

function cellOf({ interval, logicalDate }: Run, unit: Unit): string {
  return unit === 'day' ? interval.date : hourOf(logicalDate);
}

function hourOf(instantText: string): string {
  return `${instantText.slice(0, 13)}:00Z`;
}

/** `s12f1`. */
function countsOf(runs: readonly Run[]): string {
  const counts = Map.groupBy(runs, ({ state }) => charOf(stateTold(state)));
  return [...counts].map(([char, of]) => `${char}${of.length}`).join('');
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return compareTexts(a[0], b[0]);
}

/** Runs of all DAGs as bars over time. */
const getTimelineOfAll = get('/timeline', {
  id: 'getTimeline',
  summary: 'Runs of all DAGs that ran in a range of time, at most a week.',
  query: () => ({ from: instant('From this instant on.'), to: instant('Up to this one.') }),
  reply: () =>
    z.strictObject({
      dags: list(z.string()),
      runs: list(z.tuple([z.int(), z.int(), z.int().nullable(), z.string(), z.string()]).readonly()).meta({
        description:
          '`[dagIdx, start, end, state, runId]`; times in seconds since the epoch, end null: it runs.',
      }),
      cut: wasCut(),
    }),
  async answer({ api, query }) {
    const fromMs = Date.parse(query.from);
    const toMs = lastMs(query.to);
    if (toMs < fromMs) throw wrong('must not be before from', query.to);
    if (toMs - fromMs > 7 * DAY_MS) throw wrong('must be at most 7 days after from', query.to);
    const { runs, more } = await runsSince(api.world.store.runs, isoText(fromMs - DAY_MS));
    const shown = runs.filter(({ startedAt, endedAt }) => {
      const endMs = endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(endedAt);
      return startedAt !== undefined && Date.parse(startedAt) <= toMs && endMs >= fromMs;
    });
    const dags = [...new Set(shown.map(({ dagId }) => dagId))].sort(compareTexts);
    const places = new Map(dags.map((dagId, index) => [dagId, index]));
    const bars = shown.map((run) => barOf(run, places));
    return { dags, runs: bars, ...(more ? { cut: true as const } : {}) };
  },
});

function barOf({ dagId, startedAt = '', endedAt, state, id }: Run, places: ReadonlyMap<string, number>) {
  const startS = Math.floor(Date.parse(startedAt) / 1000);
  const endS = endedAt === undefined ? null : Math.floor(Date.parse(endedAt) / 1000);
  return [places.get(dagId) ?? -1, startS, endS, charOf(stateTold(state)), id] as const;
}

/** Most bars of one reply: below a megabyte with the longest ids. */
const MOST_BARS = 5_000;

/** Those created since, and all that are open; newest first. */
export async function runsSince(
  store: RunStore,
  createdAt: string,
): Promise<{ readonly runs: readonly Run[]; readonly more: boolean }> {
  const runs = new Map<string, Run>();
  for (const run of (await store.open()).slice(0, MOST_BARS)) runs.set(`${run.dagId} ${run.id}`, run);
  let cursor: string | undefined;
  do {
    const page: Page<Run> = await store.list(defined({ limit: 200, cursor }));
    const recent = page.items.filter((run) => run.createdAt >= createdAt);
    for (const run of recent) runs.set(`${run.dagId} ${run.id}`, run);
    cursor = recent.length < page.items.length ? undefined : page.cursor;
  } while (cursor !== undefined && runs.size < MOST_BARS);
  return { runs: [...runs.values()].slice(0, MOST_BARS), more: cursor !== undefined };
}

export const CALENDAR_ROUTES: readonly Route[] = [getCalendar, getTimelineOfAll];
