/** A task's own state, and what is known once it runs. */
import { literal } from '../asl/jsonata.ts';
import type { Catcher, State, TaskState } from '../asl/states.ts';
import type { ManifestState } from '../model/manifest.ts';
import type { CallNode } from '../model/task.ts';
import { fetchedVariable, markKey, variable } from '../model/variables.ts';
import { answeredBy, isRunWait, syncJobOf } from './answers.ts';
import { countersAt, instanceFields, resolverFor } from './around.ts';
import { arrivals, type Course, type Way } from './course.ts';
import { entryName, firstState, LOOK_UP } from './entry.ts';
import { operandText, type Resolve } from './expression.ts';
import type { Fact } from './facts.ts';
import { chooseState, shortCircuitState } from './gates.ts';
import { type Graph, idOf } from './graph.ts';
import { leftBehind, recording } from './instances.ts';
import { caught, dataAt, leading } from './leading.ts';
import { leave } from './leave.ts';
import { auxiliary } from './names.ts';
import { type SyncTask, syncData, syncState } from './sync-state.ts';
import { labelsMark, outText, REPLY, taskState } from './task-state.ts';
import { waitState } from './wait-until.ts';
import { fetchState } from './waiting-states.ts';

export function taskStates(course: Course, position: number, task: number): void {
  const exits = arrivals(course, position, 'run');
  const node = course.machine.graph.tasks[task];
  if (exits.length === 0 || node === undefined) return;
  course.facts.meet(exits);
  inferFromRunning(course, task);
  const resolve = resolverFor(course.machine, task);
  fetch(course, position, task);
  course.machine.owners.set(node.id, { task: node.id, ...renewalsOf(node.call) });
  course.states[node.id] = ownState(course, position, task, resolve);
}

function ownState(course: Course, position: number, task: number, resolve: Resolve): State {
  const node = course.machine.graph.tasks[task];
  if (node === undefined) throw new Error('unreachable: no such task');
  const { call } = node;
  if (call.kind === 'choose') {
    const texts = call.cases.map(({ when }) => operandText(when, resolve));
    return chooseState(course, position, task, { texts });
  }
  if (call.kind === 'shortCircuit') {
    return shortCircuitState(course, position, task, { texts: [operandText(call.condition, resolve)] });
  }
  if (call.kind === 'at') return waitState(course, { position, task, instant: call.instant, resolve });
  const job = syncJobOf(call);
  if (job !== undefined) return engineState(course, { task: node, job, position, resolve }, task);
  const { values } = course.machine;
  const state = taskState({
    task: node,
    resolve,
    instance: instanceFields(course.machine),
    want: values.want(task),
    inline: values.inline(task),
    recorded: values.recorded(task) && answeredBy(call) === 'function',
  });
  return { ...state, ...waysOut(course, position, task, call) };
}

/** Success, skip and failure of a task that a function or an engine does. */
function waysOut(
  course: Course,
  position: number,
  task: number,
  call: CallNode,
): Pick<TaskState, 'Catch' | 'Assign' | 'Output' | 'Next' | 'End'> {
  const id = idOf(course.machine.graph, task);
  const data = dataAt(course, position);
  const ended = (code: 'f' | 'k' | 'b') =>
    leave(course, course.facts.exit(new Map([[id, code]]), false), position + 1);
  const overlay = new Map<string, Fact>([[id, 's']]);
  if (call.kind === 'branch' || call.kind === 'shortCircuitFn') overlay.set(markKey(id), '?');
  const way = leave(course, course.facts.exit(overlay), position + 1);
  const neverSkips = call.kind === 'engine' || call.kind === 'approve';
  const Catch = neverSkips ? [catchAll(course, ended('f'), data)] : catchersOf(course, id, ended, data);
  const own = ownVariable(course, task, call);
  return { Catch, ...leading(course, answered(course, task, way), dataAfter(id, call, data), own) };
}

/** A task that Step Functions runs by an engine. */
function engineState(course: Course, sync: Omit<SyncTask, 'failed'>, task: number): State {
  const { id, call } = sync.task;
  const { position } = sync;
  const failed = leave(course, course.facts.exit(new Map([[id, 'f']]), false), position + 1);
  const { instance } = instanceFields(course.machine);
  if (instance !== undefined) course.machine.instances.set(id, instance);
  const state = syncState(course, { ...sync, failed });
  const way = leave(course, course.facts.exit(new Map([[id, 's']])), position + 1);
  const own = ownVariable(course, task, call);
  return { ...state, ...leading(course, answered(course, task, way), syncData(course, sync), own) };
}

