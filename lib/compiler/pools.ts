/**
 * Pools: a state before a task's own asks for its places, states behind it give them back on every way out. Two
 * transitions more; what leads to the task and what it leads to stays as it was compiled.
 */
import { expr, literal, unwrap } from '../asl/jsonata.ts';
import type { Assignments, Branch, Catcher, State, TaskState } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { isObject, type JsonObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import { DEFAULT_RETRY_DELAY_SECONDS, type RetryRule, type TaskNode } from '../model/task.ts';
import { holderVariable } from '../model/variables.ts';
import { INPUT } from './conditions.ts';
import type { Machine } from './course.ts';
import { CALL_SECONDS, RUN } from './latch-item.ts';
import { auxiliary } from './names.ts';
import { ledTo } from './redirect.ts';
import { LAMBDA_BUSY } from './retry.ts';
import { timeoutOf } from './try-time.ts';
import { WAIT_TIMEOUT } from './waiting-states.ts';

/** Tasks that hold places, with what they ask for. */
export type Pooled = ReadonlyMap<string, PoolRequest>;

export interface PoolRequest extends JsonObject {
  readonly pool: string;
  readonly slots: number;
  /** Places of the pool in all. */
  readonly limit: number;
  /** After so long whoever still holds them is taken for dead. */
  readonly leaseSec: number;
}

/** Seconds a lease outlives the longest its task may take (`step-functions.md` 3). */
const LEASE_GRACE_SECONDS = 300;

/** The tasks of a DAG that hold places of a pool. */
export function pooledTasks({ tasks, pools = [] }: DagNode): Pooled {
  const limits = new Map(pools.map(({ name, slots }) => [name, slots]));
  return new Map(
    tasks.flatMap((task) => {
      const limit = limits.get(task.pool?.name ?? '');
      if (task.pool === undefined || limit === undefined) return [];
      const { name: pool, slots } = task.pool;
      return [[task.id, { pool, slots, limit, leaseSec: longestSeconds(task) + LEASE_GRACE_SECONDS }]];
    }),
  );
}

/** All tries of a task, each as long as it may be, and the waits between them. */
export function longestSeconds(task: TaskNode): number {
  const tries = task.retries.reduce((sum, { attempts }) => sum + attempts, 1);
  const waits = task.retries.reduce((sum, rule) => sum + longestWaits(rule), 0);
  const { call } = task;
  const poked = call.kind === 'sensor' ? 2 * (toSeconds(call.poke.timeout) ?? 0) : 0;
  return Math.ceil(tries * timeoutOf(task) + waits + poked);
}

function longestWaits({ attempts, delay, backoff = 1, maxDelay }: RetryRule): number {
  const first = toSeconds(delay) ?? DEFAULT_RETRY_DELAY_SECONDS;
  const longest = toSeconds(maxDelay) ?? LONGEST_WAIT;
  const last = Math.min(first * backoff ** Math.max(0, attempts - 1), longest, LONGEST_WAIT);
  return attempts * Math.max(last, Math.min(first, longest));
}

/** No wait of an execution is longer: a year. */
const LONGEST_WAIT = 31_536_000;

/** What is known of states by name; what pools add is added. */
export type Known = Pick<Machine, 'roles' | 'owners' | 'instances'>;

/** `branch` with the states of pools in it, at any depth. */
export function withPools<T extends Branch>(branch: T, pooled: Pooled, known: Known): T {
  if (pooled.size === 0) return branch;
  const isHeld = (name: string) => pooled.has(name) && branch.States[name]?.Type === 'Task';
  const lead = (name: string) => (isHeld(name) ? acquireName(name) : name);
  const retries = (name: string) => known.owners.get(name)?.retries ?? '';
  const states = Object.entries(branch.States).flatMap(([name, state]) => {
    // Between two tries its places are held: these states stand with the task's own.
    if (pooled.has(retries(name))) return [];
    const led = ledTo(within(state, pooled, known), lead);
    const request = pooled.get(name);
    if (request === undefined || led.Type !== 'Task') return [[name, led] as const];
    const between = Object.entries(branch.States).filter(([other]) => retries(other) === name);
    return holding(name, led, { request, known, between, lead });
  });
  return { ...branch, StartAt: lead(branch.StartAt), States: Object.fromEntries(states) };
}

function within(state: State, pooled: Pooled, known: Known): State {
  if (state.Type === 'Parallel')
    return { ...state, Branches: state.Branches.map((each) => withPools(each, pooled, known)) };
  if (state.Type !== 'Map') return state;
  return { ...state, ItemProcessor: withPools(state.ItemProcessor, pooled, known) };
}

interface Holding {
  readonly request: PoolRequest;
  readonly known: Known;
  /** States between two tries, of a task that no Retry tries again. */
  readonly between: readonly (readonly [string, State])[];
  readonly lead: (name: string) => string;
}

/** The state of a task between those that ask and those that give back. */
function holding(
  id: string,
  own: TaskState,
  { request, known, between, lead }: Holding,
): readonly (readonly [string, State])[] {
  const holder = holderOf(id, own, known);
  const name = holderVariable(id);
  // What an item of a map is, is in the state's input, which the task replaces.
  const kept: Assignments = holder.includes(INPUT) ? { [name]: expr(holder) } : {};
  const ways = new WaysOut(id, known.roles);
  const { Next, End: _, ...rest } = own;
  const well = ways.through(Next);
  const inside = new Set([id, ...between.map(([name]) => name)]);
  const out = (next: string) => (inside.has(next) ? next : ways.through(lead(next)));
  const Catch = (own.Catch ?? []).map((catcher) => ({ ...catcher, Next: out(catcher.Next) }));
  const failed = Catch.findLast(({ Next: to }) => !inside.has(to));
  const acquire = acquireName(id);
  known.roles.set(acquire, 'acquire');
  known.owners.set(acquire, { queues: id });
  return [
    [acquire, acquireState({ ...request, holder: expr(holder) }, { id, failed, kept })],
    [id, { ...rest, Catch, Next: well }],
    ...between.map(([name, state]) => [name, ledTo(state, out)] as const),
    ...ways.states({ pool: request.pool, holder: expr(Object.hasOwn(kept, name) ? `$${name}` : holder) }),
  ];
}

function acquireName(id: string): string {
  return auxiliary(id, 'acquire');
}

/** Who holds, as JSONata text: the same for all tries of one run of a task, whichever execution it is in. */
function holderOf(id: string, { Arguments }: TaskState, { instances }: Known): string {
  const payload = isObject(Arguments) ? Arguments['Payload'] : undefined;
  const sent = isObject(payload) ? payload['instance'] : undefined;
  const instance = typeof sent === 'string' ? unwrap(sent) : instances.get(id);
  const which = instance === undefined ? '' : ` & "#" & (${instance})`;
  return `${RUN}.dagId & "/" & ${RUN}.id & "/" & ${RUN}.attempt & ${literal(`/${id}`)}${which}`;
}

interface Acquiring {
  readonly id: string;
  /** Where the task leads that failed. */
  readonly failed: Catcher | undefined;
  /** Variables that the way back needs. */
  readonly kept: Assignments;
}

/**
 * Waits until its places are free. A wake-up that was lost is noticed by asking again, which keeps the place in the
 * queue. Where the pool does not answer, the task has failed.
 */
function acquireState(request: JsonObject, { id, failed, kept }: Acquiring): TaskState {
  const assigning = Object.keys(kept).length > 0;
  const token = expr('$states.context.Task.Token');
  return {
    Type: 'Task',
    Resource: `${INVOKE}.waitForTaskToken`,
    Arguments: { FunctionName: POOL, Payload: { acquire: { ...request, token } } },
    TimeoutSeconds: WAIT_TIMEOUT,
    Retry: [
      LAMBDA_BUSY,
      { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 99_999_999, BackoffRate: 1 },
    ],
    ...(failed === undefined
      ? {}
      : { Catch: [assigning ? { ...failed, Assign: { ...failed.Assign, ...kept } } : failed] }),
    ...(assigning ? { Assign: kept } : {}),
    Output: expr(INPUT),
    Next: id,
  };
}

const INVOKE = 'arn:aws:states:::lambda:invoke';
const POOL = expr(`${RUN}.fns.pool`);

/** Ways out of a task by where they lead, each through a state that gives its places back. */
class WaysOut {
  readonly #id: string;
  readonly #roles: Map<string, string>;
  readonly #names = new Map<string | undefined, string>();

  constructor(id: string, roles: Map<string, string>) {
    this.#id = id;
    this.#roles = roles;
  }

  /** Name of the state through which the way to `next` leads; `undefined`: to the end. */
  through(next: string | undefined): string {
    const known = this.#names.get(next);
    if (known !== undefined) return known;
    const count = this.#names.size + 1;
    const name = auxiliary(this.#id, count === 1 ? 'release' : `release ${count}`);
    this.#names.set(next, name);
    this.#roles.set(name, 'release');
    return name;
  }

  /** The states. One whose call fails goes on all the same: the lease ends by itself. */
  states(release: JsonObject): readonly (readonly [string, State])[] {
    const made: [string, State][] = [];
    for (const [next, name] of this.#names) {
      const after = next ?? auxiliary(this.#id, 'released');
      const state: TaskState = {
        Type: 'Task',
        Resource: INVOKE,
        Arguments: { FunctionName: POOL, Payload: { release } },
        TimeoutSeconds: CALL_SECONDS,
        Retry: [LAMBDA_BUSY],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: expr(INPUT), Next: after }],
        Output: expr(INPUT),
        ...(next === undefined ? { End: true as const } : { Next: next }),
      };
      made.push([name, state]);
      if (next !== undefined) continue;
      // A Catcher cannot end a line by itself.
      this.#roles.set(after, 'end');
      made.push([after, { Type: 'Succeed' }]);
    }
    return made;
  }
}
