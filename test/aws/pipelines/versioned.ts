import { dag, type FnContext, fn } from '../../../lib/index.ts';
import { pass, seen } from './support/gated.ts';

/** The suite writes another one before it deploys again: in a body alone, so that no machine changes. */
const VERSION = 'one';

export const versioned = dag('versioned', {}, ({ task, chain }) => {
  chain(task('first', seen('first')), task('second', fn(tellVersion)), task('third', seen('third')));
});

async function tellVersion(context: FnContext) {
  return pass(`second of ${VERSION}`, context);
}
