/** The door that a DAG's code imports beside itself: the language, and what makes its function of a DAG. */
import { declareDag } from '../lib/dsl/dag.ts';

export * from '../lib/index.ts';
export { type DagHandler, dagHandler } from './dag.ts';

/** `dag` of `lib/index.ts` without the rules: they were asked as it was deployed, and are a third of the code. */
export const dag = declareDag(() => []);
