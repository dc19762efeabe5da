/** The CDK app: a stage per environment of `tutti.config.ts`, with every DAG of `pipelines/`. */
import { tuttiApp } from '../lib/constructs/index.ts';

await tuttiApp();
