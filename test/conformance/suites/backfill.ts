import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { LedgerState, Run } from '../../../lib/model/run.ts';
import { type BackfillRange, planBackfill, rangeIntervals } from '../../../lib/schedule/backfill-plan.ts';
import { isoText } from '../../../lib/schedule/run-interval.ts';
import { startableRuns } from '../../../lib/schedule/startable.ts';
import { node, sales } from '../../compiler/rules/graphs.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface BackfillCase {
  readonly source: { readonly test: string };
  /** A preset or a cron expression; `null`: the DAG has none. @default daily, as in all of Airflow's tests of this */
  readonly schedule?: string | null;
  readonly from?: string;
  readonly to?: string;
  readonly reverse?: boolean;
  readonly reprocess?: 'none' | 'failed' | 'completed' | null;
  readonly existingRuns?: Readonly<Record<string, LedgerState>>;
  readonly anyTaskDependsOnPast?: boolean;
  readonly given?: { readonly nextRunIsFirstOfBackfill: boolean };
  readonly expected: {
    readonly order?: readonly string[];
    readonly notCreated?: Readonly<Record<string, string>>;
    readonly rejected?: boolean;
    readonly dependenciesMet?: boolean;
  };
}

/** All of the cases' dates are past, but those that are to be refused as they are not. */
const NOW_MS = Date.UTC(2026, 0, 1);

/** Which dates a backfill runs, and what it refuses, against Airflow's unit tests. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/backfill.json');
  if (!existsSync(path)) return undefined;
  const named = readJson<readonly BackfillCase[]>(path).map((input) => ({ name: input.source.test, input }));
  return runCases('backfill', named, (input) => {
    const { order, notCreated, rejected, dependenciesMet } = input.expected;
    const got = JSON.stringify(input.given === undefined ? outcome(input) : started(input.given));
    const sorted = notCreated && Object.fromEntries(Object.entries(notCreated).sort());
    const wanted = JSON.stringify(
      rejected === undefined ? { order, notCreated: sorted, dependenciesMet } : { rejected },
    );
    return got === wanted ? undefined : `expected ${wanted}, got ${got}`;
  });
}

function outcome(input: BackfillCase): BackfillCase['expected'] {
  const tasks = [node('a', input.anyTaskDependsOnPast ? { dependsOnPast: true } : {})];
  const dag = dagOf(tasks, input.schedule);
  const range: BackfillRange = {
    from: input.from ?? '',
    to: input.to ?? '',
    reprocess: input.reprocess ?? 'none',
    order: input.reverse ? 'newest' : 'oldest',
    asOne: false,
  };
  const isPlain = input.expected.rejected === undefined;
  try {
    const { intervals } = rangeIntervals(dag, range, NOW_MS);
    if (!isPlain) return { rejected: false };
    const existing = Object.entries(input.existingRuns ?? {});
    const dates = planBackfill(
      dag,
      range,
      intervals,
      new Map(existing.map(([date, state]) => [isoText(Date.parse(date)), state])),
    );
    const dayOf = ({ logicalDate }: { readonly logicalDate: string }) => logicalDate.slice(0, 10);
    const skipped = dates
      .filter(({ action }) => action === 'skip')
      .map((date) => [dayOf(date), date.reason] as const);
    return {
      order: dates.filter(({ action }) => action !== 'skip').map(dayOf),
      notCreated: Object.fromEntries(skipped.sort()),
    } as BackfillCase['expected'];
  } catch (thrown) {
    if (isPlain) throw thrown;
    return { rejected: true };
  }
}

/** Whether a run of a DAG that depends on the past starts behind one that failed. */
function started({ nextRunIsFirstOfBackfill }: NonNullable<BackfillCase['given']>): BackfillCase['expected'] {
  const instant = '2021-01-10T00:00:00Z';
  const run: Run = {
    dagId: 'sales',
    id: instant,
    type: nextRunIsFirstOfBackfill ? 'backfill' : 'scheduled',
    state: 'queued',
    lane: nextRunIsFirstOfBackfill ? 'BF#1' : 'main',
    logicalDate: instant,
    interval: { start: instant, end: '2021-01-11T00:00:00Z', date: '2021-01-10' },
    attempt: 1,
    version: 'v',
    params: {},
    by: 'scheduler',
    createdAt: instant,
    queuedAt: instant,
    ...(nextRunIsFirstOfBackfill ? { ignoresPast: true } : {}),
    cells: '-',
    rev: 1,
  };
  const dag = dagOf([node('a', { dependsOnPast: true })]);
  const before = { logicalDate: '2021-01-01T00:00:00Z', states: new Map([['a', 'failed'] as const]) };
  const lane = { open: [run], maxActiveRuns: 16, before: () => before };
  const head = { paused: false, registeredAt: '2021-01-01T00:00:00Z' };
  return { dependenciesMet: startableRuns({ dag, head }, NOW_MS, lane).start.length === 1 };
}

function dagOf(tasks: DagNode['tasks'], schedule: string | null = '@daily'): DagNode {
  return sales(tasks, {
    schedule:
      schedule === null
        ? { kind: 'manual' }
        : { kind: 'cron', expression: schedule, timezone: 'UTC', interval: 'data' },
  });
}
