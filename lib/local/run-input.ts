/** The input of a run's execution here. */
import type { JsonObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import type { Rerun, RunInput } from '../model/run-input.ts';
import type { PlaceFacts } from '../orchestrator/execution-input.ts';
import type { DataInterval } from '../schedule/data-interval.ts';
import { intervalTexts, isoText } from '../schedule/run-interval.ts';

/** Name of the table of latches and recorded outputs of a run here. */
export const LOCAL_TABLE = 'tutti';

/** How long what a run recorded is kept, seconds (`step-functions.md` 3). */
const KEPT_SECONDS = 2_592_000;

/** What makes one run of a DAG differ from the others. */
export interface NewRun {
  readonly id: string;
  readonly interval: DataInterval;
  readonly params: JsonObject;
  readonly startMs: number;
  /** Names of the machines that its own starts. @default none */
  readonly parts?: readonly string[];
  /** What of an earlier run is run again. @default everything runs */
  readonly rerun?: Rerun | undefined;
}

/** ARNs of nested machines by part, as they are here; `undefined` where there are none. */
export function machinesOf(parts: readonly string[]): Readonly<Record<string, string>> | undefined {
  if (parts.length === 0) return undefined;
  return Object.fromEntries(parts.map((part) => [part, `${MACHINE_ARN}:${part}`]));
}

/** In the form of AWS's, of no account. */
const MACHINE_ARN = 'arn:aws:states:local:000000000000:stateMachine';

/** What every execution here is told of this place. */
export function placeFacts(startMs: number, parts: readonly string[]): PlaceFacts {
  const machines = machinesOf(parts);
  return {
    table: LOCAL_TABLE,
    expires: String(Math.floor(startMs / 1000) + KEPT_SECONDS),
    fns: { main: 'local', pool: 'pool' },
    ...(machines === undefined ? {} : { machines }),
  };
}

/** The input of a run's execution. */
export function runInput(
  dag: DagNode,
  { id, interval, params, startMs, parts = [], rerun }: NewRun,
): RunInput {
  return {
    run: {
      id,
      dagId: dag.id,
      attempt: '1',
      logicalDate: isoText(interval.startMs),
      interval: intervalTexts(dag, interval),
      ...placeFacts(startMs, parts),
    },
    params,
    ...(rerun === undefined ? {} : { rerun }),
  };
}
