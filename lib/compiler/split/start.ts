/** How a machine starts a part of itself: a nested machine whose end it waits for. */
import { expr, isExpression, literal, member, unwrap } from '../../asl/jsonata.ts';
import type { Assignments, Retrier, TaskState } from '../../asl/states.ts';
import { isObject } from '../../base/json.ts';
import { RUN } from '../latch-item.ts';

/** The answer's `Output` is JSON. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
const START_AND_WAIT = 'arn:aws:states:::states:startExecution.sync:2';

export const EXECUTION = '$states.context.Execution.Input';

/** What the part gave. */
export const ANSWER = '$states.result.Output';

/** Name of the run's own execution, wherever it is asked for. */
const ROOT = `($exists(${EXECUTION}.root) ? ${EXECUTION}.root : $states.context.Execution.Name)`;

/** Characters of that name in a part's: its end tells the attempts of a run apart. */
const ROOT_CHARACTERS = 50;

const MACHINES = `${RUN}.machines`;

/**
 * The call was refused before anything began. A start whose answer was lost needs none: the same name and input give the
 * execution that runs already.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
const REFUSED: Retrier = {
  ErrorEquals: ['StepFunctions.ExecutionLimitExceededException', 'StepFunctions.ThrottlingException'],
  MaxAttempts: 20,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

export interface Start {
  /** Key of the machine in `run.machines`. */
  readonly part: string;
  /** Variables that tell instances of modules around apart, outermost first. */
  readonly counters: readonly string[];
  /** JSONata text of the state data it begins with. */
  readonly data: string;
  /** Variables it reads. */
  readonly vars: readonly string[];
  /** State at which it is entered, where it may be entered at several. */
  readonly at?: string;
  readonly seconds: number;
}

/** Everything but where it leads. */
export function startState({ part, counters, data, vars, at, seconds }: Start): TaskState {
  const number = part.replace(/^\D+/, '');
  const handed = ['run', 'params', 'rerun'].map((field) => `"${field}": ${EXECUTION}.${field}`);
  const input = [
    ...handed,
    `"root": ${ROOT}`,
    `"data": ${data}`,
    ...(vars.length === 0 ? [] : [`"vars": ${variablesText(vars)}`]),
    ...(at === undefined ? [] : [`"at": ${literal(at)}`]),
  ];
  return {
    Type: 'Task',
    Resource: START_AND_WAIT,
    Arguments: {
      StateMachineArn: expr(member(MACHINES, part)),
      Name: expr(`$substring(${ROOT}, -${ROOT_CHARACTERS}) & ${literal(`-${number}`)}${counted(counters)}`),
      Input: expr(`{${input.join(', ')}}`),
    },
    TimeoutSeconds: seconds,
    Retry: [REFUSED],
  };
}

/** Name by which children of a Map know their run: each instance around has another. */
export function rootText(counters: readonly string[]): string {
  return `${ROOT}${counted(counters)}`;
}

function counted(counters: readonly string[]): string {
  return counters.map((counter) => ` & "." & $string($${counter})`).join('');
}

/** JSONata text of an object of variables; one that has no value on this way is as after a task that did not run. */
export function variablesText(vars: readonly string[]): string {
  return `{${vars.map((name) => `${literal(name)}: $exists($${name}) ? $${name} : {}`).join(', ')}}`;
}

/** Variables from an object of them, `from`. */
export function assigned(vars: readonly string[], from: string): { readonly Assign?: Assignments } {
  if (vars.length === 0) return {};
  return { Assign: Object.fromEntries(vars.map((name) => [name, expr(`${from}.${name}`)])) };
}

/** The part that a Task starts; `undefined`: it starts none. */
export function partStarted({ Resource, Arguments }: TaskState): string | undefined {
  if (Resource !== START_AND_WAIT || !isObject(Arguments)) return undefined;
  const arn = Arguments['StateMachineArn'];
  if (!isExpression(arn) || !unwrap(arn).startsWith(`${MACHINES}.`)) return undefined;
  return unwrap(arn).slice(MACHINES.length + 1);
}

/** The state at which it enters the part; `undefined`: there is but one. */
export function entryOf({ Arguments }: TaskState): string | undefined {
  const input = isObject(Arguments) ? Arguments['Input'] : undefined;
  if (typeof input !== 'string') return undefined;
  const [, at] = /, "at": ("(?:[^"\\]|\\.)*")\}$/.exec(unwrap(input)) ?? [];
  return at === undefined ? undefined : String(JSON.parse(at));
}
