/** Tasks of a run that wait for a person. */
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { Log } from '../model/context.ts';
import type { TaskEvent } from '../model/run-input.ts';
import { answerText, questionOf, REJECTED } from '../runtime/question.ts';
import {
  type Answer,
  nameOf,
  type Question,
  readAnswer,
  removeQuestion,
  writeQuestion,
} from './approval-files.ts';
import type { TokenAnswers } from './latch-table.ts';

/** How often is looked for an answer, milliseconds. */
const LOOK_MS = 200;

export interface ApprovalsOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly tokens: TokenAnswers;
  readonly clock: Pick<Clock, 'now'>;
  /** A person is asked. */
  readonly onAsk?: ((question: Question) => void) | undefined;
}

/** A question under way. */
interface Asked {
  readonly question: Question;
  readonly event: TaskEvent;
  readonly log: Log;
  /** Called once nobody waits any more. */
  readonly close: () => void;
}

export interface Asking extends Pick<Asked, 'log' | 'close'> {
  /** Aborted where the task gives up: its timeout, a cancelled run. */
  readonly signal: AbortSignal;
}

export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #asked = new Map<string, Asked>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Asks, and returns at once: the answer goes to the event's token. `args` are the call's, resolved. */
  ask(event: TaskEvent, args: JsonObject, { signal, log, close }: Asking): void {
    const question = questionOf(event, args, new Date(this.#options.clock.now()).toISOString());
    const name = nameOf(question);
    writeQuestion(this.#options.folder, question);
    this.#asked.set(name, { question, event, log, close });
    signal.addEventListener('abort', () => this.#forget(name), { once: true });
    log.info(`asks: ${question.message}`, { choices: question.choices });
    this.#options.onAsk?.(question);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
  }

  /** Nobody waits any more: the run has ended. */
  close(): void {
    for (const name of this.#asked.keys()) this.#forget(name);
  }

  #look(): void {
    for (const { question, event, log } of [...this.#asked.values()]) {
      const answer = readAnswer(this.#options.folder, question);
      if (answer === undefined) continue;
      log.info(`answered ${answerText(answer)}`);
      this.#forget(nameOf(question));
      this.#send(event, question, answer);
    }
  }

  #send(event: TaskEvent, question: Question, answer: Answer): void {
    const { tokens } = this.#options;
    const token = event.token ?? '';
    try {
      if (question.rejects.includes(answer.choice)) {
        tokens.failure(token, REJECTED, answerText(answer));
        return;
      }
      tokens.success(token, { ...answer });
    } catch (error) {
      // Its time was over just before.
      if (!(error instanceof TaskError)) throw error;
    }
  }

  #forget(name: string): void {
    const asked = this.#asked.get(name);
    if (asked === undefined) return;
    this.#asked.delete(name);
    removeQuestion(this.#options.folder, asked.question);
    asked.close();
    if (this.#asked.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
