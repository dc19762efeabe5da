/** Which tasks of a run run again, and what the machine of reruns is told of the others. */
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { reached } from '../base/reached.ts';
import { nearest } from '../base/suggest.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest, ManifestTask } from '../model/manifest.ts';
import { expressionsIn } from '../model/ref.ts';
import type { RecordedOutput, Rerun } from '../model/run-input.ts';
import { markKey } from '../model/variables.ts';
import { type RecordedRun, topIds } from './recorded-run.ts';
import type { TaskRunState } from './task-run.ts';

/**
 * Ids of what runs again: the tasks and modules that `wanted` names, and the setups and teardowns of that work. In the
 * DAG's order.
 *
 * @throws {RefusedError} `unknown-task`
 */
export function selectedTasks(
  dag: DagNode,
  manifest: Manifest,
  wanted: readonly string[],
): readonly string[] {
  const units = unitsOf(manifest);
  const selected = new Set(namedUnits(manifest, wanted));
  addGuards(dag, aboveIn(units), selected);
  return units.map(({ id }) => id).filter((id) => selected.has(id));
}

/**
 * Ids of the tasks and modules that `wanted` names: `load`; `load+` with everything below; `+load` with everything
 * above; a task in a module stands for the whole module. In the DAG's order.
 *
 * @throws {RefusedError} `unknown-task`
 */
export function namedUnits(manifest: Manifest, wanted: readonly string[]): readonly string[] {
  const units = unitsOf(manifest);
  const above = aboveIn(units);
  const named = new Set<string>();
  for (const text of wanted) {
    const id = topId(manifest, text.replace(/^\+|\+$/g, ''));
    named.add(id);
    if (text.endsWith('+')) for (const below of belowIn(units, id)) named.add(below);
    if (text.startsWith('+')) for (const other of above(id)) named.add(other);
  }
  return units.map((unit) => unit.id).filter((id) => named.has(id));
}

/** Ids of the tasks that are, or are in, some of what stands in no module. */
export function tasksOf(manifest: Manifest, units: readonly string[]): ReadonlySet<string> {
  const selected = new Set(units);
  const modules = new Map((manifest.modules ?? []).map((module) => [module.id, module]));
  const isIn = ({ id, module }: ManifestTask) =>
    selected.has(module === undefined ? id : outermost(modules, module));
  return new Set(manifest.tasks.filter(isIn).map(({ id }) => id));
}

type Unit = Pick<ManifestTask, 'id' | 'upstream'>;

/** What stands in no module, in the order of the DAG's tasks. */
function unitsOf(manifest: Manifest): readonly Unit[] {
  const { tasks, modules = [] } = manifest;
  const byId = new Map(modules.map((module) => [module.id, module]));
  const units = tasks.map((task) =>
    task.module === undefined ? task : byId.get(outermost(byId, task.module)),
  );
  return [...new Set(units)].filter((unit) => unit !== undefined);
}

function outermost(modules: ReadonlyMap<string, { readonly module?: string }>, id: string): string {
  const around = modules.get(id)?.module;
  return around === undefined ? id : outermost(modules, around);
}

/** Everything above a unit; each is looked for when it is asked. */
function aboveIn(units: readonly Unit[]): (id: string) => ReadonlySet<string> {
  const upstream = new Map(units.map((unit) => [unit.id, unit.upstream.map(({ task }) => task)]));
  const known = new Map<string, ReadonlySet<string>>();
  return (id) => {
    const above = known.get(id) ?? reached([id], (at) => upstream.get(at) ?? []);
    known.set(id, above);
    return above;
  };
}

/** Everything below a unit. */
function belowIn(units: readonly Unit[], id: string): ReadonlySet<string> {
  const edges = units.flatMap((unit) => unit.upstream.map(({ task }) => ({ from: task, to: unit.id })));
  const downstream = Map.groupBy(edges, ({ from }) => from);
  return reached([id], (at) => (downstream.get(at) ?? []).map(({ to }) => to));
}

/** Work that runs again wants its setup to run before it, and its teardown after. */
function addGuards(dag: DagNode, above: (id: string) => ReadonlySet<string>, selected: Set<string>): void {
  const pairs = dag.tasks.flatMap(({ id, teardownOf = [] }) =>
    teardownOf.map((setup) => ({ setup, teardown: id })),
  );
  for (let before = -1; before !== selected.size; ) {
    before = selected.size;
    for (const { setup, teardown } of pairs) {
      const isWork = (id: string) =>
        id === setup || id === teardown || (above(id).has(setup) && above(teardown).has(id));
      if (![...selected].some(isWork)) continue;
      selected.add(setup);
      selected.add(teardown);
    }
  }
}

