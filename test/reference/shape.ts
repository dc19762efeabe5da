import type { CaseTask, FinalState } from './case.ts';

/** What the edges of a case say about who may skip whom and who must wait for whom. */
export interface Shape {
  /** Every task after all of its upstream tasks. */
  readonly order: readonly CaseTask[];
  /** Tasks without whose end this one is never decided, whatever its rule. */
  holders(id: string): readonly string[];
  /** Setups it is below, not directly, and a teardown of which it is above. */
  guards(id: string): readonly string[];
  /** Whether a brancher or shortCircuit above left it out; asked when the holders are final. */
  cut(id: string, final: Final): boolean;
}

/** State of a task that is final by now. */
export type Final = (id: string) => FinalState | undefined;

export function shapeOf(tasks: readonly CaseTask[]): Shape {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const order: CaseTask[] = [];
  const above = new Map<string, ReadonlySet<string>>();
  const visit = (task: CaseTask): ReadonlySet<string> => {
    const known = above.get(task.id);
    if (known !== undefined) return known;
    const all = new Set<string>();
    for (const id of task.upstream ?? []) {
      all.add(id);
      for (const further of visit(get(byId, id))) all.add(further);
    }
    above.set(task.id, all);
    order.push(task);
    return all;
  };
  for (const task of tasks) visit(task);
  return shapeIn(byId, order, (upper, lower) => above.get(lower)?.has(upper) === true);
}

type Leads = (from: string, to: string) => boolean;

function shapeIn(byId: ReadonlyMap<string, CaseTask>, order: readonly CaseTask[], leads: Leads): Shape {
  const tasks = [...byId.values()];
  const teardowns = tasks.filter(({ kind }) => kind === 'teardown');
  const circuits = tasks.filter(({ kind }) => kind === 'shortCircuit');

  const branchersOf = ({ upstream = [] }: CaseTask) =>
    upstream.map((id) => get(byId, id)).filter(({ kind }) => kind === 'branch');
  const circuitsOf = ({ id, upstream = [] }: CaseTask) =>
    circuits.filter((circuit) =>
      circuit.respectTriggerRules ? upstream.includes(circuit.id) : leads(circuit.id, id),
    );
  const guardsOf = ({ id, upstream = [] }: CaseTask) => {
    const between = teardowns
      .filter((teardown) => leads(id, teardown.id))
      .flatMap(({ setups = [] }) => setups);
    return [...new Set(between)].filter((setup) => leads(setup, id) && !upstream.includes(setup));
  };

  /** A teardown follows its own rule and nothing else. */
  const unlessTeardown = (id: string, of: (task: CaseTask) => readonly string[]) => {
    const task = get(byId, id);
    return task.kind === 'teardown' ? [] : of(task);
  };
  const idsOf = (list: readonly CaseTask[]) => list.map(({ id }) => id);
  return {
    order,
    guards: (id) => unlessTeardown(id, guardsOf),
    holders: (id) =>
      unlessTeardown(id, (task) => [
        ...idsOf(branchersOf(task)),
        ...idsOf(circuitsOf(task)),
        ...guardsOf(task),
      ]),
    cut: (id, final) =>
      unlessTeardown(id, (task) => [
        ...idsOf(branchersOf(task).filter(({ chooses = [] }) => !chosen(chooses, id, leads))),
        ...idsOf(circuitsOf(task).filter(({ condition }) => condition === false)),
      ]).some((skipper) => final(skipper) === 'success'),
  };
}

/** Chosen itself, or below a chosen one, at any depth. */
function chosen(chooses: readonly string[], id: string, leads: Leads): boolean {
  return chooses.some((target) => target === id || leads(target, id));
}

function get(byId: ReadonlyMap<string, CaseTask>, id: string): CaseTask {
  const task = byId.get(id);
  if (task === undefined) throw new Error(`no task ${id}`);
  return task;
}
