/** What a simulation of schedules is given, and what it tells. */
import type { DagNode } from '../../model/dag.ts';
import type { Run } from '../../model/run.ts';
import type { AuditProblem, AuditRow } from '../../orchestrator/audit.ts';
import type { Message, World } from '../../orchestrator/ports.ts';
import type { TaskRunRow } from '../../store/store.ts';
import type { Script } from '../script.ts';
import type { ScheduleEvent } from './agenda.ts';

export interface ScheduleOptions {
  readonly dags: readonly DagNode[];
  /** Day (UTC) or instant, ISO 8601, when it begins. */
  readonly from: string;
  /** Day or instant before which the simulation ends; what runs then is left as it is. */
  readonly to: string;
  /**
   * Whether the DAGs are new then: with catchup, every interval since their start has a run, else the newest. Otherwise
   * they have been there before, and nothing that ended earlier is due.
   *
   * @default false
   */
  readonly fresh?: boolean;
  /** What tasks do, by DAG. @default each try succeeds after a second */
  readonly scripts?: Readonly<Record<string, Script>>;
  /** What happens meanwhile. @default nothing */
  readonly events?: readonly (ScheduleEvent | Outage)[];
  /** Part of all tries that fail at random, with `Simulation.Fault`: 0.05. @default 0 */
  readonly faults?: number;
  /** Of faults, and of retries with jitter. @default 1 */
  readonly seed?: number;
}

/** Something that tasks need is not there: their tries fail. Instants are ISO 8601. */
export interface Outage {
  readonly from: string;
  readonly to: string;
  /** `dag`, or one task of it: `dag/task`. */
  readonly outage: string;
  /** @default 'Simulation.Outage' */
  readonly error?: string;
}

/** What became of every interval and run. */
export interface ScheduleSimulation {
  /** By DAG, then by logical date. */
  readonly runs: readonly SimulatedRunOfDag[];
  /** Every interval of each schedule in the range, with its run or why it has none. */
  readonly intervals: readonly IntervalOfDag[];
  /** What people were told, in order. */
  readonly messages: readonly Message[];
  /** Of all executions. */
  readonly transitions: number;
  /** What AWS takes for them. */
  readonly dollars: number;
  /** Gaps, overlaps and doubles of the ledger. Empty: none. */
  readonly problems: readonly (AuditProblem & { readonly dagId: string })[];
  /** What did not work meanwhile: runs that could not be started. Empty: nothing. */
  readonly failures: readonly string[];
  /** The orchestrator as it is at the end, to ask it more. */
  readonly world: World;
}

export interface SimulatedRunOfDag extends Run {
  /** By task, of the newest attempt. */
  readonly tasks: Readonly<Record<string, SimulatedTaskOfRun>>;
  /** Was not done by its deadline. */
  readonly late: boolean;
}

export interface SimulatedTaskOfRun {
  readonly state: TaskRunRow['state'];
  /** Of all its instances. */
  readonly tries: number;
  /** ISO 8601. Absent where it did not run. */
  readonly startedAt?: string;
  readonly endedAt?: string;
}

export interface IntervalOfDag extends AuditRow {
  readonly dagId: string;
}
