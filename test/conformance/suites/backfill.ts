import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerState } from '../../../lib/model/run.ts';
import { type BackfillRange, planBackfill, rangeIntervals } from '../../../lib/schedule/backfill-plan.ts';
import { node, sales } from '../../compiler/rules/graphs.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface BackfillCase {
  readonly source: { readonly test: string };
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
  };
}

const NOW_MS = Date.UTC(2022, 0, 1);
const ELSEWHERE =
  'whether a run waits for the one before is decided as it is started: test/orchestrator/backfill/pump.test.ts has both cases';

/** Which dates a backfill runs, and what it refuses, against Airflow's unit tests. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/backfill.json');
  if (!existsSync(path)) return undefined;
  const named = readJson<readonly BackfillCase[]>(path).map((input) => ({
    name: input.source.test,
    input,
    skip: input.given === undefined ? undefined : ELSEWHERE,
  }));
  return runCases('backfill', named, (input) => {
    const got = JSON.stringify(outcome(input));
    const { order, notCreated, rejected } = input.expected;
    const wanted = JSON.stringify(rejected === undefined ? { order, notCreated } : { rejected });
    return got === wanted ? undefined : `expected ${wanted}, got ${got}`;
  });
}

function outcome(input: BackfillCase): BackfillCase['expected'] {
  const dag = sales([node('a', input.anyTaskDependsOnPast ? { dependsOnPast: true } : {})], {
    schedule: { kind: 'cron', expression: '@daily', timezone: 'UTC', interval: 'data' },
  });
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
      new Map(existing.map(([day, state]) => [`${day}T00:00:00Z`, state])),
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
