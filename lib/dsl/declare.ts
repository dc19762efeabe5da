/** The functions an author declares tasks with. Each scope, the DAG's and every group's, has its own. */
import { DefinitionError, type SourceLocation } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';
import type { Call } from '../engines/engine.ts';
import type { TaskBody } from '../model/bodies.ts';
import type { CallNode } from '../model/task.ts';
import { callerOf } from './at.ts';
import { argsOf, type Declaration, type OpenGroup, type Read, withoutUndefined } from './declaration.ts';
import type { Source, TaskDraft } from './edges.ts';
import { type Fn, isFn, noBody } from './fn.ts';
import { handle, sourcesOf } from './handles.ts';
import { knownOptions } from './options.ts';
import { kindOf } from './plain.ts';
import { refs } from './refs.ts';
import type {
  Branch,
  BranchLabel,
  BranchOptions,
  Condition,
  Group,
  GroupOptions,
  GroupScope,
  ShortCircuit,
  ShortCircuitOptions,
  Step,
  StepOptions,
  Task,
  TaskOptions,
} from './scope.ts';

/** A scope before its types: ids are plain strings. */
interface Declarer {
  readonly declaration: Declaration;
  readonly group?: OpenGroup;
}

/** What the body of a DAG, or of `group`, gets. */
export function scopeOf<Prefix extends string>(
  declaration: Declaration,
  group?: OpenGroup,
): GroupScope<Prefix> {
  const by: Declarer = { declaration, ...(group === undefined ? {} : { group }) };
  const scope = {
    task: taskOf(by),
    branch: branchOf(by),
    choose: chooseOf(by),
    shortCircuit: shortCircuitOf(by),
    group: groupOf(by),
    chain: chainOf(by),
  };
  // The ids' types are the callers': at run time each id has its group's before it, as `GroupScope` says.
  return Object.freeze(scope) as unknown as GroupScope<Prefix>;
}

function taskOf(by: Declarer) {
  return function task(id: string, call: Call<unknown> | Fn<unknown>, options: TaskOptions = {}): Task {
    const at = enter(by, `task "${id}"`, task);
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (read) => callOf(by, full, call, read, at),
      options,
      known: ['teardownOf', 'failRun'],
      ...placed(at),
    });
    const output = refs<unknown>({ kind: 'output', task: full, path: [] }, by.declaration);
    return handle<Task>({ id: full, kind: 'task', output }, by.declaration, { kind: 'task', task: made });
  };
}

function branchOf(by: Declarer) {
  return function branch(id: string, call: Fn<unknown>, options: BranchOptions<string> = {}): Branch<string> {
    const at = enter(by, `task "${id}"`, branch);
    const { labels: declared = [], ...rest } = options;
    const labels = new Set<string>(declared);
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (read) => {
        const inputs = inputsOf(by, full, call, read, at);
        return () => ({ kind: 'branch', inputs, labels: [...labels] });
      },
      options: rest,
      ...placed(at),
    });
    return branchHandle(by, made, (label) => labels.add(label));
  };
}

function chooseOf(by: Declarer) {
  return function choose(
    id: string,
    cases: Readonly<Record<string, Condition>>,
    otherwise?: string,
    options: StepOptions = {},
  ): Branch<string> {
    const at = enter(by, `task "${id}"`, choose);
    const labels = [...Object.keys(cases), ...(otherwise === undefined ? [] : [otherwise])];
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (read) => {
        const conditions = Object.entries(cases).map(([label, when]) => ({
          label,
          when: read(when, `cases.${label}`),
        }));
        return () => withoutUndefined({ kind: 'choose', cases: conditions, otherwise });
      },
      options,
      ...placed(at),
    });
    return branchHandle(by, made, (label, to) => {
      if (labels.includes(label)) return;
      const near = nearest(label, labels);
      by.declaration.refuse({
        code: 'unknown-label',
        path: `task "${full}" › to`,
        message: `must be one of its labels, got ${JSON.stringify(label)}`,
        remedy:
          near === undefined
            ? `write one of ${labels.map((each) => `"${each}"`).join(', ')}`
            : `did you mean "${near}"?`,
        ...placed(callerOf(to)),
      });
    });
  };
}

