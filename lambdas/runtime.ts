/** The door that a DAG's code imports beside itself: the language, and what makes its function of a DAG. */
export * from '../lib/index.ts';
export { type DagHandler, dagHandler } from './dag.ts';
