import { join } from 'node:path';
import type { Case } from '../../reference/case.ts';
import { differences } from '../../reference/compare.ts';
import { jsonFiles, readJson } from '../../reference/shared.ts';
import { simulateCase } from '../../simulate-case.ts';
import { runCases, type SuiteResult } from '../suite.ts';

/** Whole runs, compiled and executed in virtual time: every state, instant and number of tries. */
export function suite(dir: string): Promise<SuiteResult | undefined> {
  const folder = join(dir, 'semantics');
  const cases = jsonFiles(folder).map((file) => {
    const input = readJson<Case>(join(folder, file));
    return { name: input.name, input };
  });
  return runCases('semantics', cases, async (input) => {
    const { expected } = input;
    if (expected === undefined) return 'has no expectation';
    return differences(expected, await simulateCase(input));
  });
}
