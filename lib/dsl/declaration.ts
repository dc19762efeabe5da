import type { Problem, SourceLocation } from '../base/errors.ts';
import type { TaskBody } from '../model/bodies.ts';
import type { ConnectionNode, DagNode, PoolNode } from '../model/dag.ts';
import type { MapNode } from '../model/module.ts';
import type { CallNode, RetryRule } from '../model/task.ts';
import { edgesOf, isInside, type Link, type Source, type Target, type TaskDraft } from './edges.ts';
import { sourcesOf } from './handles.ts';
import { kindOf } from './kind-of.ts';
import type { GroupRetries } from './modules.ts';
import { CALLBACK_OPTIONS, callbacksOf } from './notifiers.ts';
import { DEFAULTS_OPTIONS, type Defaults, knownOptions, oneRetryRule, retryRules } from './options.ts';
import { placed } from './placed.ts';
import { poolUse } from './pools.ts';
import { type Read, reader, type Tell } from './reading.ts';
import type { TaskOptions } from './scope.ts';
import {
  cutTimeout,
  groupNode,
  isCut,
  type OpenGroup,
  type OpenTask,
  type ReadDefaults,
  taskNode,
} from './task-node.ts';

/** What `task`, `branch`, `choose` and `shortCircuit` declare. */
export interface Declared {
  readonly id: string;
  readonly group?: OpenGroup;
  readonly call: (site: CallSite) => () => CallNode;
  /** Of a mapped task: its list. Comes before the call. */
  readonly map?: (site: CallSite) => MapNode;
  readonly options: TaskOptions;
  /** Options of this form, beside those every task has. */
  readonly known?: readonly string[];
  readonly at?: SourceLocation;
}

/** The task a call is made for. */
export interface CallSite {
  readonly declaration: Declaration;
  /** Full id. */
  readonly id: string;
  readonly at?: SourceLocation;
  readonly read: Read;
}

export const STEP_OPTIONS = [...DEFAULTS_OPTIONS, ...CALLBACK_OPTIONS, 'after', 'doc'] as const;

/** One DAG while its body runs: what was declared so far, and every mistake in it. */
export class Declaration {
  readonly id: string;
  readonly problems: Problem[] = [];
  readonly bodies = new Map<string, TaskBody>();
  /** The group whose body is running. */
  current: OpenGroup | undefined;
  /** False when the body has ended: nothing can be declared any more. */
  isOpen = true;
  #defaults: ReadDefaults = {};
  #runRetries: RetryRule | undefined;
  readonly #tasks: OpenTask[] = [];
  readonly #byId = new Map<string, TaskDraft>();
  readonly #groups: OpenGroup[] = [];
  readonly #links: Link[] = [];
  readonly #connections = new Map<string, ConnectionNode>();
  readonly #pools = new Map<string, PoolNode>();

  constructor(id: string) {
    this.id = id;
  }

  setDefaults(defaults: Defaults | undefined, at?: SourceLocation): void {
    this.#defaults = this.readDefaults(defaults, '', at);
  }

  setRunRetries(retries: GroupRetries | undefined, at?: SourceLocation): void {
    if (retries === undefined || retries === 0) return;
    this.#runRetries = oneRetryRule(retries, 'runRetries', at);
  }

  /** Tells one mistake; `path` is below the DAG's. */
  refuse(problem: Problem): void {
    const path = problem.path.startsWith('dag "')
      ? problem.path
      : [`dag "${this.id}"`, problem.path].filter(Boolean).join(' › ');
    this.problems.push({ ...problem, path });
  }

