/** What follows for the tasks below where a person says how a task ended. */
import { reached } from '../base/reached.ts';
import type { DagNode } from '../model/dag.ts';
import { evaluate } from '../model/evaluate.ts';
import type { Manifest } from '../model/manifest.ts';
import { isShortCircuit, labelsOf, type TaskNode } from '../model/task.ts';
import type { Decision, UpstreamCounts } from '../model/trigger-rule.ts';
import { markKey } from '../model/variables.ts';
import type { RecordedRun } from './recorded-run.ts';
import { selectedTasks } from './rerun.ts';
import type { TaskRunState } from './task-run.ts';
import { type Unit, unitsOf } from './units.ts';

export type MarkedState = 'success' | 'failed' | 'skipped';

export interface Consequences {
  /** Of tasks and modules outside of any other: how each stands then. */
  readonly states: ReadonlyMap<string, TaskRunState>;
  /** Ids of what would run now, and of all that is below it: it runs again. */
  readonly again: readonly string[];
}

/** Did not run; whether it does depends on what is above. */
const NOT_RUN: ReadonlySet<TaskRunState | undefined> = new Set([
  'skipped',
  'upstream_failed',
  'none',
  'cancelled',
]);

/**
 * Decides again what is below the marked tasks and did not run, by its trigger rule. What a brancher did not choose and a
 * short circuit cut off stays skipped; what ran stays as it ended.
 */
export function consequencesOf(
  { dag, manifest }: { readonly dag: DagNode; readonly manifest: Manifest },
  recorded: Pick<RecordedRun, 'states' | 'marks'>,
  { units: marked, state }: { readonly units: readonly string[]; readonly state: MarkedState },
): Consequences {
  const units = unitsOf(manifest).in(undefined);
  const states = new Map(recorded.states);
  for (const id of marked) states.set(id, state);
  const nodes = new Map(dag.tasks.map((task) => [task.id, task]));
  const below = belowOf(units, marked);
  const runs = new Set<string>();
  for (const unit of units) {
    const decision = decideAgain(unit, { states, nodes, marks: recorded.marks, below, runs });
    if (decision === 'run') runs.add(unit.id);
    if (decision === 'skipped' || decision === 'upstream_failed') states.set(unit.id, decision);
  }
  const again =
    runs.size === 0 ? [] : selectedTasks(dag, manifest, [...runs]).filter((id) => !marked.includes(id));
  return { states, again };
}

function belowOf(units: readonly Unit[], marked: readonly string[]): ReadonlySet<string> {
  const edges = units.flatMap(({ id, upstream, heldBy = [] }) =>
    [...upstream.map(({ task }) => task), ...heldBy].map((from) => ({ from, to: id })),
  );
  const downstream = Map.groupBy(edges, ({ from }) => from);
  const found = new Set(reached(marked, (at) => (downstream.get(at) ?? []).map(({ to }) => to)));
  for (const id of marked) found.delete(id);
  return found;
}

interface Standing {
  readonly states: ReadonlyMap<string, TaskRunState>;
  readonly nodes: ReadonlyMap<string, TaskNode>;
  readonly marks: RecordedRun['marks'];
}

/** `wait`: it stays as it is. */
function decideAgain(
  unit: Unit,
  standing: Standing & { readonly below: ReadonlySet<string>; readonly runs: ReadonlySet<string> },
): Decision {
  const { states, below, runs } = standing;
  if (unit.upstream.some(({ task }) => runs.has(task))) return 'run';
  return below.has(unit.id) && NOT_RUN.has(states.get(unit.id)) ? decide(unit, standing) : 'wait';
}

function decide(unit: Unit, standing: Standing): Decision {
  const { states, nodes } = standing;
  const above = unit.upstream.map(({ task }) => task);
  const counts = countsOf(above, states);
  const setups = nodes.get(unit.id)?.teardownOf;
  if (setups === undefined) {
    if (isLeftOut(unit, standing)) return 'skipped';
    return heldState(unit, standing) ?? evaluate(unit.triggerRule, counts);
  }
  const { success, skipped, upstream: total } = countsOf(setups, states);
  return evaluate(unit.triggerRule, { ...counts, setups: { total, success, skipped } });
}

/** Work below a setup that did not succeed ends as it, whatever its rule. */
function heldState({ heldBy = [] }: Unit, { states, nodes }: Standing): Decision | undefined {
  const setups = heldBy.filter((id) => nodes.has(id) && !isCutter(nodes.get(id)));
  const codes = new Set(setups.map((id) => codeOf(states.get(id))));
  if (codes.has('failed') || codes.has('upstreamFailed')) return 'upstream_failed';
  return codes.has('skipped') ? 'skipped' : undefined;
}

function isCutter(task: TaskNode | undefined): boolean {
  return task !== undefined && (isShortCircuit(task.call) || labelsOf(task.call) !== undefined);
}

/** A brancher that succeeded did not choose it, or a short circuit cut it off. */
function isLeftOut(unit: Unit, { states, nodes, marks }: Standing): boolean {
  const succeeded = (id: string) => states.get(id) === 'success';
  const isUnchosen = unit.upstream.some(({ task, labels }) => {
    if (labels === undefined || !succeeded(task)) return false;
    const chosen = marks[markKey(task)] ?? '';
    return !labels.some((label) => chosen.includes(`|${label}|`));
  });
  const above = [...unit.upstream.map(({ task }) => task), ...(unit.heldBy ?? [])];
  const isCut = above.some((id) => {
    const call = nodes.get(id)?.call;
    return call !== undefined && isShortCircuit(call) && succeeded(id) && marks[markKey(id)] === 'x';
  });
  return isUnchosen || isCut;
}

function countsOf(ids: readonly string[], states: ReadonlyMap<string, TaskRunState>): UpstreamCounts {
  const counts = { upstream: ids.length, success: 0, failed: 0, skipped: 0, upstreamFailed: 0 };
  for (const id of ids) {
    const code = codeOf(states.get(id));
    if (code !== undefined) counts[code]++;
  }
  return counts;
}

/** As the machine of reruns counts what does not run again. */
function codeOf(
  state: TaskRunState | undefined,
): 'success' | 'failed' | 'skipped' | 'upstreamFailed' | undefined {
  if (state === 'success' || state === 'skipped') return state;
  return state === 'upstream_failed' || state === 'none' ? 'upstreamFailed' : 'failed';
}
