/** What programs are told of a run that ended: events on the environment's bus, and metrics. */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { JsonObject } from '../base/json.ts';
import { tableName } from '../deployment/names.ts';
import type { DagVersion } from '../model/dag-version.ts';
import type { Manifest } from '../model/manifest.ts';
import type { FailedTask, Run } from '../model/run.ts';
import type { AwsClient } from './signed/command.ts';
import { PutEventsCommand } from './signed/commands.ts';

export interface EndedRun {
  readonly environment: string;
  readonly run: Run;
  readonly version: DagVersion;
}

/** Of a cause in an event, characters; the failures of one event. */
const MOST_CAUSE = 1_000;
const MOST_FAILED = 10;

/** Entries of one call. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;

/** `Tutti Run Finished`, and `Tutti Task Failed` for each task that failed. @throws {Error} where the bus took not all */
export async function tellBus(bus: AwsClient, ended: EndedRun): Promise<void> {
  const entries = busEvents(ended);
  for (let from = 0; from < entries.length; from += MOST_ENTRIES) {
    const Entries = entries.slice(from, from + MOST_ENTRIES);
    const { FailedEntryCount = 0, Entries: results = [] } = await bus.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount === 0) continue;
    const { ErrorCode, ErrorMessage } = results.find((entry) => entry.ErrorCode !== undefined) ?? {};
    throw new Error(
      `bus › ${tableName(ended.environment)}: must take every event, refused ${FailedEntryCount} of ${Entries.length}: ${ErrorCode} ${ErrorMessage}`,
    );
  }
}

export function busEvents(ended: EndedRun): readonly PutEventsRequestEntry[] {
  const common = { Source: 'tutti', EventBusName: tableName(ended.environment) };
  const failed = failedOf(ended);
  const entry = (DetailType: string, tasks: readonly JsonObject[]) => ({
    ...common,
    DetailType,
    Detail: JSON.stringify(detailOf(ended, tasks)),
  });
  return [entry('Tutti Run Finished', failed), ...failed.map((task) => entry('Tutti Task Failed', [task]))];
}

/** `aws.md` 8. */
function detailOf({ environment, run, version }: EndedRun, failed: readonly JsonObject[]): JsonObject {
  const { owner, tags } = version.dag;
  return {
    version: 1,
    environment,
    dagId: run.dagId,
    runId: run.id,
    runType: run.type,
    logicalDate: run.logicalDate,
    interval: { start: run.interval.start, end: run.interval.end },
    state: run.state,
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
    ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
    failed,
    codeVersion: run.version,
    ...(owner === undefined ? {} : { owner }),
    tags,
  };
}

function failedOf({ run, version }: EndedRun): readonly JsonObject[] {
  return (run.failed ?? []).slice(0, MOST_FAILED).map((task) => {
    const mapIndex = mapIndexOf(version.manifest, task);
    return {
      taskId: task.task,
      ...(mapIndex === undefined ? {} : { mapIndex }),
      try: task.try,
      error: task.error,
      ...(task.cause === undefined ? {} : { cause: task.cause.slice(0, MOST_CAUSE) }),
    };
  });
}

/** Of the innermost map around it; the counters of an instance are those of the modules around, outermost first. */
function mapIndexOf({ tasks, modules = [] }: Manifest, { task, instance }: FailedTask): number | undefined {
  const counters = instance?.split('.') ?? [];
  const byId = new Map(modules.map((module) => [module.id, module]));
  let around = byId.get(tasks.find(({ id }) => id === task)?.module ?? '');
  while (around !== undefined) {
    const counter = counters.pop();
    if (around.kind === 'map') return counter === undefined ? undefined : Number(counter);
    around = byId.get(around.module ?? '');
  }
  return undefined;
}

/**
 * One line in CloudWatch's embedded metric format, dimension `environment`: a dimension of DAGs would cost $0.30 for each
 * metric of each DAG.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricsLine({ environment, run }: EndedRun, nowMs: number): string {
  const values: Record<string, number> = {
    RunsSucceeded: run.state === 'success' ? 1 : 0,
    RunsFailed: run.state === 'failed' ? 1 : 0,
    ...msBetween('RunDuration', run.startedAt, run.endedAt),
    ...(run.type === 'scheduled' && run.attempt === 1
      ? msBetween('SchedulingDelay', run.notBefore ?? run.interval.end, run.startedAt)
      : {}),
  };
  const Metrics = Object.keys(values).map((Name) => ({
    Name,
    Unit: Name.startsWith('Runs') ? 'Count' : 'Milliseconds',
  }));
  const CloudWatchMetrics = [{ Namespace: 'Tutti', Dimensions: [['environment']], Metrics }];
  const _aws = { Timestamp: nowMs, CloudWatchMetrics };
  return `${JSON.stringify({ _aws, environment, dag: run.dagId, run: run.id, ...values })}\n`;
}

function msBetween(
  name: string,
  from: string | undefined,
  to: string | undefined,
): Readonly<Record<string, number>> {
  const ms = Date.parse(to ?? '') - Date.parse(from ?? '');
  return Number.isNaN(ms) ? {} : { [name]: Math.max(0, ms) };
}