/** The task or module of this name, or the outermost module around it. */
function topId(manifest: Manifest, id: string): string {
  const { tasks, modules = [], dagId } = manifest;
  const top = topIds(manifest);
  if (top.has(id)) return id;
  const module = [...modules, ...tasks].find((unit) => unit.id === id)?.module;
  if (module !== undefined) return outermost(new Map(modules.map((each) => [each.id, each])), module);
  const near = nearest(id, [...top]);
  const remedy = near === undefined ? `it has ${[...top].slice(0, 8).join(', ')}` : `did you mean "${near}"?`;
  throw new RefusedError(
    'unknown-task',
    `dag "${dagId}" › task: must be one of its tasks, got "${id}"; ${remedy}`,
  );
}

const CODE_OF: Readonly<Partial<Record<TaskRunState, string>>> = {
  success: '',
  skipped: 'k',
  upstream_failed: 'u',
  none: 'u',
};

/**
 * Most bytes of JSON that a rerun is told of the others: with the rest of its input, below what an execution takes.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const MAX_RERUN_BYTES = 204_800;

/**
 * Input of the machine of reruns. What was still running, or never started, when its run died counts as failed, or
 * upstream_failed.
 *
 * @throws {RefusedError} `output-not-recorded` when a task that runs again reads what nobody recorded,
 * `rerun-too-large` when what it reads is too much for one input
 */
export function rerunOf(dag: DagNode, recorded: RecordedRun, tasks: readonly string[]): Rerun {
  const again = new Set(tasks);
  const data = [...recorded.states].flatMap(([id, state]) => {
    if (again.has(id)) return [];
    const code = CODE_OF[state] ?? 'f';
    const mark = recorded.marks[markKey(id)];
    return [
      ...(code === '' ? [] : [[id, code] as const]),
      ...(mark === undefined ? [] : [[markKey(id), mark] as const]),
    ];
  });
  const rerun = { tasks, data: Object.fromEntries(data), outputs: outputsRead(dag, recorded, again) };
  const bytes = Buffer.byteLength(JSON.stringify(rerun));
  if (bytes <= MAX_RERUN_BYTES) return rerun;
  throw new RefusedError(
    'rerun-too-large',
    `dag "${dag.id}" › rerun: what its tasks read of the others must be at most ${MAX_RERUN_BYTES} bytes of JSON, got ${bytes}; run the tasks that give it again, too`,
  );
}

/** What of the run's table a rerun finds there: nothing of what runs again. */
export function recordsKept(
  { records, states }: RecordedRun,
  tasks: readonly string[],
): readonly RecordedOutput[] {
  const again = new Set(tasks);
  return records.filter(({ task }) => !again.has(holderOf({ states }, task) ?? task));
}

/** What succeeded, and would have to run again too: tasks that run again read outputs of it that nobody recorded. */
export function unrecordedReads(
  dag: DagNode,
  recorded: RecordedRun,
  tasks: readonly string[],
): readonly string[] {
  const again = new Set(tasks);
  const missing = readsIn(dag, recorded).filter(
    ({ reader, from }) =>
      again.has(reader) &&
      !again.has(from) &&
      !recorded.outputs.has(from) &&
      recorded.states.get(from) === 'success',
  );
  return [...new Set(missing.map(({ from }) => from))];
}

/** Outputs of tasks that do not run again, as far as tasks that do read them. */
function outputsRead(
  dag: DagNode,
  recorded: RecordedRun,
  again: ReadonlySet<string>,
): Readonly<Record<string, JsonObject>> {
  const outputs: Record<string, JsonObject> = {};
  for (const { reader, from } of readsIn(dag, recorded)) {
    if (!again.has(reader) || again.has(from)) continue;
    const output = recorded.outputs.get(from);
    if (output !== undefined) outputs[from] = output;
    else if (recorded.states.get(from) === 'success') throw notRecorded(dag, reader, from);
  }
  return outputs;
}

function notRecorded({ id }: DagNode, reader: string, from: string): RefusedError {
  return new RefusedError(
    'output-not-recorded',
    `dag "${id}" › task "${reader}": reads the output of "${from}", which its run did not record; run that again too: --only ${from} --only ${reader}`,
  );
}

/** Who reads whose output, by what stands in no module. */
function readsIn(
  { tasks, groups }: DagNode,
  recorded: RecordedRun,
): readonly { readonly reader: string; readonly from: string }[] {
  const readers: readonly (readonly [string, unknown])[] = [
    ...tasks.map(({ id, call, map }) => [id, [call, map]] as const),
    ...groups.map(({ id, module }) => [id, module?.does] as const),
  ];
  return readers.flatMap(([id, what]) => {
    const reader = holderOf(recorded, id);
    return expressionsIn(what).flatMap((expression) => {
      const from = expression.kind === 'output' ? holderOf(recorded, expression.task) : undefined;
      return reader === undefined || from === undefined ? [] : [{ reader, from }];
    });
  });
}

/** What stands in no module and is, or holds, a task. */
function holderOf({ states }: Pick<RecordedRun, 'states'>, id: string): string | undefined {
  if (states.has(id)) return id;
  for (let end = id.lastIndexOf('.'); end > 0; end = id.lastIndexOf('.', end - 1)) {
    if (states.has(id.slice(0, end))) return id.slice(0, end);
  }
  return undefined;
}
