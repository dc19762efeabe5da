/** The functions an author declares tasks with. Each scope, the DAG's and every group's, has its own. */
import { branchOf, chooseOf, latestOnlyOf, shortCircuitOf } from './branches.ts';
import { callNode } from './calls.ts';
import { chained } from './chain.ts';
import type { CallSite, Declaration } from './declaration.ts';
import { type Declarer, enter, idIn } from './declarer.ts';
import type { TaskDraft } from './edges.ts';
import { isFn } from './fn.ts';
import { groupOf, loopOf } from './groups.ts';
import { handle } from './handles.ts';
import { kindOf } from './kind-of.ts';
import { instanceOf, MAP_OPTIONS, mapNode } from './maps.ts';
import type { List } from './modules.ts';
import { placed, withoutUndefined } from './placed.ts';
import { refs } from './refs.ts';
import type { GroupScope, MapTaskOptions, Step, Task, TaskOptions } from './scope.ts';
import type { OpenGroup } from './task-node.ts';
import { isWait } from './waits.ts';

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
    latestOnly: latestOnlyOf(by),
    group: groupOf(by, scopeOf),
    loop: loopOf(by, scopeOf),
    chain: function chain(...steps: readonly (Step | readonly Step[])[]): void {
      chained(declaration, steps, enter(by, 'chain', chain));
    },
  };
  // The ids' types are the callers': at run time each id has its group's before it, as `GroupScope` says.
  return Object.freeze(scope) as unknown as GroupScope<Prefix>;
}

const TASK_OPTIONS = ['pool', 'deadline'] as const;

/** `task`, with its `map`. */
function taskOf(by: Declarer) {
  const { declaration } = by;

  function task(id: string, call: unknown, options: TaskOptions = {}): Task {
    const at = enter(by, `task "${id}"`, task);
    const full = idIn(by, id);
    const made = declaration.add({
      ...by,
      id: full,
      call: (site) => {
        const node = callNode(site, call, options.timeout);
        return () => node;
      },
      options: withTimeoutOf(call, options),
      known: [...TASK_OPTIONS, 'teardownOf', 'failRun'],
      ...placed(at),
    });
    return taskHandle(declaration, made);
  }

  function map(
    id: string,
    list: List,
    call: (item: unknown, index: unknown) => unknown,
    options: MapTaskOptions<unknown> = {},
  ): Task {
    const at = enter(by, `task "${id}"`, map, 'task');
    const full = idIn(by, id);
    const instance = instanceOf(full, declaration);
    const one: unknown = typeof call === 'function' ? call(instance.item, instance.index) : call;
    const made = declaration.add({
      ...by,
      id: full,
      map: (site) => {
        if (typeof call !== 'function') refuseItemless(site, call);
        return mapNode(list, options, instance, site.read);
      },
      call: (site) => {
        const node = callNode(site, one, options.timeout);
        return () => node;
      },
      options: withTimeoutOf(one, options),
      known: [...TASK_OPTIONS, ...MAP_OPTIONS],
      ...placed(at),
    });
    return taskHandle(declaration, made);
  }

  return Object.assign(task, { map });
}

function refuseItemless({ declaration, id, at }: CallSite, call: unknown): void {
  declaration.refuse({
    code: 'not-a-call',
    path: `task "${id}"`,
    message: `must be a function from an item to a call, got ${isFn(call) ? 'an fn' : kindOf(call)}`,
    remedy: 'write (item) => fn({ item }, async ({ item }) => …)',
    ...placed(at),
  });
}

/** What the call itself says of its time holds where the task says nothing. */
function withTimeoutOf(call: unknown, options: TaskOptions): TaskOptions {
  if (isWait(call)) return withoutUndefined({ timeout: call.timeout, ...options });
  return isFn(call) ? withoutUndefined({ timeout: call.options.timeout, ...options }) : options;
}

function taskHandle(declaration: Declaration, made: TaskDraft): Task {
  const output = refs<unknown>({ kind: 'output', task: made.id, path: [] }, declaration);
  return handle<Task>({ id: made.id, kind: 'task', output }, declaration, { kind: 'task', task: made });
}
