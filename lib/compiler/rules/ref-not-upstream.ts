import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { ancestry, type IsAbove } from './ancestry.ts';
import { type Graph, graphsOf } from './graph.ts';
import { type Reader, readersOf, type View, viewOf } from './readers.ts';
import type { FactRead, OutputRead } from './refs.ts';

/** Facts about a run that a Ref may read. */
const RUN_FACTS: ReadonlySet<string> = new Set([
  'id',
  'dagId',
  'attempt',
  'logicalDate',
  'interval',
  'interval.start',
  'interval.end',
  'interval.date',
]);

/** A Ref reads a task above its reader, a param the DAG declares, or a fact there is. */
export function refNotUpstream(dag: DagNode): readonly Problem[] {
  const readers = readersOf(dag);
  const isAbove = aboveIn(dag, readers);
  return readers.flatMap((reader) =>
    reader.reads.flatMap((read): readonly Problem[] => {
      if (read.kind === 'output') return output(dag, reader, read, isAbove);
      return read.kind === 'param' || read.kind === 'run' ? fact(dag, reader, read) : [];
    }),
  );
}

/** Of each graph, who is above whom at a distance, as far as somebody reads so. */
function aboveIn(dag: DagNode, readers: readonly Reader[]): ReadonlyMap<Graph, IsAbove> {
  const far = new Map<Graph, string[]>(graphsOf(dag).map((graph) => [graph, []]));
  for (const seen of readers.flatMap(seenBy)) {
    const id = seen.graph.tasks[seen.source]?.id;
    if (id !== undefined && !isDirect(seen)) far.get(seen.graph)?.push(id);
  }
  return new Map([...far].map(([graph, ids]) => [graph, ancestry(graph, ids)]));
}

function seenBy(reader: Reader): readonly Seen[] {
  return reader.reads.flatMap((read) => (read.kind === 'output' ? (viewOf(reader, read) ?? []) : []));
}

/** Where the task of an output stands as its reader sees it. */
interface Seen extends View {
  readonly source: number;
}

/** Directly above its reader, or inside the loop whose end reads it. */
function isDirect({ graph, index, source }: Seen): boolean {
  return index === undefined || (source !== index && graph.upstream[index]?.includes(source) === true);
}

function output(
  dag: DagNode,
  reader: Reader,
  read: OutputRead,
  isAbove: ReadonlyMap<Graph, IsAbove>,
): readonly Problem[] {
  const view = viewOf(reader, read);
  if (view === undefined) {
    const ids = graphsOf(dag).flatMap(({ tasks }) => tasks.map(({ id }) => id));
    const near = nearest(read.task, ids);
    const remedy =
      near === undefined
        ? 'read a task of this DAG: a value of another one goes through a table or a file'
        : `did you mean "${near}"?`;
    return [problem(reader, read, `must read the output of a task of this DAG, got "${read.task}"`, remedy)];
  }
  const { graph, index = -1, source } = view;
  const id = graph.tasks[source]?.id ?? '';
  if (isDirect(view) || isAbove.get(graph)?.(index, id) === true) return [];
  if (source !== index) {
    const message = `must read the output of a task above it, got "${read.task}"`;
    return [problem(reader, read, message, `add it: { after: ${read.task} }`)];
  }
  return [
    problem(
      reader,
      read,
      reader.id === read.task
        ? 'must not read its own output, which is there when the task has ended'
        : `must not read what it is a part of, got "${read.task}"`,
      'read a task above it',
    ),
  ];
}

function problem(
  { path, at }: Reader,
  { where }: OutputRead | FactRead,
  message: string,
  remedy: string,
): Problem {
  return { code: 'ref-not-upstream', path: `${path} › ${where}`, message, remedy, ...at };
}

function fact(dag: DagNode, reader: Reader, read: FactRead): readonly Problem[] {
  const { kind, path } = read;
  const name = path.join('.');
  if (kind === 'param' ? Object.hasOwn(dag.params, name) : RUN_FACTS.has(name)) return [];
  const known = kind === 'param' ? Object.keys(dag.params) : [...RUN_FACTS];
  const near = nearest(name, known);
  const [noun, none] =
    kind === 'param'
      ? ['a param of this DAG', `declare it: params: { ${name}: param.string() }`]
      : ['a fact about the run', `there is ${known.join(', ')}`];
  const remedy = near === undefined ? none : `did you mean "${near}"?`;
  return [problem(reader, read, `must read ${noun}, got "${name}"`, remedy)];
}
