/** One visit of one state. */
import { MAX_PAYLOAD_BYTES } from '../asl/limits.ts';
import type { Assignments, State } from '../asl/states.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Scope } from './expression.ts';
import { EvaluationError, Failure } from './failure.ts';
import type { Frame } from './frame.ts';
import { isLonger, textOf } from './json-text.ts';
import { optionalTemplate, type Template, template } from './template.ts';

/** Where a state leads, with what. Without `next` its line ends. */
export interface Step {
  readonly next: string | undefined;
  readonly output: Json;
}

/** Does a state. */
export type Runner = (visit: Visit) => Step | Promise<Step>;

/** What a field can see beyond the state's input. */
type Extra = { readonly result: Json } | { readonly errorOutput: Json };

/** `Assign` and `Output` of a state, a rule or a catcher. */
export interface DataFlow {
  readonly assign: readonly (readonly [name: string, value: Template])[];
  readonly output: Template | undefined;
}

/** Compiles `Assign` and `Output`; `at` is the path of what holds them, with a slash at its end. */
export function dataFlow(from: { readonly Assign?: Assignments; readonly Output?: Json }, at = ''): DataFlow {
  const assign = Object.entries(from.Assign ?? {}).map(
    ([name, value]) => [name, template(value, `${at}Assign/${name}`)] as const,
  );
  return { assign, output: optionalTemplate(from.Output, `${at}Output`) };
}

export class Visit {
  readonly frame: Frame;
  readonly name: string;
  readonly state: State;
  readonly input: Json;
  readonly enteredId: number;
  /** Tries made again. */
  retryCount = 0;
  /** `$states.context.Task.Token`. */
  token: string | undefined;
  readonly #beforeId: number;
  readonly #enteredTime: string;

  constructor(frame: Frame, name: string, state: State, input: Json) {
    this.frame = frame;
    this.name = name;
    this.state = state;
    this.input = input;
    this.#beforeId = frame.cursor;
    this.#enteredTime = isoTime(frame.execution.clock.now());
    frame.active = { type: state.Type };
    const type = state.Type === 'Fail' ? 'FailStateEntered' : (`${state.Type}StateEntered` as const);
    this.enteredId = frame.emit(type, { name, input: textOf(input) });
  }

  /** The context object as the state sees it now. */
  context(map: JsonObject | undefined = this.frame.map): JsonObject {
    const { Execution, StateMachine } = this.frame.execution.context;
    const State = this.#stateContext();
    const context: Record<string, Json | undefined> = { Execution, State, StateMachine };
    if (this.token !== undefined) context['Task'] = { Token: this.token };
    if (map !== undefined) context['Map'] = map;
    return context;
  }

  /** What this state's expressions see. */
  scope(extra?: Extra, map?: JsonObject): Scope {
    const { world, clock } = this.frame.execution;
    const states = { input: this.input, context: this.context(map), ...extra };
    return { states, variables: this.frame.variables, clock, random: world.random };
  }

  /**
   * Leaves the state: evaluates `Assign` and `Output`, both on what was there on entry, then writes the
   * variables and the event. Without `Output`, `fallback` is the output.
   */
  exit(
    flow: DataFlow,
    to: { next: string | undefined; fallback: Json; extra?: Extra },
  ): Step | Promise<Step> {
    if (flow.assign.length === 0 && flow.output === undefined)
      return this.#leave(to.next, to.fallback, undefined);
    const scope = this.scope(to.extra);
    const assigned: Record<string, Json> = {};
    for (const [index, [name, value]] of flow.assign.entries()) {
      const result = value(scope);
      if (result instanceof Promise)
        return this.#exitLater(flow, to, { scope, assigned, from: index, pending: result });
      assigned[name] = result;
    }
    const output = flow.output === undefined ? to.fallback : flow.output(scope);
    if (output instanceof Promise) return output.then((value) => this.#leave(to.next, value, assigned));
    return this.#leave(to.next, output, assigned);
  }

  /** What was thrown in this state as a failure; an evaluation that failed gets its event. */
  failure(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    if (!(thrown instanceof EvaluationError)) throw thrown;
    const cause = this.cause(thrown.text);
    const error = 'States.QueryEvaluationError';
    const details = { error, cause, location: thrown.field, state: this.name };
    // AWS counts the event of a state that has only been entered from the one before.
    const previous = this.frame.cursor === this.enteredId ? this.#beforeId : this.frame.cursor;
    this.frame.cursor = this.frame.note('EvaluationFailed', details, previous);
    return new Failure(error, { text: cause, cause: thrown });
  }

  /** AWS's sentence around a cause. */
  cause(text: string): string {
    return `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredId}). ${text}`;
  }

  /** @throws {Failure} `States.DataLimitExceeded` when the value is too large for one state to give another */
  checkSize(value: Json, what = this.name): void {
    if (typeof value !== 'object' && typeof value !== 'string') return;
    if (!isLonger(textOf(value), MAX_PAYLOAD_BYTES)) return;
    throw new Failure('States.DataLimitExceeded', {
      text: `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    });
  }

  #stateContext(): JsonObject {
    const { Type } = this.state;
    const context = { EnteredTime: this.#enteredTime, Name: this.name };
    return Type === 'Task' || Type === 'Parallel' || Type === 'Map'
      ? { ...context, RetryCount: this.retryCount }
      : context;
  }

  async #exitLater(
    flow: DataFlow,
    to: { next: string | undefined; fallback: Json },
    at: { scope: Scope; assigned: Record<string, Json>; from: number; pending: Promise<Json> },
  ): Promise<Step> {
    for (const [name, value] of flow.assign.slice(at.from)) {
      const isPending = Object.keys(at.assigned).length === at.from;
      at.assigned[name] = await (isPending ? at.pending : value(at.scope));
    }
    const output = flow.output === undefined ? to.fallback : await flow.output(at.scope);
    return this.#leave(to.next, output, at.assigned);
  }

  #leave(next: string | undefined, output: Json, assigned: Readonly<Record<string, Json>> | undefined): Step {
    this.checkSize(output);
    const details: Record<string, Json> = { name: this.name, output: textOf(output) };
    if (assigned !== undefined && Object.keys(assigned).length > 0) {
      details['assignedVariables'] = this.frame.variables.assign(assigned);
    }
    const { Type } = this.state;
    if (Type !== 'Fail') this.frame.emit(`${Type}StateExited`, details);
    this.frame.active = undefined;
    return { next, output };
  }
}

let lastMs = Number.NaN;
let lastText = '';

/** ISO text of an instant; states are often entered at the same one. */
function isoTime(instantMs: number): string {
  if (instantMs !== lastMs) {
    lastMs = instantMs;
    lastText = new Date(instantMs).toISOString();
  }
  return lastText;
}
