import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetCondition, isMet } from '../../../lib/model/asset-condition.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface AssetCase {
  readonly source: { readonly test: string };
  readonly condition: AssetCondition;
  readonly statuses: Readonly<Record<string, boolean>>;
  readonly expected: boolean;
}

/** Whether a condition on assets holds, against Airflow's unit tests. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/asset-conditions.json');
  if (!existsSync(path)) return undefined;
  const cases = readJson<readonly AssetCase[]>(path);
  const named = cases.map((input, index) => ({ name: `${index} ${input.source.test}`, input }));
  return runCases('asset-conditions', named, ({ condition, statuses, expected }) => {
    const updated = new Set(Object.keys(statuses).filter((asset) => statuses[asset] === true));
    const got = isMet(condition, updated);
    return got === expected ? undefined : `expected ${expected}, got ${got}`;
  });
}
