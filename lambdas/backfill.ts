/**
 * Runs a range of dates again, or says what it would do:
 * `{"dag":"daily_sales","from":"2026-01-01","to":"2026-03-31","reprocess":"failed","maxActiveRuns":4,"dryRun":true}`.
 */
import { continueBackfill, startBackfill } from '../lib/aws/backfilling.ts';
import { coreFunction } from '../lib/aws/core-function.ts';
import { backfillEventOf } from '../lib/aws/events.ts';
import { surroundings } from './surroundings.ts';

export const handler = coreFunction(surroundings(import.meta.dirname), async (event, call) => {
  const { world, remainingMs } = call;
  const asked = backfillEventOf(event);
  if ('continue' in asked) return continueBackfill(world, asked.continue, remainingMs);
  return startBackfill(world, asked, remainingMs);
});