  add({ id, group, call, map, options, known = [], at }: Declared): TaskDraft {
    const path = `task "${id}"`;
    const tell: Tell = (problem, field) =>
      this.refuse({ ...problem, path: `${path} › ${field}`, ...placed(at) });
    knownOptions(options, [...STEP_OPTIONS, ...known], path, at);
    const data = new Set<string>();
    const site: CallSite = { declaration: this, id, read: reader(this, data, tell), ...placed(at) };
    const mapped = map?.(site);
    const node = call(site);
    const { pool, teardownOf } = options;
    const callbacks = callbacksOf(options, tell);
    const setups =
      teardownOf === undefined ? undefined : this.#setups(teardownOf, (told) => tell(told, 'teardownOf'));
    const task: OpenTask = {
      id,
      ...(group === undefined ? {} : { group }),
      call: node,
      options,
      isTeardown: setups !== undefined,
      ...(options.retries === undefined
        ? {}
        : { retries: retryRules(options.retries, `${path} › retries`, at) }),
      ...(mapped === undefined ? {} : { map: mapped }),
      ...(pool === undefined ? {} : this.#poolOf(pool, (told) => tell(told, 'pool'))),
      ...(setups === undefined ? {} : { teardownOf: setups.map((setup) => setup.id) }),
      ...(callbacks === undefined ? {} : { callbacks }),
      ...placed(at),
    };
    this.#tasks.push(task);
    this.#readFrom(data, { kind: 'task', task });
    this.#byId.set(id, task);
    this.after(options.after, { kind: 'task', task }, at);
    for (const setup of setups ?? [])
      this.#links.push({ from: { kind: 'task', task: setup }, to: { kind: 'task', task } });
    return task;
  }

  addGroup(group: OpenGroup): void {
    this.#groups.push(group);
    if (group.unit !== undefined) this.#byId.set(group.id, group.unit);
  }

  /** Reads what the author gave for a module; the tasks outside that stand in it are what the module waits for. */
  readerFor(group: OpenGroup, tell: Tell): Read {
    return (value, where) => {
      const data = new Set<string>();
      const read = reader(this, data, tell)(value, where);
      const outside = [...data].filter((id) => !isInside(this.#byId.get(id)?.group, group));
      this.#readFrom(outside, { kind: 'group', group });
      return read;
    };
  }

  /** An earlier group of this id. */
  groupOf(id: string): OpenGroup | undefined {
    return this.#groups.find((group) => group.id === id);
  }

  /** True where nothing was declared in the group: waiting for it would wait for nothing. */
  isEmpty(group: OpenGroup): boolean {
    return !this.#tasks.some((task) => isInside(task.group, group));
  }

  addConnection({ name, kind }: ConnectionNode): void {
    this.#connections.set(`${kind} ${name}`, { name, kind });
  }

  readDefaults(defaults: Defaults | undefined, path: string, at?: SourceLocation): ReadDefaults {
    if (defaults === undefined) return {};
    const where = [path, 'defaults'].filter(Boolean).join(' › ');
    knownOptions(defaults, DEFAULTS_OPTIONS, where, at);
    const { retries, ...rest } = defaults;
    return retries === undefined ? rest : { ...rest, retries: retryRules(retries, `${where} › retries`, at) };
  }

  /** Puts `to` after what the author gave. */
  after(given: unknown, to: Target, at?: SourceLocation): void {
    if (given === undefined) return;
    const path = to.kind === 'task' ? `task "${to.task.id}" › after` : `group "${to.group.id}" › after`;
    for (const from of sourcesOf(given, this, (problem) =>
      this.refuse({ ...problem, path, ...placed(at) }),
    )) {
      this.join(from, to, path, at);
    }
  }

  /** One dependency; a group cannot wait for itself or for what is in it. */
  join(from: Source, to: Target, path: string, at?: SourceLocation): void {
    const group = from.kind === 'group' ? from.group : undefined;
    const other = to.kind === 'group' ? to.group : undefined;
    const inFrom = group !== undefined && isInside(to.kind === 'group' ? to.group : to.task.group, group);
    const inTo = other !== undefined && isInside(from.kind === 'group' ? from.group : from.task.group, other);
    if (!inFrom && !inTo) {
      this.#links.push({ from, to });
      return;
    }
    const [inner, outer] = inFrom ? [nameOfEnd(to), group?.id] : [nameOfEnd(from), other?.id];
    this.refuse({
      code: 'group-of-itself',
      path,
      message: `must not join a group with what is in it, got ${inner} and group "${outer}"`,
      remedy: 'name the tasks of the group instead',
      ...placed(at),
    });
  }

  /** What was declared, as plain data. */
  finish(): Pick<DagNode, 'runRetries' | 'tasks' | 'groups' | 'connections' | 'pools'> {
    const edges = edgesOf(this.#tasks, this.#links);
    const cut = this.#tasks.find((task) => isCut(task, this.#defaultsFor(task)));
    if (cut !== undefined) this.refuse(cutTimeout(cut, this.#defaultsFor(cut)));
    const membersOf = (group: OpenGroup) =>
      this.#tasks.filter((task) => task.group === group).map(({ id }) => id);
    return {
      ...(this.#runRetries === undefined ? {} : { runRetries: this.#runRetries }),
      tasks: this.#tasks.map((task) => taskNode(task, edges.get(task) ?? [], this.#defaultsFor(task))),
      groups: this.#groups.map((group) =>
        groupNode(group, membersOf(group), (group.unit && edges.get(group.unit)) ?? []),
      ),
      connections: [...this.#connections.values()],
      ...(this.#pools.size === 0 ? {} : { pools: [...this.#pools.values()] }),
    };
  }

  #defaultsFor({ group }: OpenTask): ReadDefaults {
    const layers: ReadDefaults[] = [];
    for (let each = group; each !== undefined; each = each.parent) layers.unshift(each.defaults);
    return Object.assign({}, this.#defaults, ...layers);
  }

  #setups(given: unknown, refuse: (problem: Omit<Problem, 'path'>) => void): readonly TaskDraft[] {
    return sourcesOf(given, this, refuse).flatMap((source) => {
      if (source.kind === 'task' && source.label === undefined) return [source.task];
      const got = source.kind === 'group' ? `group "${source.group.id}"` : `a label of "${source.task.id}"`;
      refuse({
        code: 'not-a-task',
        message: `must be setup tasks, got ${got}`,
        remedy: 'name the tasks that set up',
      });
      return [];
    });
  }

  #poolOf(given: unknown, refuse: (problem: Omit<Problem, 'path'>) => void): Pick<OpenTask, 'pool'> {
    const use = poolUse(given);
    if (use === undefined) {
      refuse({
        code: 'not-a-pool',
        message: `must be a pool, got ${kindOf(given)}`,
        remedy: "write const warehouse = pool('warehouse', { slots: 4 }), then { pool: warehouse }",
      });
      return {};
    }
    const { pool, slots } = use;
    // Declared with several sizes it is there several times: a rule tells it.
    this.#pools.set(`${pool.name} ${pool.slots}`, pool);
    return { pool: { name: pool.name, slots } };
  }

  /** Who reads an output waits for its task. What reads its own is a cycle, which the rules tell. */
  #readFrom(data: Iterable<string>, to: Target): void {
    const own = to.kind === 'task' ? to.task : to.group.unit;
    for (const id of data) {
      const task = this.#byId.get(id) ?? own;
      if (task !== undefined) this.#links.push({ from: { kind: 'task', task }, to });
    }
  }
}

function nameOfEnd(end: Source | Target): string {
  return end.kind === 'task' ? `task "${end.task.id}"` : `group "${end.group.id}"`;
}
