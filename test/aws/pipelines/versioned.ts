import { dag } from '../../../lib/index.ts';
import { seen } from './support/gated.ts';

/** The suite writes another one before it deploys again. */
const VERSION = 'one';

export const versioned = dag('versioned', {}, ({ task, chain }) => {
  chain(
    task('first', seen('first')),
    task('second', seen(`second of ${VERSION}`)),
    task('third', seen('third')),
  );
});
