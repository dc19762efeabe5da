/**
 * A DAG as scopes: what stands side by side is one graph. A module (map, group retry, loop) is one unit of the scope
 * it stands in, and a scope of its own inside.
 */
import type { Json } from '../base/json.ts';
import type { DagNode, GroupNode } from '../model/dag.ts';
import type { ModuleKind, ModuleNode } from '../model/module.ts';
import { type Expression, expressionsIn } from '../model/ref.ts';
import type { Edge, TaskNode } from '../model/task.ts';
import { computedIn } from './reads.ts';

/** A task, or a module; to the graph around it a module is a function that reads what its inside reads. */
export interface Unit extends TaskNode {
  readonly inside?: Inside;
}

/** What a module does, with what. */
export interface Inside {
  readonly does: ModuleKind;
  readonly scope: Scope;
}

/** The DAG, or the inside of a module. */
export interface Scope {
  readonly units: readonly Unit[];
  /** Unit that is, or holds, a task or module. */
  readonly unitOf: ReadonlyMap<string, Unit>;
}

/** Id of the module around a DAG that is retried as a whole. */
export const WHOLE_RUN = '';

/** A module before its units are known. */
interface Draft {
  readonly id: string;
  readonly node: ModuleNode;
  readonly tasks: Member[];
}

type Member = TaskNode | Draft;

/** The scopes of a DAG that keeps the rules; the outermost one. */
export function scopeOf(dag: DagNode): Scope {
  const members = membersOf(dag);
  if (dag.runRetries === undefined) return scope(members);
  const does: ModuleKind = { kind: 'retry', retries: dag.runRetries };
  return scope([{ id: WHOLE_RUN, node: { does, upstream: [], triggerRule: 'all_success' }, tasks: members }]);
}

/** Tasks and modules of the outermost scope, in the order in which their first task was declared. */
function membersOf(dag: DagNode): Member[] {
  const top: Member[] = [];
  const modules = new Map(dag.groups.flatMap((group) => (group.module ? [[group.id, group] as const] : [])));
  const drafts = new Map<string, Draft>();
  const membersAround = (id: string): Member[] => {
    const group = moduleAround(id, modules);
    if (group?.module === undefined) return top;
    const known = drafts.get(group.id);
    if (known) return known.tasks;
    const draft: Draft = { id: group.id, node: group.module, tasks: [] };
    drafts.set(group.id, draft);
    membersAround(group.id).push(draft);
    return draft.tasks;
  };
  for (const task of dag.tasks) membersAround(task.id).push(memberOf(task));
  return top;
}

/** The innermost module group around a task or group. */
function moduleAround(id: string, modules: ReadonlyMap<string, GroupNode>): GroupNode | undefined {
  if (modules.size === 0) return undefined;
  for (let end = id.lastIndexOf('.'); end > 0; end = id.lastIndexOf('.', end - 1)) {
    const group = modules.get(id.slice(0, end));
    if (group) return group;
  }
  return undefined;
}

/** A mapped task is a module around one task of the same id. */
function memberOf(task: TaskNode): Member {
  const { map, ...one } = task;
  if (map === undefined) return task;
  const node: ModuleNode = {
    does: { kind: 'map', ...map },
    upstream: task.upstream,
    triggerRule: task.triggerRule,
  };
  return { id: task.id, node, tasks: [{ ...one, upstream: [], triggerRule: 'all_success' }] };
}

function isDraft(member: Member): member is Draft {
  return 'node' in member;
}

function scope(members: readonly Member[]): Scope {
  const holder = new Map<string, string>();
  for (const member of members) for (const id of idsIn(member)) holder.set(id, member.id);
  const units = members.map((member) =>
    isDraft(member) ? moduleUnit(member, holder) : plain(member, holder),
  );
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const unitOf = new Map<string, Unit>();
  for (const [id, held] of holder) {
    const unit = byId.get(held);
    if (unit) unitOf.set(id, unit);
  }
  return { units, unitOf };
}

