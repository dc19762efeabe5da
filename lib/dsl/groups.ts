/** `group`, `group.map` and `loop`: what holds tasks. */
import type { SourceLocation } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { ModuleKind } from '../model/module.ts';
import type { RetryRule } from '../model/task.ts';
import type { Declaration } from './declaration.ts';
import { type Declarer, enter, idIn } from './declarer.ts';
import { handle } from './handles.ts';
import { instanceOf, MAP_OPTIONS, mapNode } from './maps.ts';
import type { GroupRetries, List, MapGroupOptions } from './modules.ts';
import { knownOptions, oneRetryRule } from './options.ts';
import { placed } from './placed.ts';
import type { Read } from './reading.ts';
import { refs } from './refs.ts';
import type { Group, GroupOptions, GroupScope, Loop } from './scope.ts';
import type { OpenGroup } from './task-node.ts';

/** Makes the scope of a group's body; `declare.ts` gives it, to which groups belong. */
type MakeScope = (declaration: Declaration, group: OpenGroup) => GroupScope;

const GROUP_OPTIONS = ['after', 'defaults', 'doc', 'triggerRule'] as const;

/** `group`, with its `map`. */
export function groupOf(by: Declarer, scope: MakeScope) {
  const { declaration } = by;

  function group<Tasks>(
    id: string,
    body: (scope: GroupScope) => Tasks,
    options: GroupOptions = {},
  ): Group<Tasks> {
    const at = enter(by, `group "${id}"`, group);
    const path = `group "${idIn(by, id)}"`;
    const retries = options.retries === undefined ? undefined : groupRetries(options.retries, path, at);
    const opening = { by, id, word: 'group', options, known: [...GROUP_OPTIONS, 'retries'], at };
    const made = open(opening, retries !== undefined);
    if (retries === undefined && options.triggerRule !== undefined) refuseRule(declaration, path, at);
    const tasks = inside(declaration, made, () => body(scope(declaration, made)));
    if (retries !== undefined) made.does = { kind: 'retry', retries };
    return close(declaration, made, options, tasks);
  }

  function map(
    id: string,
    list: List,
    body: (scope: GroupScope, item: unknown, index: unknown) => unknown,
    options: MapGroupOptions<unknown> = {},
  ): Group {
    const at = enter(by, `group "${id}"`, map, 'group');
    const opening = { by, id, word: 'group', options, known: [...GROUP_OPTIONS, ...MAP_OPTIONS], at };
    const made = open(opening, true);
    const instance = instanceOf(made.id, declaration);
    made.does = { kind: 'map', ...mapNode(list, options, instance, readerFor(declaration, made)) };
    const { item, index } = instance;
    const tasks = inside(declaration, made, () => body(scope(declaration, made), item, index));
    return close(declaration, made, options, tasks);
  }

  return Object.assign(group, { map });
}

/** What an author gives for a loop; the types of its parts are the callers'. */
interface GivenLoop extends Pick<GroupOptions, 'after' | 'defaults' | 'doc' | 'triggerRule'> {
  readonly initial: unknown;
  readonly until?: (out: unknown) => unknown;
  readonly maxIterations: number;
}

/** `loop`: a group that is repeated. */
export function loopOf(by: Declarer, scope: MakeScope) {
  const { declaration } = by;
  return function loop(
    id: string,
    options: GivenLoop,
    body: (previous: unknown, scope: GroupScope) => unknown,
  ): Loop {
    const at = enter(by, `loop "${id}"`, loop);
    const known = [...GROUP_OPTIONS, 'initial', 'until', 'maxIterations'];
    const made = open({ by, id, word: 'loop', options, known, at }, true);
    const read = readerFor(declaration, made);
    const initial = read(options.initial, 'initial');
    const previous = refs<unknown>({ kind: 'previous', of: made.id, path: [] }, declaration);
    const out = inside(declaration, made, () => body(previous, scope(declaration, made)));
    made.does = loopNode(options, initial, out, read);
    declaration.after(options.after, { kind: 'group', group: made }, at);
    const output = refs<unknown>({ kind: 'output', task: made.id, path: [] }, declaration);
    return handle<Loop>({ id: made.id, kind: 'loop', output }, declaration, { kind: 'group', group: made });
  };
}

