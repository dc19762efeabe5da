import { athenaQuery } from './athena.ts';
import { ecsRunTask } from './ecs.ts';
import { emrServerlessStartJobRun } from './emr-serverless.ts';
import type { Engine } from './engine.ts';
import { glueStartJob } from './glue.ts';
import { httpRequest } from './http.ts';
import { lambdaInvoke } from './lambda.ts';
import { sqlExecute, sqlQuery, sqlTransaction } from './sql.ts';
import { stepFunctionsStartExecution } from './step-functions.ts';
import { dagTrigger } from './trigger.ts';

/** Every engine there is. */
export const ENGINES: readonly Engine[] = [
  sqlQuery,
  sqlExecute,
  sqlTransaction,
  httpRequest,
  lambdaInvoke,
  glueStartJob,
  athenaQuery,
  ecsRunTask,
  emrServerlessStartJobRun,
  stepFunctionsStartExecution,
  dagTrigger,
];

const byName: ReadonlyMap<string, Engine> = new Map(ENGINES.map((engine) => [engine.name, engine]));

/** The engine of this name; `undefined` where there is none. */
export function engineNamed(name: string): Engine | undefined {
  return byName.get(name);
}
