import { dag } from '../../../lib/index.ts';
import { gated } from './support/gated.ts';

/** `d` waits for `a` and `b`, `c` for `a` alone: not series-parallel, so one edge is a latch in the table. */
export const latch = dag('latch', {}, ({ task }) => {
  const a = task('a', gated('a'));
  const b = task('b', gated('b'));
  task('c', gated('c'), { after: a });
  task('d', gated('d'), { after: [a, b], triggerRule: 'all_done' });
});