/** What is missing becomes `null`: the rules tell it. */
function loopNode({ until, maxIterations }: GivenLoop, initial: Json, out: unknown, read: Read): ModuleKind {
  const next = read(out ?? null, 'next');
  const holds = typeof until === 'function' ? until(out) : null;
  return { kind: 'loop', initial, next, until: read(holds ?? null, 'until'), maxIterations };
}

interface Opening {
  readonly by: Declarer;
  readonly id: string;
  readonly word: string;
  readonly options: Pick<GroupOptions, 'after' | 'defaults' | 'doc' | 'triggerRule'>;
  readonly known: readonly string[];
  readonly at: SourceLocation | undefined;
}

/** A group whose body is still to run. */
function open({ by, id, word, options, known, at }: Opening, isModule: boolean): OpenGroup {
  const { declaration } = by;
  const full = idIn(by, id);
  const path = `${word} "${full}"`;
  knownOptions(options, known, path, at);
  if (declaration.groupOf(full) !== undefined) {
    declaration.refuse({
      code: 'duplicate-group',
      path,
      message: `must have an id of its own, got "${full}" twice`,
      remedy: 'rename one of the two',
      ...placed(at),
    });
  }
  const { doc, triggerRule, defaults } = options;
  const around = by.group === undefined ? {} : { parent: by.group };
  const unit = { id: full, isTeardown: false, ...(by.group === undefined ? {} : { group: by.group }) };
  const made: OpenGroup = {
    id: full,
    ...around,
    ...(isModule ? { unit } : {}),
    ...(doc === undefined ? {} : { doc }),
    ...(triggerRule === undefined ? {} : { triggerRule }),
    defaults: declaration.readDefaults(defaults, path, at),
    word,
    ...placed(at),
  };
  declaration.addGroup(made);
  return made;
}

/** Runs the body of a group. */
function inside<T>(declaration: Declaration, made: OpenGroup, body: () => T): T {
  const { at } = made;
  const path = `${made.word} "${made.id}"`;
  const outer = declaration.current;
  declaration.current = made;
  const result = body();
  declaration.current = outer;
  refuseAsync(declaration, result, path, at);
  if (declaration.isEmpty(made)) {
    declaration.refuse({
      code: 'empty-group',
      path,
      message: 'must have at least one task, got none',
      remedy: 'declare its tasks, or remove it',
      ...placed(at),
    });
  }
  return result;
}

function close<Tasks>(
  declaration: Declaration,
  made: OpenGroup,
  { after }: Pick<GroupOptions, 'after'>,
  tasks: Tasks,
): Group<Tasks> {
  const source = { kind: 'group', group: made } as const;
  declaration.after(after, source, made.at);
  return handle<Group<Tasks>>({ id: made.id, kind: 'group', tasks }, declaration, source);
}

function readerFor(declaration: Declaration, made: OpenGroup): Read {
  return declaration.readerFor(made, (problem, field) =>
    declaration.refuse({ ...problem, path: `${made.word} "${made.id}" › ${field}`, ...placed(made.at) }),
  );
}

/** One rule for whatever failed; 0 tries make it a plain group. */
function groupRetries(retries: GroupRetries, path: string, at?: SourceLocation): RetryRule | undefined {
  return retries === 0 ? undefined : oneRetryRule(retries, `${path} › retries`, at);
}

function refuseRule(declaration: Declaration, path: string, at?: SourceLocation): void {
  declaration.refuse({
    code: 'group-trigger-rule',
    path: `${path} › triggerRule`,
    message:
      'must only be set on a mapped group or one with retries, got a plain group, which is a name only',
    remedy: 'set it on its tasks: { defaults: { triggerRule } }',
    ...placed(at),
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
