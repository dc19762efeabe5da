import { relative } from 'node:path';
import { type Problem, type SourceLocation, withoutEchoes } from '../base/errors.ts';
import { reached } from '../base/reached.ts';
import { checkDag } from '../compiler/check-dag.ts';
import { startCollecting } from '../dsl/collect.ts';
import { bodyOf, keepBodies } from '../model/bodies.ts';
import type { DagNode } from '../model/dag.ts';
import { asksOfBodies } from './asks-in.ts';
import type { Bundle } from './bundle.ts';
import { clockProblems } from './clock-in-body.ts';
import { type LoadedFile, openBundle } from './open-bundle.ts';
import type { SourcePlaces } from './source-places.ts';

export interface LoadedDag {
  readonly dag: DagNode;
  /** Absolute. */
  readonly file: string;
  /** What is wrong with this DAG: with its declaration, its rules, its id. */
  readonly problems: readonly Problem[];
}

/** What evaluating the files of a bundle gave. */
export interface Collected {
  /** By file, then in the order declared. */
  readonly dags: readonly LoadedDag[];
  /** All of them, those of the DAGs included. */
  readonly problems: readonly Problem[];
}

/** A file with the DAGs it exports, as declared. */
interface EvaluatedFile extends LoadedFile {
  readonly file: string;
  readonly exported: readonly DagNode[];
}

interface Evaluated {
  readonly files: readonly EvaluatedFile[];
  /** Every DAG declared, exported or not. */
  readonly declared: readonly DagNode[];
  /** What `dag()` found wrong. */
  readonly problems: readonly Problem[];
  readonly places: SourcePlaces;
}

/** Evaluates every file of a bundle and checks the DAGs they export, also against those of files that are not in it. */
export async function collectDags(
  bundle: Bundle,
  root: string,
  others: readonly DagNode[] = [],
): Promise<Collected> {
  const evaluated = await evaluate(bundle, root);
  const ofDeclarations = byDag(evaluated.problems);
  const owners = ownersOf(evaluated);
  const first = new Map(others.map((dag) => [dag.id, dag]));
  const sizes = new Map<string, PoolSize>();
  for (const dag of others) poolSizes(dag, sizes);
  const clocks = await Promise.all([...owners.keys()].map((dag) => clockProblems(dag, evaluated.places)));
  const dags = [...owners].map(([declared, file], index): LoadedDag => {
    const dag = located(declared, evaluated.places, () => reachedFrom(file, bundle));
    const declaration = ofDeclarations.get(dag.id) ?? [];
    // A body that threw declares nothing, and says so itself.
    const rules = checkDag(dag).filter(({ code }) => code !== 'empty-dag' || declaration.length === 0);
    const problems = [
      ...withoutEchoes(declaration, rules),
      ...duplicate(dag, first.get(dag.id)),
      ...poolSizes(dag, sizes),
      ...(clocks[index] ?? []),
    ];
    if (!first.has(dag.id)) first.set(dag.id, dag);
    return { dag, file, problems };
  });
  const ofFiles = evaluated.files.flatMap((file) => file.problems);
  const missing = missingExports(evaluated, { root, owners, imported: bundle.imported });
  const loaded = new Set(dags.map(({ dag }) => dag.id));
  const elsewhere = evaluated.problems.filter(({ path }) => !loaded.has(dagIdIn(path)));
  return {
    dags,
    problems: [...ofFiles, ...missing, ...elsewhere, ...dags.flatMap(({ problems }) => problems)],
  };
}

async function evaluate(bundle: Bundle, root: string): Promise<Evaluated> {
  const { load, places } = await openBundle(bundle, root);
  const collection = startCollecting();
  try {
    const files: EvaluatedFile[] = [];
    for (const file of bundle.files) files.push({ file, exported: [], ...(await load(file)) });
    const order = new Map(collection.dags.map((dag, index) => [dag, index]));
    return {
      files: files.map((file) => ({ ...file, exported: exportedDags(file.exports, order) })),
      declared: collection.dags,
      problems: collection.problems.map(places.locateProblem),
      places,
    };
  } finally {
    collection.stop();
  }
}

/** DAGs among the named exports, also in lists and records of them, in the order declared. */
function exportedDags(
  exports: Readonly<Record<string, unknown>>,
  order: ReadonlyMap<unknown, number>,
): readonly DagNode[] {
  const values = Object.entries(exports).flatMap(([name, value]) => {
    if (name === 'default' || typeof value !== 'object' || value === null) return [];
    return order.has(value) ? [value] : Object.values(value);
  });
  return values
    .filter((value): value is DagNode => order.has(value))
    .sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0));
}

