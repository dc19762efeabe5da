import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from '../../../lib/model/evaluate.ts';
import type { TriggerRule, UpstreamCounts } from '../../../lib/model/trigger-rule.ts';
import { readJson } from '../../reference/shared.ts';
import { type NamedCase, runCases, type SuiteResult } from '../suite.ts';

/** `evaluate` against Airflow's implementation, enumerated, and its unit tests. */
export function suite(dir: string): Promise<SuiteResult | undefined> {
  const folder = join(dir, 'scheduling');
  const cases = [
    ...enumerated(join(folder, 'trigger-rules-exhaustive.json')),
    ...unitTests(join(folder, 'trigger-rules-upstream-tests.json')),
  ];
  return runCases('trigger-rules', cases, ({ rule, counts, outcomes }) => {
    const got = evaluate(rule, counts);
    return outcomes.includes(got) ? undefined : `expected ${outcomes.join(' or ')}, got ${got}`;
  });
}

interface RuleCase {
  readonly rule: TriggerRule;
  readonly counts: UpstreamCounts;
  /** Any of these is right. */
  readonly outcomes: readonly string[];
}

type Row = readonly [TriggerRule, number, number, number, number, number, number, string];

function enumerated(path: string): readonly NamedCase<RuleCase>[] {
  if (!existsSync(path)) return [];
  const { rows } = readJson<{ rows: readonly Row[] }>(path);
  return rows.map((row) => {
    const [rule, upstream, success, failed, skipped, upstreamFailed, , outcome] = row;
    const counts = { upstream, success, failed, skipped, upstreamFailed };
    return { name: row.slice(0, 7).join(' '), input: { rule, counts, outcomes: [outcome] } };
  });
}

interface UnitTest {
  readonly source: { readonly test: string };
  readonly rule: TriggerRule;
  readonly upstream: number;
  readonly upstreamSetups: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly expected: { readonly ruleMet: boolean; readonly stateSet: string | null };
  /** Counts that do not add up: only the state set has to agree. */
  readonly artificial: boolean;
}

function unitTests(path: string): readonly NamedCase<RuleCase>[] {
  if (!existsSync(path)) return [];
  return readJson<readonly UnitTest[]>(path).map((row) => ({
    name: row.source.test,
    input: { rule: row.rule, counts: countsOf(row), outcomes: outcomesOf(row) },
  }));
}

function countsOf({ upstream, upstreamSetups, counts }: UnitTest): UpstreamCounts {
  const of = (name: string) => counts[name] ?? 0;
  // In rows whose counts do not add up, what is done and counted nowhere is a skipped setup or a removed task.
  const rest = of('done') - of('success') - of('failed') - of('upstream_failed');
  return {
    upstream,
    success: of('success'),
    failed: of('failed'),
    skipped: Math.max(of('skipped'), rest),
    upstreamFailed: of('upstream_failed'),
    setups: { total: upstreamSetups, success: of('success_setup'), skipped: of('skipped_setup') },
  };
}

function outcomesOf({ expected, artificial }: UnitTest): readonly string[] {
  if (expected.stateSet !== null) return [expected.stateSet];
  if (artificial) return ['run', 'wait'];
  return [expected.ruleMet ? 'run' : 'wait'];
}
