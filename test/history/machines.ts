/** Machines by hand, in the shapes that the compiler writes, and what a projector makes of their runs. */
import type { Branch, MapState, State, StateMachine, TaskState } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { Projector, project, type RunProjection } from '../../lib/history/project.ts';
import { childEvent, type RunEvent } from '../../lib/history/run-event.ts';
import { type ExecuteOptions, execute } from '../../lib/interpreter/execute.ts';
import { withNestedExecutions } from '../../lib/interpreter/nested.ts';
import { type ResourceCall, TaskError } from '../../lib/interpreter/resource.ts';
import type { Manifest, ManifestModule, ManifestState, ManifestTask } from '../../lib/model/manifest.ts';

const layout = { column: 0, row: 0 };

/** Tasks and modules with what matters here; the states named as the compiler names them. */
export function manifestOf(
  tasks: readonly (Pick<ManifestTask, 'id'> & Partial<ManifestTask>)[],
  modules: readonly (Pick<ManifestModule, 'id' | 'kind'> & Partial<ManifestModule>)[] = [],
  more: Readonly<Record<string, ManifestState>> = {},
): Manifest {
  const common = { upstream: [], triggerRule: 'all_success', layout } as const;
  return {
    dagId: 'dag',
    hash: '',
    tags: [],
    schedule: '',
    params: {},
    runState: 'leaves',
    groups: [],
    tasks: tasks.map((task) => ({ ...common, kind: 'fn', ...task })),
    modules: modules.map((module) => ({ ...common, ...module })),
    states: {
      ...Object.fromEntries(tasks.map(({ id }) => [id, { task: id, role: 'task' }])),
      ...Object.fromEntries(modules.flatMap(statesOf)),
      ...more,
    },
  };
}

function statesOf({
  id: module,
  kind,
}: Pick<ManifestModule, 'id' | 'kind'>): readonly (readonly [string, ManifestState])[] {
  const roles = kind === 'map' ? ['map'] : ['body', 'wait'];
  return roles.map((role) => [`${module} · ${role}`, { module, role }]);
}

/** A task's state; a failure is caught, its code put into the data under `key`. */
export function taskState(id: string, to: Pick<TaskState, 'Next' | 'End'>, more: TaskMore = {}): TaskState {
  const { key = id, payload = {}, ...state } = more;
  const code = (error: string) =>
    `{% $merge([$states.input, {"${key}": $states.errorOutput.Error = "SkipTask" ? "k" : "${error}"}]) %}`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { Payload: { task: id, ...payload } },
    Output: '{% $states.input %}',
    Catch: [{ ErrorEquals: ['States.ALL'], Output: code('f'), Next: to.Next ?? 'Done' }],
    ...state,
    ...to,
  };
}

interface TaskMore extends Partial<Pick<TaskState, 'Retry'>> {
  readonly key?: string;
  readonly payload?: Readonly<Record<string, Json>>;
}

/** A line of states; what a catcher at its end leads to is there. */
export function branch(states: Readonly<Record<string, State>>): Branch {
  const [StartAt = ''] = Object.keys(states);
  return { StartAt, States: { ...states, Done: { Type: 'Succeed' } } };
}

/** `<id> · map` over `items`; its code is `f` where one instance's is. */
export function mapState(
  id: string,
  items: Json,
  processor: Branch,
  more: Partial<MapState> & { readonly apart?: boolean } = {},
): State {
  const { apart = false, ...state } = more;
  const failed = '"f" in $states.result.s';
  const output = `{% $merge([$states.input, ${failed} ? {"${id}": "f"} : $count($states.result) = 0 ? {"${id}": "k"} : {}]) %}`;
  return {
    Type: 'Map',
    Items: items,
    ItemSelector: { label: '{% $states.context.Map.Item.Value %}' },
    ItemProcessor: {
      ...processor,
      ProcessorConfig: apart ? { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } : { Mode: 'INLINE' },
    },
    Output: output,
    ...state,
  };
}

/**
 * `<id> · body` and what stands around it: `$n` counts, `again` is asked after it with what it gave in `input.s`, and
 * waits; then the module ends with that code.
 */