/** The file of each exported DAG: where it is declared, if that file exports it, else the first that does. */
function ownersOf({ files, places }: Evaluated): ReadonlyMap<DagNode, string> {
  const owners = new Map<DagNode, string>();
  for (const { file, exported } of files) {
    for (const dag of exported) {
      const declaredHere = dag.at !== undefined && places.locate(dag.at).file === file;
      if (declaredHere || !owners.has(dag)) owners.set(dag, file);
    }
  }
  return owners;
}

/** A file with all that it imports. */
function reachedFrom(file: string, { imports }: Bundle): ReadonlySet<string> {
  return new Set([file, ...reached([file], (at) => imports.get(at) ?? [])]);
}

/** The same DAG with places in the author's files, and with what its bodies ask, which `files` name; its bodies go with it. */
function located(dag: DagNode, places: SourcePlaces, files = (): Iterable<string> => []): DagNode {
  const at = <T extends { readonly at?: SourceLocation }>(node: T): T =>
    node.at === undefined ? node : Object.freeze({ ...node, at: Object.freeze(places.locate(node.at)) });
  const asks = Object.freeze(asksOfBodies(dag, files));
  const copy = at({ ...dag, tasks: Object.freeze(dag.tasks.map(at)), asks });
  const bodies = dag.tasks.flatMap(({ id }) => {
    const body = bodyOf(dag, id);
    return body === undefined ? [] : [[id, body] as const];
  });
  keepBodies(copy, new Map(bodies));
  return copy;
}

function duplicate(dag: DagNode, earlier: DagNode | undefined): readonly Problem[] {
  if (earlier === undefined) return [];
  return [
    {
      code: 'duplicate-dag-id',
      path: `dag "${dag.id}"`,
      message: `must have an id of its own, got "${dag.id}" twice`,
      remedy: 'rename one of the two',
      ...(dag.at === undefined ? {} : { at: dag.at }),
      ...(earlier.at === undefined ? {} : { related: [{ note: 'first declared here', at: earlier.at }] }),
    },
  ];
}

/** A pool as a DAG before declared it. */
interface PoolSize {
  readonly slots: number;
  readonly dag: string;
}

/** The places of a pool are shared by all DAGs, so there is one number of them. */
function poolSizes(dag: DagNode, sizes: Map<string, PoolSize>): readonly Problem[] {
  return (dag.pools ?? []).flatMap(({ name, slots }): readonly Problem[] => {
    const earlier = sizes.get(name);
    if (earlier === undefined) sizes.set(name, { slots, dag: dag.id });
    if (earlier === undefined || earlier.slots === slots || earlier.dag === dag.id) return [];
    return [
      {
        code: 'pool-sizes',
        path: `dag "${dag.id}" › pool "${name}"`,
        message: `must have the ${earlier.slots} slots it has in dag "${earlier.dag}", got ${slots}`,
        remedy: 'declare the pool once, and import it',
        ...(dag.at === undefined ? {} : { at: dag.at }),
      },
    ];
  });
}

interface Exports {
  readonly root: string;
  readonly owners: ReadonlyMap<DagNode, string>;
  /** Files that another one imports: they may be helpers. */
  readonly imported: ReadonlySet<string>;
}

/** DAGs nobody exports, and files that are there for nothing. */
function missingExports(evaluated: Evaluated, { root, owners, imported }: Exports): readonly Problem[] {
  const hidden = evaluated.declared
    .filter((dag) => !owners.has(dag))
    .map((dag) => located(dag, evaluated.places));
  const explained = new Set([...hidden, ...evaluated.problems].map(({ at }) => at?.file));
  const idle = evaluated.files.filter(
    ({ file, exported, problems }) =>
      exported.length === 0 && problems.length === 0 && !imported.has(file) && !explained.has(file),
  );
  return [...hidden.map(notExported), ...idle.map(({ file }) => noDag(relative(root, file), file))];
}

function notExported(dag: DagNode): Problem {
  return {
    code: 'unexported-dag',
    path: `dag "${dag.id}"`,
    message: 'must be a named export of its file, got a DAG that nothing exports',
    remedy: `write export const ${camelCase(dag.id)} = dag("${dag.id}", …); default exports are not read`,
    ...(dag.at === undefined ? {} : { at: dag.at }),
  };
}

function noDag(path: string, file: string): Problem {
  return {
    code: 'no-dag',
    path,
    message: 'must export at least one DAG, got none',
    remedy:
      "write export const name = dag('name', { … }, ({ task }) => { … }), or move the file out of the pipelines' folder",
    at: { file, line: 1, column: 1 },
  };
}

function camelCase(id: string): string {
  return id
    .replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')
    .replace(/^\d/, '_$&');
}

function byDag(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const id = dagIdIn(problem.path);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [problem]);
    else group.push(problem);
  }
  return groups;
}

/** Of `dag "sales" › task "load"`: `sales`. */
function dagIdIn(path: string): string {
  return /^dag "([^"]*)"/.exec(path)?.[1] ?? '';
}