/** After what a try goes on: a service was busy, or one wait of many was over. */
function renewalsOf(call: CallNode): Pick<ManifestState, 'renews'> {
  const job = syncJobOf(call);
  if (job !== undefined) return { renews: job.busy };
  return isRunWait(call) ? { renews: ['States.Timeout'] } : {};
}

/** Whoever answers for himself records nothing: the machine does, where somebody reads it across a latch. */
function answered(course: Course, task: number, way: Way): Way {
  const call = course.machine.graph.tasks[task]?.call;
  return call !== undefined && answeredBy(call) !== 'function' ? recording(course, task, way) : way;
}

export function catchAll(course: Course, way: Way, data: string): Catcher {
  return { ErrorEquals: ['States.ALL'], ...caught(course, way, data) };
}

/** `SkipTask` ends a task skipped. Where both ends lead on alike, one catcher tells them apart. */
function catchersOf(
  course: Course,
  id: string,
  ended: (code: 'f' | 'k' | 'b') => Way,
  data: string,
): readonly Catcher[] {
  const code = `$states.errorOutput.Error = "SkipTask" ? "k" : "f"`;
  const either = `$merge([${data}, {${literal(id)}: ${code}}])`;
  // In a branch of a plain DAG both lead on alike; at the root a failure decides the run at once.
  if (course.machine.graph.plain && !course.root) return [catchAll(course, ended('b'), either)];
  const [failed, skipped] = [ended('f'), ended('k')];
  const rest = ({ adds: { [id]: _own, ...others }, ...way }: Way) => JSON.stringify([others, way]);
  if (rest(failed) !== rest(skipped)) {
    return [{ ErrorEquals: ['SkipTask'], ...caught(course, skipped, data) }, catchAll(course, failed, data)];
  }
  const { [id]: _own, ...adds } = failed.adds;
  return [catchAll(course, { ...failed, adds }, either)];
}

/** State data after success: a brancher's and a short circuit's marks come in. */
function dataAfter(id: string, call: CallNode, data: string): string {
  const mark = literal(markKey(id));
  if (call.kind === 'branch') return `$merge([${data}, {${mark}: ${labelsMark()}}])`;
  if (call.kind !== 'shortCircuitFn') return data;
  return `(${REPLY}.pass = true ? ${data} : $merge([${data}, {${mark}: "x"}]))`;
}

/** The variable that keeps the task's output, where somebody reads it. */
function ownVariable(course: Course, task: number, call: CallNode): ReadonlyMap<string, string> {
  const { graph, values } = course.machine;
  const output = `$merge([${outText(call, values.want(task))}])`;
  if (answeredBy(call) !== 'function') return leftBehind(course, task, output);
  const name = variable(idOf(graph, task), 0);
  return course.needed.some((needed) => needed.name === name) ? new Map([[name, output]]) : new Map();
}

/** Reads what the record alone holds, before the first state of a task or module. */
export function fetch(course: Course, position: number, reader: number): void {
  const { graph, values, dag, roles, counts } = course.machine;
  const tasks = values.fetched(reader);
  const id = idOf(graph, reader);
  if (tasks.length === 0) return;
  const outputs = tasks.map((task) => ({
    task: idOf(graph, task),
    at: countersAt(course.machine),
    variable: fetchedVariable(id, idOf(graph, task)),
  }));
  const name = entryName(course, position, 'run');
  roles.set(name, 'fetch outputs');
  counts.reads++;
  course.states[auxiliary(id, 'fetch')] = fetchState(dag.id, outputs, firstState(graph, reader));
}

/** A task that runs tells how the tasks above it ended: its rule held, nothing cut it off. */
export function inferFromRunning(course: Course, task: number): void {
  const { graph } = course.machine;
  const running = new Set([task]);
  for (const next of running) {
    noteOpen(course, graph.guards[next]?.cuts ?? []);
    for (const above of mustHaveSucceeded(graph, next)) {
      const id = idOf(graph, above);
      if (course.facts.get(id) === 's') continue;
      course.facts.set(id, 's');
      if (running.size < LOOK_UP) running.add(above);
    }
  }
}

function noteOpen({ facts, machine }: Course, cutters: readonly number[]): void {
  for (const cutter of cutters) facts.set(markKey(idOf(machine.graph, cutter)), 'o');
}

/** Tasks without whose success this one does not run. */
function mustHaveSucceeded(graph: Graph, task: number): readonly number[] {
  const { setups = [] } = graph.guards[task] ?? {};
  const parents = graph.tasks[task]?.triggerRule === 'all_success' ? graph.upstream[task] : undefined;
  return parents ? [...setups, ...parents] : setups;
}
