/** The input of an attempt's execution. */
import type { DagNode } from '../model/dag.ts';
import { isIntervalRun, type Run } from '../model/run.ts';
import type { Rerun, RunFacts, RunInput } from '../model/run-input.ts';
import { nextTick } from '../schedule/data-interval.ts';
import { isoText } from '../schedule/run-interval.ts';

/** What a place adds: names of its table, functions and machines. */
export type PlaceFacts = Pick<RunFacts, 'table' | 'expires' | 'fns' | 'machines'>;

/** What a run's execution is given: the run, its params, and which of its tasks run again. */
export function executionInput(
  dag: Pick<DagNode, 'schedule'>,
  run: Run,
  { place, rerun }: { readonly place: PlaceFacts; readonly rerun?: Rerun | undefined },
): RunInput {
  const supersededAt = supersededAtOf(dag, run);
  const { machines, ...named } = place;
  return {
    run: {
      id: run.id,
      dagId: run.dagId,
      attempt: String(run.attempt),
      logicalDate: run.logicalDate,
      interval: run.interval,
      type: run.type,
      ...(supersededAt === undefined ? {} : { supersededAt }),
      ...named,
      ...(machines === undefined ? {} : { machines }),
    },
    params: run.params,
    ...(rerun === undefined ? {} : { rerun }),
  };
}

/** When the interval after the run's one ends, or its tick comes; `undefined` where none follows. */
function supersededAtOf({ schedule }: Pick<DagNode, 'schedule'>, run: Run): string | undefined {
  if (!isIntervalRun(run)) return undefined;
  const next = nextTick(schedule, Date.parse(run.interval.end));
  return next === undefined ? undefined : isoText(next);
}
