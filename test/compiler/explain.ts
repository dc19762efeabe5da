import type { Case } from '../reference/case.ts';
import { caseText } from '../reference/compare.ts';
import { minimise } from '../reference/minimise.ts';
import { reference } from '../reference/reference.ts';
import { problemOf } from './problem.ts';

/** The smallest case like one that was found, as a file that can be run again, and what is wrong with it. */
export async function explain(found: Case): Promise<string> {
  const input = await minimise(found, async (smaller) => (await problemOf(smaller)) !== undefined);
  return `${await problemOf(input)}\n${caseText({ ...input, expected: reference(input) })}`;
}
