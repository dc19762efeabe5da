import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CellState } from '../../../lib/model/state-chars.ts';
import { isPastMet } from '../../../lib/schedule/depends-on-past.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface PastCase {
  readonly source: { readonly test: string };
  readonly dependsOnPast: boolean;
  readonly waitForDownstream: boolean;
  readonly previousTaskInstances: readonly {
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
    const got =
      input.ignoreDependsOnPast ||
      input.previousTaskInstances.every(({ state, dependentsDone }) =>
        isPastMet(input, { state: state ?? 'none', isDownstreamDone: dependentsDone }),
      );
    return got === input.expectedMet ? undefined : `expected ${input.expectedMet}, got ${got}`;
  });
}
