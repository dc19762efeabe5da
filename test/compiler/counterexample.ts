import type { Case } from '../reference/case.ts';
import { caseText } from '../reference/compare.ts';
import { minimise } from '../reference/random/minimise.ts';
import { reference } from '../reference/reference.ts';
import { problemOf } from './problem.ts';

/** The smallest case like one that was found, as a file that can be run again, and what is wrong with it. */
export async function explain(found: Case): Promise<string> {
  const isRefused = (problem: string) => problem.includes('DefinitionError');
  const first = (await problemOf(found)) ?? '';
  const input = await minimise(found, async (smaller) => {
    const problem = await problemOf(smaller);
    // A case that the rules refuse says nothing about one that they take.
    return problem !== undefined && isRefused(problem) === isRefused(first);
  });
  return `${await problemOf(input)}\n${caseText({ ...input, expected: reference(input) })}`;
}
