import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CellState } from '../../../lib/model/state-chars.ts';
import { pastBlockers } from '../../../lib/schedule/depends-on-past.ts';
import { node, sales } from '../../compiler/rules/graphs.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface PastCase {
  readonly source: { readonly test: string };
  readonly dependsOnPast: boolean;
  readonly waitForDownstream: boolean;
  /** None: the first run of all. */
  readonly previousTaskInstances?: readonly {
    readonly state: CellState | null;
    readonly dependentsDone: boolean;
  }[];
  readonly ignoreDependsOnPast: boolean;
  readonly expectedMet: boolean;
}

/** Whether a task's past lets it run, against Airflow's unit tests; a first run asks nothing. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/depends-on-past.json');
  if (!existsSync(path)) return undefined;
  const named = readJson<readonly PastCase[]>(path).map((input) => ({ name: input.source.test, input }));
  return runCases('depends-on-past', named, (input) => {
    const got = input.ignoreDependsOnPast || isMet(input);
    return got === input.expectedMet ? undefined : `expected ${input.expectedMet}, got ${got}`;
  });
}

/** A task with one below it, and the same in the run before. */
function isMet({ dependsOnPast, waitForDownstream, previousTaskInstances }: PastCase): boolean {
  const flags = {
    ...(dependsOnPast ? { dependsOnPast } : {}),
    ...(waitForDownstream ? { waitForDownstream } : {}),
  };
  const dag = sales([node('a', flags), node('b', { after: ['a'] })]);
  return (previousTaskInstances ?? []).every(({ state, dependentsDone }) => {
    const states = new Map<string, CellState>([
      ['a', state ?? 'none'],
      ['b', dependentsDone ? 'success' : 'failed'],
    ]);
    return pastBlockers(dag, { logicalDate: '2026-01-01T00:00:00Z', states }).length === 0;
  });
}
