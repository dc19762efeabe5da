import type { Problem, SourceLocation } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { TaskBody } from '../model/bodies.ts';
import type { ConnectionNode, GroupNode } from '../model/dag.ts';
import type { Expression } from '../model/ref.ts';
import type { CallNode, RetryRule, TaskNode } from '../model/task.ts';
import {
  edgesOf,
  type GroupDraft,
  isInside,
  type Link,
  type Source,
  type Target,
  type TaskDraft,
} from './edges.ts';
import { sourcesOf } from './handles.ts';
import { DEFAULTS_OPTIONS, type Defaults, knownOptions, retryRules } from './options.ts';
import { plain } from './plain.ts';
import { nameOf, ownerOf } from './refs.ts';
import type { TaskOptions } from './scope.ts';

/** Defaults with the retries as rules, and the places where options are read. */
type ReadDefaults = Omit<Defaults, 'retries'> & { readonly retries?: readonly RetryRule[] };

export interface OpenGroup extends GroupDraft {
  readonly parent?: OpenGroup;
  readonly doc?: string;
  readonly defaults: ReadDefaults;
}

/** A task under way; `call` is filled when its labels are known. */
interface OpenTask extends TaskDraft {
  readonly group?: OpenGroup;
  readonly call: () => CallNode;
  readonly options: TaskOptions;
  readonly retries?: readonly RetryRule[];
  readonly teardownOf?: readonly string[];
  readonly at?: SourceLocation;
}

/** What `task`, `branch`, `choose` and `shortCircuit` declare. */
export interface Declared {
  readonly id: string;
  readonly group?: OpenGroup;
  readonly call: (site: CallSite) => () => CallNode;
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

/** Makes a part of the call plain data; Refs in it are dependencies. `path`: where it stands. */
export type Read = (value: unknown, path: string) => Json;

export const STEP_OPTIONS = [...DEFAULTS_OPTIONS, 'after', 'doc'] as const;

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
  readonly #tasks: OpenTask[] = [];
  readonly #byId = new Map<string, OpenTask>();
  readonly #groups: OpenGroup[] = [];
  readonly #links: Link[] = [];
  readonly #connections = new Map<string, ConnectionNode>();

  constructor(id: string) {
    this.id = id;
  }

  setDefaults(defaults: Defaults | undefined, at?: SourceLocation): void {
    this.#defaults = this.readDefaults(defaults, '', at);
  }

  /** Tells one mistake; `path` is below the DAG's. */
  refuse(problem: Problem): void {
    const path = problem.path.startsWith('dag "')
      ? problem.path
      : [`dag "${this.id}"`, problem.path].filter(Boolean).join(' › ');
    this.problems.push({ ...problem, path });
  }

  add({ id, group, call, options, known = [], at }: Declared): TaskDraft {
    const path = `task "${id}"`;
    const tell = (problem: Omit<Problem, 'path'>, field: string) =>
      this.refuse({ ...problem, path: `${path} › ${field}`, ...placed(at) });
    knownOptions(options, [...STEP_OPTIONS, ...known], path, at);
    const data = new Set<string>();
    const read: Read = (value, where) =>
      plain(value, {
        refuse: (field, message, remedy) =>
          tell(
            { code: 'not-json', message, remedy },
            [where, field].filter(Boolean).join('.').replaceAll('.[', '['),
          ),
        ref: (expression, field) =>
          this.#readRef(expression, data, (problem) =>
            tell(problem, [where, field].filter(Boolean).join('.')),
          ),
      });
    const node = call({ declaration: this, id, read, ...placed(at) });
    const setups =
      options.teardownOf === undefined
        ? undefined
        : this.#setups(options.teardownOf, (problem) => tell(problem, 'teardownOf'));
    const task: OpenTask = {
      id,
      ...(group === undefined ? {} : { group }),
      call: node,
      options,
      isTeardown: setups !== undefined,
      ...(options.retries === undefined
        ? {}
        : { retries: retryRules(options.retries, `${path} › retries`, at) }),
      ...(setups === undefined ? {} : { teardownOf: setups.map((setup) => setup.id) }),
      ...placed(at),
    };
    this.#tasks.push(task);
    for (const above of data) this.#link({ kind: 'task', task: this.#byId.get(above) ?? task }, task);
    this.#byId.set(id, task);
    this.after(options.after, { kind: 'task', task }, at);
    for (const setup of setups ?? []) this.#link({ kind: 'task', task: setup }, task);
    return task;
  }

  addGroup(group: OpenGroup): void {
    this.#groups.push(group);
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
  finish(): {
    tasks: readonly TaskNode[];
    groups: readonly GroupNode[];
    connections: readonly ConnectionNode[];
  } {
    const edges = edgesOf(this.#tasks, this.#links);
    return {
      tasks: this.#tasks.map((task) => nodeOf(task, edges.get(task) ?? [], this.#defaultsFor(task))),
      groups: this.#groups.map((group) => ({
        id: group.id,
        ...(group.doc === undefined ? {} : { doc: group.doc }),
        tasks: this.#tasks.filter((task) => task.group === group).map(({ id }) => id),
      })),
      connections: [...this.#connections.values()],
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

  /** False for a Ref of another DAG. */
  #readRef(
    expression: Expression,
    data: Set<string>,
    tell: (problem: Omit<Problem, 'path'>) => void,
  ): boolean {
    const owner = ownerOf(expression);
    if (owner === undefined || owner === this) {
      if (owner === this && expression.kind === 'output') data.add(expression.task);
      return true;
    }
    tell({
      code: 'foreign-ref',
      message: `must be a Ref of this DAG, got ${nameOf(expression)} of dag "${owner instanceof Declaration ? owner.id : ''}"`,
      remedy: 'use the params, run and tasks of this DAG',
    });
    return false;
  }

  #link(from: Source, task: TaskDraft): void {
    this.#links.push({ from, to: { kind: 'task', task } });
  }
}

function nameOfEnd(end: Source | Target): string {
  return end.kind === 'task' ? `task "${end.task.id}"` : `group "${end.group.id}"`;
}

function nodeOf(task: OpenTask, upstream: TaskNode['upstream'], defaults: ReadDefaults): TaskNode {
  const { options, teardownOf, at } = task;
  const { timeout = defaults.timeout, owner = defaults.owner, tags = defaults.tags, doc, failRun } = options;
  const byDefault =
    teardownOf === undefined ? (defaults.triggerRule ?? 'all_success') : 'all_done_setup_success';
  return withoutUndefined({
    id: task.id,
    call: task.call(),
    upstream,
    triggerRule: options.triggerRule ?? byDefault,
    retries: task.retries ?? defaults.retries ?? [],
    timeout,
    teardownOf,
    failRun,
    owner,
    tags,
    doc,
    at,
  });
}

/** The place, as a part of a problem or node. */
export function placed(at: SourceLocation | undefined): { readonly at?: SourceLocation } {
  return at === undefined ? {} : { at };
}

/** Plain data has no fields that are `undefined`: it survives JSON unchanged. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