export function bodyStates(
  id: string,
  body: Branch,
  { again, limit = 'f', Next }: { readonly again: string; readonly limit?: string; readonly Next: string },
): Readonly<Record<string, State>> {
  const code = `{% $merge([$states.context.Execution.Input, {"s": $states.result[0].s}]) %}`;
  return {
    [`${id} · enter`]: { Type: 'Pass', Assign: { n: 1 }, Next: `${id} · body` },
    [`${id} · body`]: {
      Type: 'Parallel',
      Arguments: {},
      Branches: [body],
      Output: code,
      Next: `${id} · verdict`,
    },
    [`${id} · verdict`]: {
      Type: 'Choice',
      Choices: [
        { Condition: `{% ${again} %}`, Output: {}, Next: `${id} · wait` },
        { Condition: '{% $exists($states.input.s) %}', Output: { [id]: limit }, Next },
      ],
      Output: {},
      Default: Next,
    },
    [`${id} · wait`]: {
      Type: 'Wait',
      Seconds: 10,
      Assign: { n: '{% $n + 1 %}' },
      Next: `${id} · body`,
    },
  };
}

export interface Played {
  readonly events: readonly RunEvent[];
  readonly projection: RunProjection;
  /** A run seen after every event; the last is the projection. */
  readonly seen: readonly RunProjection[];
}

/** What a call of a task does: seconds it takes, an error. By task, then by call. */
export type Does = (
  call: ResourceCall,
  task: string,
) => { readonly seconds?: number; readonly error?: string };

/** Runs a machine that begins at 0 and projects it. */
export async function played(
  manifest: Manifest,
  states: Readonly<Record<string, State>>,
  { does = () => ({}), parts = {}, watch = false, input = {}, ...options }: PlayOptions = {},
): Promise<Played> {
  const clock = new VirtualClock(0);
  const events: RunEvent[] = [];
  const projector = new Projector(manifest);
  const seen: RunProjection[] = [];
  const onEvent = (event: RunEvent) => {
    events.push(event);
    projector.apply(event);
    if (watch)
      seen.push({ state: projector.runState(), tasks: projector.tasks(), modules: projector.modules() });
  };
  const onChildEvent: ExecuteOptions['onChildEvent'] = (event, child) => onEvent(childEvent(event, child));
  const [StartAt = ''] = Object.keys(states);
  const machine: StateMachine = { QueryLanguage: 'JSONata', StartAt, States: states };
  const resources = withNestedExecutions({
    clock,
    random: seededRandom(1),
    onChildEvent,
    machine: (arn) => parts[arn],
    resources: async (call) => {
      const { Payload } = Object(call.arguments);
      const { seconds = 1, error } = does(call, String(Object(Payload).task));
      await clock.until(clock.now() + seconds * 1000, call.signal);
      if (error !== undefined) throw new TaskError(error, 'because');
      return {};
    },
  });
  const run = { ...options, clock, random: seededRandom(1), resources, onEvent, onChildEvent };
  await clock.drive(execute({ ...machine, ...options.machine }, input, run));
  return { events, projection: project(manifest, events), seen };
}

/** The events one execution after the other, as reading the history of each gives them: the run's own first. */
export function byExecution(events: readonly RunEvent[]): readonly RunEvent[] {
  return [...Map.groupBy(events, ({ execution }) => execution).values()].flat();
}

interface PlayOptions extends Pick<ExecuteOptions, 'signal'> {
  readonly does?: Does;
  readonly parts?: Readonly<Record<string, StateMachine>>;
  readonly watch?: boolean;
  readonly input?: Json;
  readonly machine?: Partial<StateMachine>;
}

/** `state start-end` of what a projection tells, seconds; instances by counters. */
export function told({ tasks, modules }: RunProjection): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...tasks, ...modules.map((module) => ({ ...module, id: `module ${module.id}` }))].map((run) => [
      run.id,
      run.instances === undefined
        ? text(run)
        : [text(run), ...run.instances.map((each) => `${each.instance} ${text(each)}`)],
    ]),
  );
}

function text({
  state,
  startMs,
  endMs,
}:
  | RunProjection['tasks'][number]
  | Omit<RunProjection['modules'][number], 'id' | 'kind' | 'instances'>): string {
  const times = [startMs, endMs].map((ms) => (ms === undefined ? '' : String(ms / 1000)));
  return `${state} ${times.join('-')}`;
}
