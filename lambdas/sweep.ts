/** Every few minutes: what was lost, crashed or is overdue is mended. */
import { coreFunction } from '../lib/aws/core-function.ts';
import { problemsOf, SweepProblems, sweepHere } from '../lib/aws/sweeping.ts';
import { surroundings } from './surroundings.ts';

/** What a part of a sweep may take, milliseconds. */
const SPARE_MS = 60_000;

export const handler = coreFunction(surroundings(import.meta.dirname), async (_event, call) => {
  const result = await sweepHere(call.world, () => call.remainingMs() > SPARE_MS);
  const problems = problemsOf(result);
  for (const problem of problems) call.log(problem, { level: 'ERROR' });
  call.log('swept', { ...result, problems: problems.length });
  if (problems.length > 0) throw new SweepProblems(problems);
  return result;
});
