/** What every machine is to be seen doing: the outcomes of its tasks, and the order in which they end. */
import type { Compiled } from '../../lib/compiler/compile.ts';
import type { ScriptedTry } from '../../lib/local/script.ts';
import type { Rerun } from '../../lib/model/run-input.ts';
import { labelsOf, type TaskNode } from '../../lib/model/task.ts';
import { type Subject, subjects } from './machines.ts';
import {
  combinations,
  done,
  EXTRAS,
  type Extra,
  failed,
  type Outcomes,
  skipped,
  type Tries,
} from './outcomes.ts';

/** One run, the same on every target. */
export interface Scenario {
  /** Unique, and part of a run's id. */
  readonly id: string;
  /** `n-graph in parts` */
  readonly machine: string;
  /** `n-graph: b fails, answered b a` */
  readonly title: string;
  readonly compiled: Compiled;
  readonly script: Tries;
  /** Tasks whose calls are answered before all others, first to last; the others by name. */
  readonly order: readonly string[];
  readonly rerun?: Rerun;
}

/** Every scenario of every machine. */
export function scenarios(): readonly Scenario[] {
  return subjects().flatMap(scenariosOf);
}

function scenariosOf({ name, dag, compiled }: Subject): readonly Scenario[] {
  const { outcomes = {}, orders = [], reruns }: Extra = EXTRAS[name] ?? {};
  const usual: Tries = Object.fromEntries(dag.tasks.map((task) => [task.id, [usualOf(task)]]));
  const singles: Outcomes = Object.assign({}, ...dag.tasks.map(outcomesOf));
  const runs = [...product({ 'all succeed': {}, ...outcomes }, [[], ...orders]), ...product(singles, [[]])];
  const masks: readonly (readonly [string, Rerun | undefined])[] = Object.entries(
    reruns ?? { '': undefined },
  );
  const all = masks.flatMap(([mask, rerun]) => runs.map((run) => ({ ...run, mask, rerun })));
  return all.map(({ outcome, script, order, mask, rerun }, index) => ({
    id: `${name.replaceAll(' ', '-')}-${index}`,
    title: [`${name}: ${outcome}`, mask, order.length === 0 ? '' : `answered ${order.join(' ')}`]
      .filter(Boolean)
      .join(', '),
    machine: name,
    compiled,
    script: { ...usual, ...script },
    order,
    ...(rerun === undefined ? {} : { rerun }),
  }));
}

/** Success; a brancher chooses everything, so that every task has its turn. */
function usualOf({ call }: TaskNode): ScriptedTry {
  return call.kind === 'branch' ? { ...done, labels: call.labels } : done;
}

function product(outcomes: Outcomes, orders: readonly (readonly string[])[]) {
  return Object.entries(outcomes).flatMap(([outcome, script]) =>
    orders.map((order) => ({ outcome, script, order })),
  );
}

/** One task's ways to end beside plain success. */
function outcomesOf({ id, call }: TaskNode): Outcomes {
  if (call.kind === 'choose' || call.kind === 'shortCircuit' || call.kind === 'at') return {};
  const labels = call.kind === 'branch' ? (labelsOf(call) ?? []) : [];
  const choices = labels.map(
    (label) => [`${id} chooses ${label}`, { [id]: [{ ...done, labels: [label] }] }] as const,
  );
  return {
    ...combinations([id]),
    ...Object.fromEntries(choices),
    ...(call.kind === 'branch' ? { [`${id} chooses none`]: { [id]: [{ ...done, labels: [] }] } } : {}),
    ...(call.kind === 'shortCircuitFn' ? { [`${id} cuts`]: { [id]: [{ ...done, pass: false }] } } : {}),
    ...(call.kind === 'approve'
      ? { [`${id} is rejected`]: { [id]: [failed] }, [`${id} is skipped`]: { [id]: [skipped] } }
      : {}),
  };
}
