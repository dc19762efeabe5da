import type { Duration } from '../base/duration.ts';
import { DefinitionError, type Problem, type SourceLocation, withoutEchoes } from '../base/errors.ts';
import { keepBodies } from '../model/bodies.ts';
import type { DagNode, ParamNode } from '../model/dag.ts';
import { ASKS_OPTIONS, type AsksOptions, asksIn, includeIn } from './asks.ts';
import { callerOf, thrownAt } from './at.ts';
import { collect, listening } from './collect.ts';
import { Declaration } from './declaration.ts';
import { scopeOf } from './declare.ts';
import { refuseAsync } from './groups.ts';
import { kindOf } from './kind-of.ts';
import type { GroupRetries } from './modules.ts';
import { CALLBACK_OPTIONS, type CallbackOptions, callbacksOf } from './notifiers.ts';
import { type Defaults, knownOptions } from './options.ts';
import type { Params, ParamValues } from './params.ts';
import { placed, withoutUndefined } from './placed.ts';
import type { Tell } from './reading.ts';
import { refs } from './refs.ts';
import { maxActiveRunsOf, type Schedule, scheduleOf, startingAt } from './schedules.ts';
import type { RunRefs, Scope } from './scope.ts';

export interface DagOptions<P> extends CallbackOptions, AsksOptions {
  /** One line. */
  readonly description?: string;
  /** Markdown. */
  readonly doc?: string;
  /** Who is told, and asked. @default none */
  readonly owner?: string;
  /** @default [] */
  readonly tags?: readonly string[];
  /** `cron('0 2 * * *', { timezone })`, `every('2h')`, `'@daily'`, `manual()`. @default manual() */
  readonly schedule?: Schedule;
  /** First instant whose interval may run, ISO 8601: `'2026-01-01'`. @default when it is first registered */
  readonly start?: string;
  /** Last instant whose interval may run, ISO 8601. @default none */
  readonly end?: string;
  /** Run every interval since `start` that has not run, oldest first; else only the newest. @default false */
  readonly catchup?: boolean;
  /** Runs at the same time; further ones wait. @default 16 */
  readonly maxActiveRuns?: number;
  /** Passes over intervals that still have no run so long after their end: `'6h'`. @default never */
  readonly skipIfLate?: Duration;
  /** Pauses the DAG once so many of its scheduled runs failed one after the other. @default never */
  readonly maxConsecutiveFailedRuns?: number;
  /** Longest a run may take. @default '7d' */
  readonly runTimeout?: Duration;
  /** Runs every task again where the run failed: 2 more times, or a rule. @default none */
  readonly runRetries?: GroupRetries;
  /** How long after the end of its interval a run should be done: `'6h'`. Late, it goes on. @default none */
  readonly deadline?: Duration;
  /** What decides a run: `leaves`, the tasks nothing comes after, or `any-failed`, any failed task. @default 'leaves' */
  readonly runState?: 'leaves' | 'any-failed';
  /**
   * Files that its functions read as they run, globs from the project's folder, that of `tutti.config.ts` or `cdk.json`,
   * wherever the app is started: `'data/*.csv'`. On AWS they are beside the code, at the same place below the working
   * directory; here the working directory is yours. @default none
   */
  readonly include?: readonly string[];
  /** For tasks that do not say it themselves. @default {} */
  readonly defaults?: Defaults;
  /** Values a run may be given: `{ region: param.string({ default: 'eu' }) }`. @default {} */
  readonly params?: P;
}

const DAG_OPTIONS = [
  'description',
  'doc',
  'owner',
  'tags',
  'schedule',
  'start',
  'end',
  'catchup',
  'maxActiveRuns',
  'skipIfLate',
  'maxConsecutiveFailedRuns',
  'runTimeout',
  'runRetries',
  'deadline',
  'runState',
  'include',
  'defaults',
  'params',
  ...CALLBACK_OPTIONS,
  ...ASKS_OPTIONS,
] as const satisfies readonly (keyof DagOptions<unknown>)[];

/** Declares a DAG; `dag` of `lib/index.ts`. */
export type DeclareDag = <const P extends Params = Record<never, never>>(
  id: string,
  options: DagOptions<P>,
  body: (scope: Scope<ParamValues<P>>) => void,
) => DagNode;

/** Every mistake in a finished DAG. */
type Check = (dag: DagNode) => readonly Problem[];

/** Makes the function `dag`, which checks what was declared with `check`. */
export function declareDag(check: Check): DeclareDag {
  return function dag(id, options, body) {
    const at = callerOf(dag);
    const declaration = new Declaration(id);
    const caught = listening(
      (problem) => declaration.refuse(problem),
      () => {
        declaration.setDefaults(options.defaults, at);
        knownOptions(options, DAG_OPTIONS, '', at);
        declaration.setRunRetries(options.runRetries, at);
        return run(declaration, body, at);
      },
    );
    declaration.isOpen = false;
    const node = nodeOf(declaration, options, at);
    keepBodies(node, declaration.bodies);
    finish(node, declaration.problems, { check, caught });
    return node;
  };
}

