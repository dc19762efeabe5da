/** What a pipeline file imports. Nothing here loads AWS, CDK, a database or the network. */
import { checkDag } from './compiler/check-dag.ts';
import { declareDag } from './dsl/dag.ts';

export type { Duration } from './base/duration.ts';
export { DefinitionError, type Problem } from './base/errors.ts';
export type { Json, JsonObject } from './base/json.ts';
export { type Approval, type ApproveOptions, approve } from './dsl/approve.ts';
export { defineConfig } from './dsl/config.ts';
export { connection, type HttpConnection, type SqlConnection } from './dsl/connection.ts';
export type { DagOptions } from './dsl/dag.ts';
export { and, eq, exists, gt, gte, lt, lte, ne, not, or, orElse, text } from './dsl/expressions.ts';
export { type Fn, type FnOptions, fn } from './dsl/fn.ts';
export type {
  GroupRetries,
  List,
  Listed,
  LoopOptions,
  MapGroupOptions,
  MapOptions,
  Shaped,
} from './dsl/modules.ts';
export { type CallbackOptions, type Notifier, notifier, type Told } from './dsl/notifiers.ts';
export type { Defaults, Retries, Retry } from './dsl/options.ts';
export { type Param, param } from './dsl/params.ts';
export { type Pool, type PoolOptions, type PoolUse, pool } from './dsl/pools.ts';
export {
  type CronOptions,
  continuous,
  cron,
  type DatesOptions,
  dates,
  type EveryOptions,
  every,
  manual,
  once,
  type Preset,
  type Schedule,
  union,
} from './dsl/schedules.ts';
export type {
  Branch,
  BranchLabel,
  BranchOptions,
  Condition,
  DeclareGroup,
  DeclareTask,
  Group,
  GroupOptions,
  GroupScope,
  Loop,
  MapTaskOptions,
  RunRefs,
  Scope,
  ShortCircuit,
  ShortCircuitOptions,
  Step,
  StepOptions,
  Task,
  TaskOptions,
} from './dsl/scope.ts';
export {
  type AwaitedRunOutput,
  type HttpSensorArgs,
  type RunSensorOptions,
  type S3KeyArgs,
  sensor,
} from './dsl/sensors.ts';
export { file, type Sql, type SqlFragment, sql } from './dsl/sql.ts';
export type { PokeOptions, Wait } from './dsl/waits.ts';
export * as athena from './engines/athena.ts';
export * as ecs from './engines/ecs.ts';
export * as emrServerless from './engines/emr-serverless.ts';
export type { Call } from './engines/engine.ts';
export * as glue from './engines/glue.ts';
export * as http from './engines/http.ts';
export * as lambda from './engines/lambda.ts';
export { command, real, type Simulation, type StandIn, simulate } from './engines/local.ts';
export * as stepFunctions from './engines/step-functions.ts';
export { type TriggeredRun, type TriggerOptions, trigger } from './engines/trigger.ts';
export type {
  Files,
  FnContext,
  HttpAnswer,
  HttpClient,
  HttpMethod,
  HttpOptions,
  Log,
} from './model/context.ts';
export type { DagNode } from './model/dag.ts';
export type {
  ConnectionConfig,
  ConnectionSetting,
  EnvironmentConfig,
  NotifierConfig,
  RetentionConfig,
  TuttiConfig,
} from './model/environment.ts';
export type { Ref, Refs, Value } from './model/ref.ts';
export type { ExecuteOutput, QueryOutput, TransactionOutput } from './model/sql.ts';
export { FailTask, HttpError, SkipTask } from './model/task-errors.ts';
export type { TriggerRule } from './model/trigger-rule.ts';

/**
 * Declares a DAG: its tasks, what they wait for, and when it runs. The body runs once, at once, and only declares.
 *
 * @example
 * export const sales = dag('sales', { schedule: '@daily' }, ({ task, run }) => {
 *   const fetch = task('fetch', fn({ day: run.interval.date }, async ({ day }, { files }) => …));
 *   task('load', warehouse.execute(sql`insert into orders select * from ${file.json(fetch.output.path)}`));
 * });
 * @throws {DefinitionError} with every mistake in it, each with its place and remedy
 */
// Pure: whoever bundles this door and takes another `dag` brings no rules.
export const dag = /* @__PURE__ */ declareDag(checkDag);
