import { cron, dag } from '../../../lib/index.ts';
import { seen } from './support/gated.ts';

/** A few intervals of yesterday and today are due when it is first looked at. */
export const beat = dag(
  'beat',
  { schedule: cron('0 */4 * * *'), start: '@YESTERDAY', catchup: true, maxActiveRuns: 4 },
  ({ task }) => {
    task('only', seen('only'));
  },
);
