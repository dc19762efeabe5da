/** The functions an author declares tasks with. Each scope, the DAG's and every group's, has its own. */
import type { SourceLocation } from '../base/errors.ts';
import type { Call } from '../engines/engine.ts';
import { branchOf, chooseOf, shortCircuitOf } from './branches.ts';
import { callNode } from './calls.ts';
import { chained } from './chain.ts';
import { type Declaration, type OpenGroup, placed } from './declaration.ts';
import { type Declarer, enter, idIn } from './declarer.ts';
import type { Fn } from './fn.ts';
import { handle } from './handles.ts';
import { knownOptions } from './options.ts';
import { refs } from './refs.ts';
import type { Group, GroupOptions, GroupScope, Step, Task, TaskOptions } from './scope.ts';

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
    chain: function chain(...steps: readonly (Step | readonly Step[])[]): void {
      chained(declaration, steps, enter(by, 'chain', chain));
    },
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
      call: (site) => {
        const node = callNode(site, call);
        return () => node;
      },
      options,
      known: ['teardownOf', 'failRun'],
      ...placed(at),
    });
    const output = refs<unknown>({ kind: 'output', task: full, path: [] }, by.declaration);
    return handle<Task>({ id: full, kind: 'task', output }, by.declaration, { kind: 'task', task: made });
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
    const refuse = (code: string, message: string, remedy: string) =>
      declaration.refuse({ code, path, message, remedy, ...placed(at) });
    if (declaration.groupOf(full) !== undefined) {
      refuse('duplicate-group', `must have an id of its own, got "${full}" twice`, 'rename one of the two');
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
    if (declaration.isEmpty(made)) {
      refuse('empty-group', 'must have at least one task, got none', 'declare its tasks, or remove it');
    }
    declaration.after(options.after, { kind: 'group', group: made }, at);
    return handle<Group<Tasks>>({ id: full, kind: 'group', tasks }, declaration, {
      kind: 'group',
      group: made,
    });
  };
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
