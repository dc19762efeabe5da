import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RunStateNode, runStateOf } from '../../../lib/model/run-state.ts';
import { readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface RunStateCase {
  readonly source: { readonly test: string };
  readonly edges: readonly (readonly [string, string])[];
  readonly triggerRules: Readonly<Record<string, RunStateNode['tasks'][number]['triggerRule']>>;
  readonly taskStates: Readonly<Record<string, string | null>>;
  readonly expectedRunState: string;
}

/** The run's state from its tasks' states, against Airflow's unit tests. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const path = join(dir, 'scheduling/run-state.json');
  if (!existsSync(path)) return undefined;
  const cases = readJson<readonly RunStateCase[]>(path);
  const named = cases.map((input) => ({ name: input.source.test, input }));
  return runCases('run-state', named, (input) => {
    const states = Object.fromEntries(
      Object.entries(input.taskStates).map(([id, state]) => [id, state ?? 'none']),
    );
    const got = runStateOf(nodeOf(input), states);
    return got === input.expectedRunState ? undefined : `expected ${input.expectedRunState}, got ${got}`;
  });
}

function nodeOf({ edges, triggerRules, taskStates }: RunStateCase): RunStateNode {
  return {
    runState: 'leaves',
    tasks: Object.keys(taskStates).map((id) => ({
      id,
      upstream: edges.filter(([, below]) => below === id).map(([task]) => ({ task })),
      triggerRule: triggerRules[id] ?? 'all_success',
    })),
  };
}
