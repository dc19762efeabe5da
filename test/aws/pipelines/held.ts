import { dag } from '../../../lib/index.ts';
import { gated } from './support/gated.ts';

/** Is removed while a run is active. */
export const held = dag('held', {}, ({ task }) => {
  task('wait', gated('wait'));
});