function shortCircuitOf(by: Declarer) {
  return function shortCircuit(
    id: string,
    condition: Condition | Fn<boolean>,
    options: ShortCircuitOptions = {},
  ): ShortCircuit {
    const at = enter(by, `task "${id}"`, shortCircuit);
    const { respectTriggerRules = false, ...rest } = options;
    const full = idIn(by, id);
    const made = by.declaration.add({
      ...by,
      id: full,
      call: (read) => {
        const node: CallNode = isFn(condition)
          ? { kind: 'shortCircuitFn', inputs: inputsOf(by, full, condition, read, at), respectTriggerRules }
          : { kind: 'shortCircuit', condition: read(condition, 'condition'), respectTriggerRules };
        return () => node;
      },
      options: rest,
      ...placed(at),
    });
    return handle<ShortCircuit>({ id: full, kind: 'shortCircuit' }, by.declaration, {
      kind: 'task',
      task: made,
    });
  };
}

function groupOf(by: Declarer) {
  return function group<Tasks>(
    id: string,
    body: (scope: GroupScope) => Tasks,
    options: GroupOptions = {},
  ): Group<Tasks> {
    const at = enter(by, `group "${id}"`, group);
    const { declaration } = by;
    const full = idIn(by, id);
    const path = `group "${full}"`;
    knownOptions(options, ['after', 'defaults', 'doc'], path, at);
    if (declaration.groupOf(full) !== undefined) {
      declaration.refuse({
        code: 'duplicate-group',
        path,
        message: `must have an id of its own, got "${full}" twice`,
        remedy: 'rename one of the two',
        ...placed(at),
      });
    }
    const made: OpenGroup = {
      id: full,
      ...(by.group === undefined ? {} : { parent: by.group }),
      ...(options.doc === undefined ? {} : { doc: options.doc }),
      defaults: declaration.readDefaults(options.defaults, path, at),
    };
    declaration.addGroup(made);
    const outer = declaration.current;
    declaration.current = made;
    const tasks = body(scopeOf(declaration, made));
    declaration.current = outer;
    refuseAsync(declaration, tasks, path, at);
    declaration.after(options.after, { kind: 'group', group: made }, at);
    return handle<Group<Tasks>>({ id: full, kind: 'group', tasks }, declaration, {
      kind: 'group',
      group: made,
    });
  };
}

function chainOf(by: Declarer) {
  return function chain(...steps: readonly (Step | readonly Step[])[]): void {
    const at = enter(by, 'chain', chain);
    const { declaration } = by;
    const links = steps.map((step, index) =>
      sourcesOf(step, declaration, (problem) =>
        declaration.refuse({ ...problem, path: `chain › ${index + 1}`, ...placed(at) }),
      ),
    );
    for (const [index, above] of links.entries()) {
      const below = links[index + 1];
      if (below === undefined) return;
      const paired = Array.isArray(steps[index]) && Array.isArray(steps[index + 1]);
      const pairs = paired
        ? pairsOf(above, below)
        : above.flatMap((from) => below.map((to) => [from, to] as const));
      if (pairs === undefined) {
        declaration.refuse({
          code: 'chain',
          path: `chain › ${index + 2}`,
          message: `must be as long as the list before it, got ${below.length} after ${above.length}`,
          remedy: 'put a single task between them, or write after: […]',
          ...placed(at),
        });
      }
      for (const [from, to] of pairs ?? []) declaration.join(from, to, `chain › ${index + 2}`, at);
    }
  };
}

/** Two lists side by side: first with first. @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#chain */
function pairsOf(
  above: readonly Source[],
  below: readonly Source[],
): readonly (readonly [Source, Source])[] | undefined {
  if (above.length !== below.length) return undefined;
  return above.flatMap((from, index) => {
    const to = below[index];
    return to === undefined ? [] : [[from, to] as const];
  });
}

