/** Who reads values during a run: the calls of tasks, and what modules say of themselves. */
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { Inside, Unit } from '../scopes.ts';
import { type Graph, graphsOf } from './graph.ts';
import { type OutputRead, type Read, readsIn, readsOf } from './refs.ts';
import { unitPath, unitPlace } from './rule.ts';

/** A place that reads. */
export interface Reader {
  readonly id: string;
  /** `dag "sales" › task "load"`. */
  readonly path: string;
  readonly at: Pick<Problem, 'at'>;
  readonly reads: readonly Read[];
  /** Graphs whose tasks it can see, the innermost first. */
  readonly views: readonly View[];
  /** Modules whose item or last iteration it can read. */
  readonly modules: readonly Unit[];
}

/** A graph, and where in it the reader stands; without a place it reads when all of it has ended. */
export interface View {
  readonly graph: Graph;
  readonly index?: number;
}

const known = new WeakMap<DagNode, readonly Reader[]>();

/** Everything in a DAG that reads. */
export function readersOf(dag: DagNode): readonly Reader[] {
  const found = known.get(dag) ?? build(dag);
  known.set(dag, found);
  return found;
}

/** Where the task of an output stands as its reader sees it; `undefined` where there is none. */
export function viewOf(
  { views }: Reader,
  { task }: OutputRead,
): (View & { readonly source: number }) | undefined {
  for (const view of views) {
    const source = view.graph.holderOf(task);
    if (source !== undefined) return { ...view, source };
  }
  return undefined;
}

function build(dag: DagNode): readonly Reader[] {
  const graphs = graphsOf(dag);
  const insideOf = new Map(graphs.map((graph) => [graph.module, graph]));
  const around = new Map<Unit | undefined, readonly View[]>();
  return graphs.flatMap((graph) => {
    const outer = around.get(graph.module) ?? [];
    const modules = outer.flatMap((view) => view.graph.tasks[view.index ?? -1] ?? []);
    return graph.tasks.flatMap((unit, index): readonly Reader[] => {
      const views = [{ graph, index }, ...outer];
      around.set(unit, views);
      const common = { id: unit.id, path: unitPath(dag, unit), at: unitPlace(unit), views, modules };
      if (unit.inside === undefined) return [{ ...common, reads: readsOf(unit.call) }];
      const inner = insideOf.get(unit);
      const ended = inner === undefined ? views : [{ graph: inner }, ...views];
      return ofModule(common, ended, { ...unit, inside: unit.inside });
    });
  });
}

/** What a module reads before it begins, and what for each of its runs; a loop when one has `ended`. */
function ofModule(
  common: Omit<Reader, 'reads'>,
  ended: readonly View[],
  unit: Unit & { readonly inside: Inside },
): readonly Reader[] {
  const { does } = unit.inside;
  if (does.kind === 'retry') return [];
  const modules = [unit, ...common.modules];
  if (does.kind === 'map') {
    return [
      { ...common, reads: readsIn(does.items, 'items') },
      { ...common, reads: readsIn(does.label, 'label'), modules },
    ];
  }
  const last = [...readsIn(does.next, 'next'), ...readsIn(does.until, 'until')];
  return [
    { ...common, reads: readsIn(does.initial, 'initial') },
    { ...common, reads: last, views: ended, modules },
  ];
}