/** Runs the body; what it threw is a problem, and is given back as the cause. */
function run<V>(declaration: Declaration, body: (scope: Scope<V>) => void, at?: SourceLocation): unknown {
  try {
    const result: unknown = body({
      ...scopeOf<''>(declaration),
      params: paramRefs<V>(declaration),
      run: runRefs(declaration),
    });
    refuseAsync(declaration, result, '', at);
    return undefined;
  } catch (error) {
    declaration.current = undefined;
    for (const problem of problemsOf(error, at)) declaration.refuse(problem);
    return error;
  }
}

function runRefs(owner: Declaration): RunRefs {
  const fact = (...path: readonly string[]) => refs<string>({ kind: 'run', path }, owner);
  const interval = {
    start: fact('interval', 'start'),
    end: fact('interval', 'end'),
    date: fact('interval', 'date'),
  };
  return { id: fact('id'), dagId: fact('dagId'), logicalDate: fact('logicalDate'), interval };
}

function problemsOf(error: unknown, at: SourceLocation | undefined): readonly Problem[] {
  if (error instanceof DefinitionError) return error.problems;
  const where = thrownAt(error) ?? at;
  const got = error instanceof Error ? `${error.name}: ${error.message}` : kindOf(error);
  return [
    {
      code: 'body-throws',
      path: '',
      message: `must declare its tasks, got ${got}`,
      remedy: 'the body runs once, to declare; work belongs into tasks',
      ...placed(where),
    },
  ];
}

/** Params by name. One that was not declared is a Ref, too: the rules tell it where it is used. */
function paramRefs<V>(declaration: Declaration): Scope<V>['params'] {
  const params: unknown = new Proxy(Object.freeze({}), {
    get: (_, name) =>
      typeof name === 'symbol' ? undefined : refs<unknown>({ kind: 'param', name, path: [] }, declaration),
  });
  return params as Scope<V>['params'];
}

function schemaOf(param: unknown): ParamNode | undefined {
  return typeof param === 'object' && param !== null && 'schema' in param
    ? (param.schema as ParamNode)
    : undefined;
}

/** Schemas of the params; what is none is told. */
function schemasOf(declaration: Declaration, params: Params, at?: SourceLocation): DagNode['params'] {
  const schemas = Object.entries(params).flatMap(([name, param]) => {
    const schema = schemaOf(param);
    if (schema !== undefined) return [[name, schema] as const];
    declaration.refuse({
      code: 'param',
      path: `params.${name}`,
      message: `must be declared by param.…, got ${kindOf(param)}`,
      remedy: `write ${name}: param.string()`,
      ...placed(at),
    });
    return [];
  });
  return Object.fromEntries(schemas);
}

function nodeOf(declaration: Declaration, options: DagOptions<Params>, at?: SourceLocation): DagNode {
  const { description, doc, owner, tags = [], start, end, params = {} } = options;
  const { skipIfLate, maxConsecutiveFailedRuns, runTimeout, deadline } = options;
  const schedule = startingAt(scheduleOf(options.schedule), start);
  const tell: Tell = (problem, field) => declaration.refuse({ ...problem, path: field, ...placed(at) });
  const callbacks = callbacksOf(options, tell);
  return frozen(
    withoutUndefined<DagNode>({
      id: declaration.id,
      description,
      doc,
      owner,
      tags: [...tags],
      schedule,
      start,
      end,
      catchup: options.catchup ?? false,
      maxActiveRuns: options.maxActiveRuns ?? maxActiveRunsOf(schedule),
      skipIfLate,
      maxConsecutiveFailedRuns,
      callbacks,
      runTimeout,
      deadline,
      runState: options.runState ?? 'leaves',
      params: schemasOf(declaration, params, at),
      asks: asksIn(options, tell),
      include: includeIn(options, tell),
      ...declaration.finish(),
      at,
    }),
  );
}

/** While somebody collects, the mistakes are theirs, and so are the rules; else all are thrown at once. */
function finish(
  node: DagNode,
  own: readonly Problem[],
  { check, caught }: { check: Check; caught: unknown },
): void {
  if (collect(node, own)) return;
  const errors = withoutEchoes(own, check(node)).filter(({ severity }) => severity !== 'warning');
  if (errors.length > 0) throw new DefinitionError(errors, caught === undefined ? {} : { cause: caught });
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) frozen(item);
  return Object.freeze(value);
}