/** Says that a body is async: what it declares after its first await would come too late. */
export function refuseAsync(
  declaration: Declaration,
  result: unknown,
  path: string,
  at?: SourceLocation,
): void {
  if (!(result instanceof Promise)) return;
  // The body may still fail on its own; the mistake told here is the one that counts.
  result.catch(() => undefined);
  declaration.refuse({
    code: 'async-body',
    path,
    message: 'must declare its tasks at once, got an async body',
    remedy: 'remove async; what has to wait belongs into a task',
    ...placed(at),
  });
}

function branchHandle(
  by: Declarer,
  made: TaskDraft,
  note: (label: string, to: (label: string) => BranchLabel) => void,
): Branch<string> {
  const to = (label: string): BranchLabel => {
    note(label, to);
    const source: Source = { kind: 'task', task: made, label };
    return handle<BranchLabel>({ id: made.id, kind: 'label', label }, by.declaration, source);
  };
  return handle<Branch<string>>({ id: made.id, kind: 'branch', to }, by.declaration, {
    kind: 'task',
    task: made,
  });
}

/** Where the author called `api`; tells where its scope must not be used. */
function enter(
  { declaration, group }: Declarer,
  what: string,
  api: (...args: never) => unknown,
): SourceLocation | undefined {
  const at = callerOf(api);
  const { current, isOpen } = declaration;
  if (isOpen && current === group) return at;
  const [message, remedy] =
    isOpen && current !== undefined
      ? [
          `must be declared by the scope of group "${current.id}", got another one's ${api.name}`,
          `take ${api.name} from the group's body: group("${current.id}", ({ ${api.name} }) => …)`,
        ]
      : [
          `must be declared while the body runs, got ${api.name} after its end`,
          'declare it inside the body, without await',
        ];
  const problem = { code: 'outer-scope', path: what, message, remedy, ...placed(at) };
  if (!isOpen) throw new DefinitionError([{ ...problem, path: `dag "${declaration.id}" › ${what}` }]);
  declaration.refuse(problem);
  return at;
}

function idIn({ group }: Declarer, id: string): string {
  return group === undefined ? id : `${group.id}.${id}`;
}

function callOf(by: Declarer, id: string, call: unknown, read: Read, at?: SourceLocation): () => CallNode {
  if (isFn(call)) {
    const { memory } = call.options;
    const node: CallNode = withoutUndefined({ kind: 'fn', inputs: inputsOf(by, id, call, read, at), memory });
    return () => node;
  }
  if (!isCall(call)) {
    refuseCall(by, id, call, at);
    return () => ({ kind: 'fn', inputs: null });
  }
  const { engine, connection, args, local } = call;
  if (connection !== undefined) by.declaration.addConnection(connection);
  const node: CallNode = withoutUndefined({
    kind: 'engine',
    engine,
    connection: connection?.name,
    args: argsOf(read(args, '')),
    local,
  });
  return () => node;
}

function inputsOf(by: Declarer, id: string, call: Fn<unknown>, read: Read, at?: SourceLocation) {
  if (!isFn(call) || call.body === noBody) {
    refuseCall(by, id, call, at);
    return null;
  }
  knownOptions(call.options, ['memory'], `task "${id}" › fn`, at);
  const body: TaskBody = call.body;
  by.declaration.bodies.set(id, body);
  return call.inputs === null ? null : read(call.inputs, 'inputs');
}

function refuseCall({ declaration }: Declarer, id: string, call: unknown, at?: SourceLocation): void {
  const got = isFn(call) ? 'an fn without function' : kindOf(call);
  declaration.refuse({
    code: 'not-a-call',
    path: `task "${id}"`,
    message: `must be what fn(…), a connection or an engine makes, got ${got}`,
    remedy: 'write fn(async () => …)',
    ...placed(at),
  });
}

function isCall(call: unknown): call is Call<unknown> {
  return isObject(call) && typeof call['engine'] === 'string' && isObject(call['args']);
}

function placed(at: SourceLocation | undefined): { readonly at?: SourceLocation } {
  return at === undefined ? {} : { at };
}