/** Everything inside, the member itself too. */
function idsIn(member: Member): readonly string[] {
  return isDraft(member) ? [member.id, ...member.tasks.flatMap(idsIn)] : [member.id];
}

function plain(task: TaskNode, holder: ReadonlyMap<string, string>): Unit {
  const upstream = lifted(task.upstream, task.id, holder);
  return upstream.length === task.upstream.length && upstream.every((edge, at) => edge === task.upstream[at])
    ? task
    : { ...task, upstream };
}

function moduleUnit(draft: Draft, holder: ReadonlyMap<string, string>): Unit {
  const { id, node, tasks } = draft;
  const reads = readsIn(draft);
  const edges = [...node.upstream, ...edgesIn(tasks), ...tasksRead([...reads.plain, ...reads.computed])];
  return {
    id,
    call: { kind: 'fn', inputs: standIn(reads, new Set(idsIn(draft))) },
    upstream: lifted(edges, id, holder),
    triggerRule: node.triggerRule,
    retries: [],
    inside: { does: node.does, scope: scope(tasks) },
  };
}

function edgesIn(members: readonly Member[]): readonly Edge[] {
  return members.flatMap((member) =>
    isDraft(member) ? [...member.node.upstream, ...edgesIn(member.tasks)] : member.upstream,
  );
}

function tasksRead(expressions: readonly Expression[]): readonly Edge[] {
  return expressions.flatMap((expression) =>
    expression.kind === 'output' ? [{ task: expression.task }] : [],
  );
}

/** Edges as the scope sees them: each unit once; labels are united, and an edge without labels follows all. */
function lifted(edges: readonly Edge[], self: string, holder: ReadonlyMap<string, string>): readonly Edge[] {
  const found = new Map<string, Edge>();
  for (const edge of edges) {
    const unit = holder.get(edge.task);
    if (unit === undefined || unit === self) continue;
    const mine: Edge = unit === edge.task ? edge : { task: unit };
    const known = found.get(unit);
    found.set(unit, known === undefined ? mine : united(known, mine));
  }
  return [...found.values()];
}

function united(a: Edge, b: Edge): Edge {
  if (a.labels === undefined || b.labels === undefined) return { task: a.task };
  return { task: a.task, labels: [...new Set([...a.labels, ...b.labels])] };
}

interface Reads {
  /** Handed on as they are: to functions and engines. */
  readonly plain: readonly Expression[];
  /** Evaluated by the machine. */
  readonly computed: readonly Expression[];
}

/** What a module reads, wherever it comes from. */
function readsIn({ node, tasks }: Draft): Reads {
  const inner = tasks.map((member) => (isDraft(member) ? readsIn(member) : readsOf(member)));
  const own = expressionsIn(operandsOf(node.does));
  return {
    plain: inner.flatMap(({ plain }) => plain),
    computed: [...own, ...inner.flatMap(({ computed }) => computed)],
  };
}

function readsOf({ call }: TaskNode): Reads {
  return { plain: expressionsIn(call), computed: computedIn(call) };
}

/** Every operand of a module itself. */
export function operandsOf(does: ModuleKind): readonly unknown[] {
  if (does.kind === 'map') return [does.items, does.label];
  return does.kind === 'loop' ? [does.initial, does.next, does.until] : [];
}

/** Inputs of the function that stands for the module in its scope: what it reads of others, computed or not. */
function standIn(reads: Reads, own: ReadonlySet<string>): Json {
  const others = (list: readonly Expression[]) =>
    list.filter((expression) => expression.kind === 'output' && !own.has(expression.task));
  const computed = others(reads.computed).map(($ref) => ({
    $ref: { kind: 'call' as const, op: 'exists' as const, args: [{ $ref }] },
  }));
  return { plain: others(reads.plain).map(($ref) => ({ $ref })), computed };
}
