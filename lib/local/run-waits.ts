/** Tasks of a run that wait for runs of other DAGs. */
import type { Clock } from '../base/clock.ts';
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import {
  AWAITED_RUN_FAILED,
  RUN_SENSOR,
  TRIGGERED,
  TRIGGERED_RUN_FAILED,
  verdictOn,
} from '../engines/run-wait.ts';
import { NOT_READY } from '../engines/sensor.ts';
import type { TriggeredRun } from '../engines/trigger.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { Log } from '../model/context.ts';
import type { AwaitedRun, TaskEvent } from '../model/run-input.ts';
import { notThere } from '../runtime/look.ts';
import { triggerRequest } from '../runtime/trigger-request.ts';
import type { OtherRuns } from './context/fn-context.ts';
import type { TokenAnswers } from './latch-table.ts';

/** How often the ledger is asked, milliseconds: another process may end the run. */
const LOOK_MS = 500;

export interface RunWaitsOptions {
  readonly tokens: TokenAnswers;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent: nobody here starts or knows other runs. */
  readonly runs: OtherRuns | undefined;
}

interface Waiting {
  readonly event: TaskEvent;
  readonly terms: Pick<AwaitedRun, 'states' | 'failOn'>;
  /** Error of the task where the run ended in a state of `failOn`. */
  readonly error: string;
  readonly look: () => Promise<TriggeredRun | undefined>;
  readonly log: Log;
  readonly close: () => void;
}

export interface WaitingFor extends Pick<Waiting, 'log' | 'close'> {
  /** Aborted where the task gives up: a renewal, its timeout, a cancelled run. */
  readonly signal: AbortSignal;
}

export class RunWaits {
  readonly #options: RunWaitsOptions;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: RunWaitsOptions) {
    this.#options = options;
  }

  /**
   * Waits, and returns at once: the answer goes to the event's token. `args` are the call's, resolved.
   *
   * @throws {TaskError} where there is nobody to ask, the other DAG is refused, or the time is over
   */
  async wait(event: TaskEvent, args: JsonObject, { signal, log, close }: WaitingFor): Promise<void> {
    const { runs, clock } = this.#options;
    if (runs === undefined) throw nobody(event);
    const waiting = { event, log, close, ...(await refusing(() => begun(runs, event, args))) };
    const run = await refusing(waiting.look);
    if (run !== undefined && this.#answer(waiting, run)) return;
    const over = notThere(event, clock.now());
    if (over.error !== NOT_READY) throw over;
    log.info(
      `waits for dag "${String(args['dagId'])}"${run === undefined ? ': no run yet' : `, run "${run.runId}"`}`,
    );
    if (signal.aborted) return close();
    this.#waiting.add(waiting);
    signal.addEventListener('abort', () => this.#forget(waiting), { once: true });
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Nobody waits any more: the run has ended. */
  close(): void {
    for (const waiting of [...this.#waiting]) this.#forget(waiting);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const waiting of [...this.#waiting]) {
        // A ledger that cannot be read now is read again.
        const run = await waiting.look().catch(() => undefined);
        if (run !== undefined && this.#waiting.has(waiting)) this.#answer(waiting, run);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** True where the run has ended as it was to, or as it was not to. */
  #answer(waiting: Waiting, run: TriggeredRun): boolean {
    const verdict = verdictOn(run.state, waiting.terms);
    if (verdict === 'waiting') return false;
    const { event, error, log } = waiting;
    const text = `run "${run.runId}" of dag "${run.dagId}": is ${run.state}`;
    log.info(text);
    this.#forget(waiting);
    this.#send((tokens, token) => {
      if (verdict === 'there') tokens.success(token, { ...run });
      else tokens.failure(token, error, text);
    }, event);
    return true;
  }

  #send(answer: (tokens: TokenAnswers, token: string) => void, { token = '' }: TaskEvent): void {
    try {
      answer(this.#options.tokens, token);
    } catch (error) {
      // Its time was over just before.
      if (!(error instanceof TaskError)) throw error;
    }
  }

  #forget(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    waiting.close();
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

type Begun = Pick<Waiting, 'terms' | 'error' | 'look'>;

/** What is waited for: a run that is there, or one that this task starts. */
async function begun(runs: OtherRuns, event: TaskEvent, args: JsonObject): Promise<Begun> {
  if (event.engine === RUN_SENSOR) {
    const awaited = args as AwaitedRun;
    return { terms: awaited, error: AWAITED_RUN_FAILED, look: () => runs.find(awaited) };
  }
  const { dagId, id: runId, attempt } = event.execution.run;
  const { task, instance } = event;
  const run = await runs.trigger(triggerRequest(args, { dagId, runId, attempt, task, instance }));
  return { terms: TRIGGERED, error: TRIGGERED_RUN_FAILED, look: () => runs.look(run) };
}

function refusing<T>(asked: () => Promise<T>): Promise<T> {
  return asked().catch((error: unknown) => {
    if (error instanceof RefusedError) throw new TaskError('Dag.TriggerRefused', error.message);
    throw error;
  });
}

function nobody({ task, engine }: TaskEvent): TaskError {
  const call = engine === RUN_SENSOR ? 'sensor.dagRun' : 'trigger.dag';
  return new TaskError(
    'Dag.NoOrchestrator',
    `task "${task}" › ${call}: needs the orchestrator, got a run of its own; use tutti dev or tutti trigger`,
  );
}
