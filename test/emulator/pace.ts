/** Answers what a run waits for, one at each quiet moment: functions, people, and places of pools. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SendTaskFailureCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { isObject, type Json, type JsonObject } from '../../lib/base/json.ts';
import { TaskError } from '../../lib/interpreter/resource.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { type LatchTable, latchTable } from '../../lib/local/latch-table.ts';
import { recordOutput, withRecorded } from '../../lib/local/recorded.ts';
import { answer, play } from '../../lib/local/script.ts';
import { SimulatedPools } from '../../lib/local/simulated-pools.ts';
import type { TaskEvent } from '../../lib/model/run-input.ts';
import type { Scenario } from './scenarios.ts';
import { TABLE, type Target } from './target.ts';

/** Something that waits for an answer. */
interface Held {
  /** `load try 1`, `load@3 try 1`, `load acquires`, `size is asked` */
  readonly name: string;
  /** Where it stands in the scenario's order. */
  readonly task: string;
  readonly isCall: boolean;
  readonly answer: () => Promise<void>;
}

const signal = new AbortController().signal;

export class Pace {
  /** What was answered, and what waited beside it. */
  readonly order: string[] = [];
  /** What each function was given, in the order of answers. */
  readonly given: string[] = [];
  /** Tokens that have been answered. */
  readonly sent: string[] = [];
  readonly #scenario: Scenario;
  readonly #expected: readonly string[] | undefined;
  readonly #target: Target;
  #held: readonly Held[] = [];
  /** What tasks recorded, to read it back where a later one refers to it. */
  readonly #recorded = emptyTable();
  readonly #pools: SimulatedPools;
  readonly #sending: Promise<unknown>[] = [];

  /** `expected` is the order seen elsewhere, which tells when to look for a quiet moment; it decides nothing. */
  constructor(scenario: Scenario, target: Target, expected: readonly string[] | undefined) {
    this.#scenario = scenario;
    this.#expected = expected;
    this.#target = target;
    this.#pools = new SimulatedPools({
      success: (token, output) => this.#send(token, output),
      failure: (token, error, cause) => this.#send(token, new TaskError(error, cause)),
    });
  }

  /** Function calls that wait. */
  get calls(): number {
    return this.#held.filter(({ isCall }) => isCall).length;
  }

  get waiting(): number {
    return this.#held.length;
  }

  /** Keeps a call of a function until its turn comes. */
  hold(payload: Json): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const work = isTask(payload) ? () => this.#task(payload) : () => this.#pool(payload);
    this.#add({ ...named(payload), isCall: true, answer: () => work().then(resolve, reject) });
    return promise;
  }

  /** Whether a quiet moment is likely now: what waits is what waited elsewhere. */
  get isDue(): boolean {
    return this.#expected === undefined || this.#expected[this.order.length] === this.#line();
  }

  /** Answers what comes first in the scenario's order. */
  async answerNext(): Promise<void> {
    const line = this.#line();
    const [next, ...others] = this.#inOrder();
    if (next === undefined || line === undefined) return;
    this.#held = others;
    this.order.push(line);
    await next.answer();
  }

  /** `load try 1, beside read try 1` */
  #line(): string | undefined {
    const [next, ...others] = this.#inOrder();
    const beside = others.map(({ name }) => name).sort();
    return next && `${next.name}, beside ${beside.join(', ') || 'nothing'}`;
  }

  #inOrder(): readonly Held[] {
    const { order } = this.#scenario;
    const rank = ({ task }: Held): number => (order.includes(task) ? order.indexOf(task) : order.length);
    return this.#held.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  }

  #add(held: Held): void {
    this.#held = [...this.#held, held];
  }

  async #task(event: TaskEvent): Promise<Json> {
    const { execution, args, token } = event;
    if (args !== undefined) {
      this.given.push(`${named(event).name}: ${sorted(withRecorded(this.#recorded, execution, args))}`);
    }
    if (token === undefined) return this.#played(event);
    const { task } = event;
    this.#add({ name: `${task} is asked`, task, isCall: false, answer: () => this.#answered(event, token) });
    return {};
  }

  async #played(event: TaskEvent): Promise<Json> {
    const reply = await play(this.#scenario.script, event, systemClock, { signal });
    if (!event.record) return reply;
    const one = emptyTable();
    for (const table of [this.#recorded, one]) recordOutput(table, event.execution, event, reply.out ?? {});
    for (const Item of one.dump()[TABLE] ?? []) {
      await this.#target.call('dynamodb:putItem', { TableName: TABLE, Item });
    }
    return reply;
  }

  /** A person's answer. */
  async #answered(event: TaskEvent, token: string): Promise<void> {
    const said = answer(this.#scenario.script, event, systemClock, signal);
    await said.then(
      (output) => this.#send(token, output),
      (thrown) => this.#send(token, thrown),
    );
    await this.#sent();
  }

  async #pool(payload: Json): Promise<Json> {
    const reply = this.#pools.handle(payload) ?? {};
    await this.#sent();
    return reply;
  }

  #send(taskToken: string, outcome: Json | TaskError): void {
    this.sent.push(taskToken);
    const command =
      outcome instanceof TaskError
        ? new SendTaskFailureCommand({ taskToken, error: outcome.error, cause: outcome.causeText })
        : new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(outcome) });
    this.#sending.push(this.#target.client.send(command as SendTaskSuccessCommand));
  }

  async #sent(): Promise<void> {
    await Promise.all(this.#sending.splice(0));
    await sleep(0);
  }
}

function named(payload: Json): Pick<Held, 'name' | 'task'> {
  if (isTask(payload)) {
    const { task, instance } = payload;
    return { task, name: `${task}${instance === undefined ? '' : `@${instance}`} try ${payload.try}` };
  }
  const [verb = 'is called', request = null] = Object.entries(isObject(payload) ? payload : {})[0] ?? [];
  const task = String(isObject(request) ? request['holder'] : '').replace(/^.*\//, '');
  return { task, name: `${task} ${verb}` };
}

function isTask(payload: Json): payload is TaskEvent {
  return isObject(payload) && typeof payload['task'] === 'string';
}

function emptyTable(): LatchTable {
  return latchTable({ success: () => undefined, failure: () => undefined });
}

function sorted(value: JsonObject): string {
  return JSON.stringify(value, (_key, member: Json) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
