/** What a deployment of this project to an environment would change. Pure. */
import { compareTexts } from '../../base/compare.ts';
import type { Compiled } from '../../compiler/compile.ts';
import { runUsage } from '../../compiler/usage.ts';
import { costOf } from '../../deployment/prices.ts';
import type { Permission } from '../../engines/permission.ts';
import type { DagNode } from '../../model/dag.ts';
import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Run } from '../../model/run.ts';
import { dueIntervals } from '../../schedule/due-intervals.ts';
import { eventBridgeSchedules } from '../../schedule/event-bridge.ts';
import { runsPerMonth } from '../../schedule/frequency.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { type Changed, changedIn, type DagChange, dagChange } from './dag-changes.ts';
import { type VersionChange, versionChange } from './version-change.ts';

/** A DAG of this project. */
export interface DagHere {
  readonly dag: DagNode;
  readonly compiled: Compiled;
  readonly permissions: readonly Permission[];
  /** What would be registered. Absent: nobody synthesized it. */
  readonly manifest?: Manifest;
}

/** A DAG as it is deployed. */
export interface DagThere {
  readonly head: DagHead;
  readonly version: DagVersion;
  readonly compiled: Compiled;
  readonly permissions: readonly Permission[];
  /** Runs that have not ended. */
  readonly open: readonly Run[];
}

export interface DeployPlan {
  readonly environment: string;
  readonly dags: readonly PlannedDag[];
  /** Of all DAGs, those that stay as they are included. */
  readonly monthly: Dollars;
}

export interface PlannedDag extends DagChange {
  /** Absent: runs have the version that they have now. */
  readonly version?: VersionChange;
  /** Nothing that follows differs, nor the DAG itself: its code does, say. */
  readonly isVersionAlone: boolean;
  /** EventBridge's expressions. */
  readonly schedules: Changed;
  /** `states:StartExecution arn:…`, one line each. */
  readonly permissions: Changed;
  /** Logical dates that get a run at once: a new DAG's catchup, a schedule that moved. */
  readonly intervals: Appearing;
  /** Runs that go on with the version that they have. */
  readonly inFlight: readonly InFlight[];
  readonly monthly: Dollars;
}

export interface Appearing {
  readonly first?: string;
  readonly last?: string;
  /** At most 1,000; `more`: there are more. */
  readonly count: number;
  readonly more: boolean;
}

export interface InFlight {
  readonly run: string;
  readonly state: string;
  /** Of its version. */
  readonly version: string;
}

/** A month's. */
export interface Dollars {
  readonly before: number;
  readonly after: number;
}

/** Most intervals that are counted. */
const MOST_INTERVALS = 1_000;

const NO_INTERVALS: Appearing = { count: 0, more: false };

export function deployPlan(
  environment: string,
  here: readonly DagHere[],
  there: readonly DagThere[],
  nowMs: number,
): DeployPlan {
  const deployed = new Map(there.map((each) => [each.head.dagId, each]));
  const ids = new Set([...here.map(({ dag }) => dag.id), ...deployed.keys()]);
  const mine = new Map(here.map((each) => [each.dag.id, each]));
  const dags = [...ids].sort(compareTexts).flatMap((id) => plannedDag(mine.get(id), deployed.get(id), nowMs));
  const after = here.reduce((sum, each) => sum + monthlyOf(each), 0);
  const before = there.reduce((sum, each) => sum + monthlyThere(each), 0);
  return { environment, dags, monthly: { before, after } };
}

function plannedDag(
  here: DagHere | undefined,
  there: DagThere | undefined,
  nowMs: number,
): readonly PlannedDag[] {
  const change = dagChange(there?.version.dag, here?.dag);
  const version = versionChange(there, here);
  const permissions = changedIn(linesOf(there?.permissions), linesOf(here?.permissions));
  const areSame = [permissions.added, permissions.removed].every(({ length }) => length === 0);
  const isVersionAlone = change === undefined && areSame;
  const dagId = here?.dag.id ?? there?.head.dagId;
  if (dagId === undefined || (isVersionAlone && version === undefined)) return [];
  const none: Changed = { added: [], removed: [], changed: [] };
  return [
    {
      ...(change ?? { dagId, change: 'changed', tasks: none, edges: none, settings: [] }),
      ...(version === undefined ? {} : { version }),
      isVersionAlone,
      schedules: changedIn(expressionsOf(there?.version.dag), expressionsOf(here?.dag)),
      permissions,
      intervals: here === undefined ? NO_INTERVALS : appearing(here.dag, there?.head, nowMs),
      inFlight: (there?.open ?? []).map(({ id, state, version }) => ({ run: id, state, version })),
      monthly: {
        before: there === undefined ? 0 : monthlyThere(there),
        after: here === undefined ? 0 : monthlyOf(here),
      },
    },
  ];
}

function linesOf(permissions: readonly Permission[] = []): ReadonlyMap<string, string> {
  const lines = permissions.flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`)),
  );
  return new Map(lines.map((line) => [line, line]));
}

function expressionsOf(dag: DagNode | undefined): ReadonlyMap<string, string> {
  const schedules = dag === undefined ? [] : eventBridgeSchedules(dag.schedule);
  const texts = schedules.map(({ expression, timezone }) => `${expression} ${timezone}`);
  return new Map(texts.map((text) => [text, text]));
}

function appearing(dag: DagNode, head: DagHead | undefined, nowMs: number): Appearing {
  const registered = head ?? { paused: false, registeredAt: isoText(nowMs) };
  const { retiredAt: _gone, ...current } = { retiredAt: undefined, ...registered };
  const { intervals, more } = dueIntervals({ dag, head: current }, nowMs, { limit: MOST_INTERVALS });
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (first === undefined || last === undefined) return NO_INTERVALS;
  return { first: isoText(first.startMs), last: isoText(last.startMs), count: intervals.length, more };
}

function monthlyOf({ dag, compiled }: Pick<DagHere, 'dag' | 'compiled'>): number {
  return costOf(runUsage(dag, compiled)) * runsPerMonth(dag.schedule);
}

function monthlyThere({ head, version, compiled }: DagThere): number {
  return head.paused ? 0 : monthlyOf({ dag: version.dag, compiled });
}
