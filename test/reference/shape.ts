import type { FinalState } from './case.ts';

/** What of a unit says who may skip whom. */
interface Node {
  readonly id: string;
  readonly upstream: readonly string[];
  readonly kind?: string | undefined;
  readonly respectTriggerRules: boolean;
  readonly setups: readonly string[];
}

/** What the edges of a scope say about who may skip whom and who must wait for whom. */
export interface Shape<Of extends Node> {
  /** Every unit after all of its upstream ones. */
  readonly order: readonly Of[];
  /** Units without whose end this one is never decided, whatever its rule. */
  holders(id: string): readonly string[];
  /** Whether the one is above the other, at any depth. */
  leads(from: string, to: string): boolean;
  /** Setups it is below, not directly, and a teardown of which it is above. */
  guards(id: string): readonly string[];
  /** Whether a brancher or shortCircuit above left it out; asked when the holders are final. */
  cut(id: string, final: Final, found: Found): boolean;
}

/** State of a unit that is final by now. */
export type Final = (id: string) => FinalState | undefined;

/** What a brancher chose among the units of its scope, or a shortCircuit found. */
export type Found = (id: string) => { readonly chooses: readonly string[]; readonly condition: boolean };

export function shapeOf<Of extends Node>(units: readonly Of[]): Shape<Of> {
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const order: Of[] = [];
  const above = new Map<string, ReadonlySet<string>>();
  const visit = (unit: Of): ReadonlySet<string> => {
    const known = above.get(unit.id);
    if (known !== undefined) return known;
    const all = new Set<string>();
    for (const id of unit.upstream) {
      all.add(id);
      for (const further of visit(get(byId, id))) all.add(further);
    }
    above.set(unit.id, all);
    order.push(unit);
    return all;
  };
  for (const unit of units) visit(unit);
  return shapeIn(byId, order, (upper, lower) => above.get(lower)?.has(upper) === true);
}

type Leads = (from: string, to: string) => boolean;

function shapeIn<Of extends Node>(
  byId: ReadonlyMap<string, Of>,
  order: readonly Of[],
  leads: Leads,
): Shape<Of> {
  const teardowns = order.filter(({ kind }) => kind === 'teardown');
  const circuits = order.filter(({ kind }) => kind === 'shortCircuit');

  const branchersOf = ({ upstream }: Of) =>
    upstream.map((id) => get(byId, id)).filter(({ kind }) => kind === 'branch');
  const circuitsOf = ({ id, upstream }: Of) =>
    circuits.filter((circuit) =>
      circuit.respectTriggerRules ? upstream.includes(circuit.id) : leads(circuit.id, id),
    );
  const guardsOf = ({ id, upstream }: Of) => {
    const between = teardowns.filter((teardown) => leads(id, teardown.id)).flatMap(({ setups }) => setups);
    return [...new Set(between)].filter((setup) => leads(setup, id) && !upstream.includes(setup));
  };

  /** A teardown follows its own rule and nothing else. */
  const unlessTeardown = (id: string, of: (unit: Of) => readonly string[]) => {
    const unit = get(byId, id);
    return unit.kind === 'teardown' ? [] : of(unit);
  };
  const idsOf = (list: readonly Of[]) => list.map(({ id }) => id);
  return {
    order,
    leads,
    guards: (id) => unlessTeardown(id, guardsOf),
    holders: (id) =>
      unlessTeardown(id, (unit) => [
        ...idsOf(branchersOf(unit)),
        ...idsOf(circuitsOf(unit)),
        ...guardsOf(unit),
      ]),
    cut: (id, final, found) => {
      const hasEndedWell = (skipper: Of) => final(skipper.id) === 'success';
      return (
        unlessTeardown(id, (unit) => [
          ...idsOf(
            branchersOf(unit)
              .filter(hasEndedWell)
              .filter((brancher) => !chosen(found(brancher.id).chooses, id, leads)),
          ),
          ...idsOf(
            circuitsOf(unit)
              .filter(hasEndedWell)
              .filter((circuit) => !found(circuit.id).condition),
          ),
        ]).length > 0
      );
    },
  };
}

/** Chosen itself, or below a chosen one, at any depth. */
function chosen(chooses: readonly string[], id: string, leads: Leads): boolean {
  return chooses.some((target) => target === id || leads(target, id));
}

function get<Of>(byId: ReadonlyMap<string, Of>, id: string): Of {
  const unit = byId.get(id);
  if (unit === undefined) throw new Error(`no task or module ${id}`);
  return unit;
}
