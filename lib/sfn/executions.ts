import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../base/json.ts';
import { execute } from '../interpreter/execute.ts';
import { type ResourceHandler, TaskError } from '../interpreter/resource.ts';
import type { TaskTokens } from '../interpreter/tokens.ts';
import { executionArn, type MachineRef, nameOf } from './arn.ts';
import { SfnError } from './errors.ts';
import { type ExecutionRecord, write } from './execution.ts';
import type { Machine } from './machine.ts';
import type { Machines } from './machines.ts';
import { optionalText, parsed } from './request.ts';
import type { World } from './world.ts';

/** How much of what is over is kept; the oldest go first. */
export interface Retention {
  /** Closed executions. */
  readonly executions: number;
  /** Characters of text in their histories. */
  readonly characters: number;
}

/** What runs an execution. */
interface Engine {
  readonly tokens: TaskTokens;
  /** Refuses a test case that the machine of this name does not have. */
  readonly checkTestCase: (machineName: string, testCase: string | undefined) => void;
  /** What answers the tasks of an execution. */
  readonly resources: (record: ExecutionRecord) => ResourceHandler;
  readonly retention: Retention;
}

/** The executions of one server. */
export class Executions {
  readonly #world: World;
  readonly #machines: Machines;
  readonly #engine: Engine;
  readonly #all = new Map<string, ExecutionRecord>();
  /** Of each machine, in the order of their start. */
  readonly #byMachine = new Map<string, Set<ExecutionRecord>>();
  /** In the order of their end. */
  readonly #closed = new Set<ExecutionRecord>();
  #closedSize = 0;

  constructor(world: World, machines: Machines, engine: Engine) {
    this.#world = world;
    this.#machines = machines;
    this.#engine = engine;
  }

  /** @throws {SfnError} `ExecutionDoesNotExist` */
  get(arn: string): ExecutionRecord {
    const record = this.#all.get(arn);
    if (record !== undefined) return record;
    throw new SfnError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** Of one machine, in the order of their start. */
  of(machineArn: string): Iterable<ExecutionRecord> {
    return this.#byMachine.get(machineArn) ?? [];
  }

  /**
   * Starts an execution; the same name and input again, while it runs, is the same execution.
   *
   * @throws {SfnError} `ExecutionAlreadyExists`, `StateMachineDoesNotExist`, `InvalidName`, `InvalidExecutionInput`
   */
  start(ref: MachineRef, input: JsonObject): ExecutionRecord {
    const { machine, revision, versionArn, aliasArn } = this.#machines.resolve(ref);
    this.#engine.checkTestCase(machine.name, ref.testCase);
    const name = input['name'] === undefined ? randomUUID() : nameOf(input);
    const isExpress = machine.type === 'EXPRESS';
    const arn = executionArn(machine.arn, name, isExpress ? randomUUID() : undefined);
    const source = optionalText(input, 'input', { max: 262_144 }) ?? '{}';
    const before = this.#before(arn, machine, source);
    if (before !== undefined) return before;
    if (source === '') throw invalidInput('Invalid execution input.');
    const value = parsed(source, invalidInput);
    const { promise, resolve } = Promise.withResolvers<void>();
    const record: ExecutionRecord = {
      arn,
      name,
      machine,
      revision,
      versionArn,
      aliasArn,
      input: source,
      traceHeader: optionalText(input, 'traceHeader', { max: 256 }),
      testCase: ref.testCase,
      startedMs: this.#world.clock.now(),
      events: [],
      size: 0,
      end: undefined,
      stop: new AbortController(),
      done: promise,
    };
    this.#keep(record);
    // After the answer: a machine that starts itself must not fill the stack.
    setImmediate(() => {
      void this.#run(record, value).then(() => {
        this.#close(record);
        resolve();
      });
    });
    return record;
  }

  /** Ends a running execution; one that is over stays as it is. */
  stop(record: ExecutionRecord, error: string | undefined, cause: string | undefined): void {
    const reason =
      error === undefined && cause === undefined ? undefined : new TaskError(error ?? '', cause ?? '');
    record.stop.abort(reason);
  }

  stopAll(): void {
    for (const record of this.#all.values()) this.stop(record, undefined, undefined);
  }

  #before(arn: string, machine: Machine, input: string): ExecutionRecord | undefined {
    const known = this.#all.get(arn);
    // A machine that was deleted and made again begins anew.
    if (known === undefined || known.machine !== machine) return undefined;
    if (known.end === undefined && known.input === input) return known;
    throw new SfnError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  }

  async #run(record: ExecutionRecord, input: Json): Promise<void> {
    const { machine, revision } = record;
    try {
      await execute(revision.machine, input, {
        clock: this.#world.clock,
        random: this.#world.random,
        tokens: this.#engine.tokens,
        resources: this.#engine.resources(record),
        execution: {
          id: record.arn,
          name: record.name,
          roleArn: revision.roleArn,
          startTimeMs: record.startedMs,
        },
        stateMachine: { id: machine.arn, name: machine.name },
        keepEvents: false,
        onEvent: (event) => write(record, event),
        signal: record.stop.signal,
      });
    } catch (thrown) {
      this.#broken(record, thrown);
    }
  }

  /** The interpreter itself failed: the execution says so. */
  #broken(record: ExecutionRecord, thrown: unknown): void {
    const cause = `Internal error of tutti: ${thrown instanceof Error ? thrown.stack : String(thrown)}`;
    const last = record.events.at(-1)?.id ?? 0;
    write(record, {
      id: last + 1,
      previousEventId: last,
      timestampMs: this.#world.clock.now(),
      type: 'ExecutionFailed',
      details: { error: 'States.Runtime', cause },
    });
  }

  #keep(record: ExecutionRecord): void {
    const known = this.#all.get(record.arn);
    if (known !== undefined) this.#drop(known);
    this.#all.set(record.arn, record);
    const others = this.#byMachine.get(record.machine.arn) ?? new Set();
    this.#byMachine.set(record.machine.arn, others.add(record));
  }

  #close(record: ExecutionRecord): void {
    if (this.#all.get(record.arn) !== record) return;
    this.#closed.add(record);
    this.#closedSize += record.size;
    const { executions, characters } = this.#engine.retention;
    for (const oldest of this.#closed) {
      const fits = this.#closed.size <= executions && this.#closedSize <= characters;
      // The newest stays, whatever its size: somebody waits for it.
      if (fits || oldest === record) return;
      this.#drop(oldest);
    }
  }

  #drop(record: ExecutionRecord): void {
    this.#all.delete(record.arn);
    const others = this.#byMachine.get(record.machine.arn);
    others?.delete(record);
    if (others?.size === 0) this.#byMachine.delete(record.machine.arn);
    if (this.#closed.delete(record)) this.#closedSize -= record.size;
  }
}

function invalidInput(why: string): SfnError {
  return new SfnError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
}
