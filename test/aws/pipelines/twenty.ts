import { dag } from '../../../lib/index.ts';
import { seen } from './support/gated.ts';

/** What the cost of a run of 20 tasks is counted on: some side by side, some one after the other. */
export const twenty = dag('twenty', {}, ({ task, chain }) => {
  const tasks = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => task(`${name}_${index + 1}`, seen(`${name}_${index + 1}`)));
  const first = task('first', seen('first'));
  const checked = task('checked', seen('checked'));
  const loaded = task('loaded', seen('loaded'));
  const last = task('last', seen('last'));
  chain(first, tasks('extract', 6), checked, tasks('load', 5), loaded, tasks('report', 5), last);
});
