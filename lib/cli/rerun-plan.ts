/** `tutti run --only`, `--from`: which tasks of the last run of a date run again. */
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type Compiled, compileRerun } from '../compiler/compile.ts';
import { hashOf } from '../compiler/manifest.ts';
import { type RecordedRun, recordedRun } from '../history/recorded-run.ts';
import { recordsKept, rerunOf, selectedTasks } from '../history/rerun.ts';
import type { RunRecord } from '../local/run-folder.ts';
import type { DagNode } from '../model/dag.ts';
import type { RecordedOutput, Rerun } from '../model/run-input.ts';
import { intervalOf } from '../schedule/run-interval.ts';
import { hasRun, newestRun, type PastRun, readRun } from './past-run.ts';
import { assertUpstream } from './rerun-upstream.ts';

export interface Again {
  readonly only?: readonly string[];
  readonly from?: readonly string[];
  readonly logicalDate?: string;
  readonly param?: readonly string[];
}

export interface RerunPlan {
  /** For `runDag`. */
  readonly options: {
    readonly compiled: Compiled;
    readonly rerun: Rerun;
    readonly records: readonly RecordedOutput[];
    readonly logicalDate: string;
    readonly params: JsonObject;
  };
  /** What does not run again, and the state it keeps. */
  readonly kept: readonly { readonly task: string; readonly state: string }[];
}

/**
 * Reads the last run of the date and says what of it runs again; `undefined` where all of a new run does.
 *
 * @throws {RefusedError} `no-run`, `run-goes-on`, `other-version`, `unknown-task`, `upstream-not-done`, `output-not-recorded`, `params-of-run`
 */
export function rerunPlan(root: string, dag: DagNode, again: Again): RerunPlan | undefined {
  const { only = [], from = [], param = [] } = again;
  const wanted = [...only, ...from.map((task) => (task.endsWith('+') ? task : `${task}+`))];
  if (wanted.length === 0) return undefined;
  const run = lastRun(root, dag, again.logicalDate);
  const { record } = run;
  if (param.length > 0) {
    throw refused(
      dag,
      'params-of-run',
      'a rerun has the params of its run, got --param; leave it out, or run all of it',
    );
  }
  if (run.manifest.hash !== hashOf(dag)) {
    const message = `must be the version that run ${record.id} had, got another one; run all of it: tutti run ${dag.id}`;
    throw refused(dag, 'other-version', message);
  }
  const recorded = recordedOf(root, run);
  const tasks = selectedTasks(dag, run.manifest, wanted);
  assertUpstream(dag, run.manifest, { tasks, states: recorded.states, of: record.id });
  const rerun = { ...rerunOf(dag, recorded, tasks), of: record.id };
  const kept = [...recorded.states].flatMap(([task, state]) =>
    tasks.includes(task) ? [] : [{ task, state }],
  );
  const compiled = compileRerun(dag, { manifest: run.manifest, rerun });
  const { run: facts, params } = record.input;
  return {
    options: {
      compiled,
      rerun,
      records: recordsKept(recorded, tasks),
      logicalDate: facts.logicalDate,
      params,
    },
    kept,
  };
}

/** Of a rerun, with what the runs before it recorded, as long as they are there. */
function recordedOf(root: string, { record, manifest, events }: PastRun): RecordedRun {
  const of = record.input.rerun?.of;
  const before = of === undefined || !hasRun(root, of) ? undefined : recordedOf(root, readRun(root, of));
  return recordedRun(manifest, events, before);
}

/** The newest run of the DAG whose interval the date is in; without a date the newest of all. */
function lastRun(root: string, dag: DagNode, logicalDate: string | undefined): PastRun {
  const startMs = logicalDate === undefined ? undefined : intervalOf(dag, logicalDate, Date.now()).startMs;
  const isOfDate = ({ input }: RunRecord) =>
    startMs === undefined || Date.parse(input.run.interval.start) === startMs;
  const run = newestRun(root, dag.id, isOfDate);
  if (run === undefined) {
    const when = logicalDate === undefined ? '' : ` for ${logicalDate}`;
    throw refused(
      dag,
      'no-run',
      `must have run here${when} before some of it runs again; run all of it: tutti run ${dag.id}`,
    );
  }
  if (run.record.state === 'running' && run.alive) {
    throw refused(dag, 'run-goes-on', `run ${run.record.id} still goes on; wait for its end, or stop it`);
  }
  return run;
}

function refused(dag: DagNode, code: string, message: string): RefusedError {
  return new RefusedError(code, `dag "${dag.id}" › rerun: ${message}`);
}
