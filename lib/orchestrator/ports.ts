/** What the orchestrator needs of a place: `local/` and `aws/` each build one {@link World}. */
import type { Clock } from '../base/clock.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Answer, Question } from '../model/approval.ts';
import type { DagVersion } from '../model/dag-version.ts';
import type { FailedTask, Run, RunKey } from '../model/run.ts';
import type { RecordedOutput, Rerun } from '../model/run-input.ts';
import type { Store } from '../store/store.ts';

/** Everything outside: time, what is kept, what runs DAGs, what tells people. */
export interface World {
  readonly store: Store;
  readonly launcher: Launcher;
  readonly notifier: Notifier;
  readonly clock: Clock;
  /** A new ULID: unique, sorts by the time it was made. */
  readonly newId: () => string;
  /** What tasks wrote. Absent: this place keeps none, or elsewhere. */
  readonly logs?: LogReader;
  /** Questions of tasks. Absent: this place has none. */
  readonly approvals?: Approvals;
}

/** What tasks ask that wait for a person. */
export interface Approvals {
  /** Who waits in the attempt of a run that goes on, in the order asked. */
  list(run: Run): Promise<readonly Question[]>;
  /** False where nobody waits any more, or somebody was faster. */
  answer(run: Run, question: Question, answer: Answer): Promise<boolean>;
}

/** Who asks for a change, and through what. */
export interface Actor {
  readonly name: string;
  readonly via: 'cli' | 'api' | 'scheduler' | 'page';
}

/** Starts, stops and describes executions of compiled DAGs. An execution is one attempt of one run. */
export interface Launcher {
  /** Name that an attempt's execution will have; kept in the run before it starts, so that starting twice is known. */
  nameFor(run: Run, nowMs: number): string;
  /**
   * Starts it, and resolves when it is certain that it was; it goes on by itself and tells its end to `record`. An
   * execution of this name that was started before, by whomever, is not started again.
   *
   * @throws {RefusedError} when it can never start (`no-code`: no code of that version is here); the run then fails
   */
  start(execution: ExecutionStart): Promise<void>;
  /** Ends it as cancelled, and the external jobs it started; nothing where it is not there or has ended. */
  stop(execution: string, run: RunKey, cause: string): Promise<void>;
  /** `unknown`: it was never started. `lost`: it was started, has no end, and nobody runs it. */
  describe(execution: string, run: RunKey): Promise<'unknown' | 'running' | 'ended' | 'lost'>;
  /**
   * Of an execution that has ended, or is lost: tells its end to `record` again, or goes on with it. False where it can do
   * neither; the run then fails as aborted. Absent: it never can.
   */
  settle?(execution: ExecutionStart): Promise<boolean>;
  /** Whether the code of a version is here, so that an attempt with it can start. Absent: that of every kept version is. */
  hasCode?(dagId: string, hash: string): Promise<boolean>;
}

export interface ExecutionStart {
  /** In state `starting`, with its execution's name. */
  readonly run: Run;
  readonly version: DagVersion;
  /** Of an attempt that runs some tasks again. */
  readonly rerun?: Rerun;
  /** With `rerun`: what the run before had recorded. */
  readonly records?: readonly RecordedOutput[];
}

/** Tells people. Resolves when it was handed over; a rejection is tried again by the sweep. */
export interface Notifier {
  notify(message: Message): Promise<void>;
  /**
   * An attempt has ended: told to programs, and to whoever waits for that run. Told again where a crash leaves open
   * whether it was. Absent: nobody but people is told.
   */
  ended?(run: Run): Promise<void>;
}

/** One message, ready to be shown; `subject` is one line. */
export interface Message {
  readonly kind: 'failed' | 'recovered' | 'late' | 'success' | 'retry' | 'skipped' | 'paused';
  /** Names of notifiers of the environment. Empty: its default one. */
  readonly to: readonly string[];
  readonly dagId: string;
  readonly runId?: string;
  /** Of a task's own callback. */
  readonly task?: string;
  readonly owner?: string;
  readonly at: string;
  readonly subject: string;
  readonly text: string;
  readonly failed?: readonly FailedTask[];
  /** What reruns it. */
  readonly command?: string;
  readonly details?: JsonObject;
}

/** Reads what tries of tasks wrote, a page at a time. */
export interface LogReader {
  /** No lines where the try wrote none, or is none. @throws {RefusedError} `invalid-cursor`, `invalid-id` */
  read(of: LoggedTryKey, query: LogQuery): Promise<LogPage>;
}

/** The log of one try of one task. */
export interface LoggedTryKey {
  readonly execution: string;
  readonly task: string;
  /** As in `TaskRunRow`. */
  readonly instance?: string;
  /** From 1. */
  readonly try: number;
  /** Whose attempt, and when the try was: where lines are kept together with those of others. */
  readonly run?: LoggedRun;
}

/** The attempt of a run that a log is of. Milliseconds since the epoch. */
export interface LoggedRun extends RunKey {
  readonly attempt: number;
  readonly startMs: number;
  /** Absent: it goes on. */
  readonly endMs?: number;
}

export interface LogQuery {
  /** A page's `next`: what follows it, oldest first. */
  readonly after?: string;
  /** A page's `prev`: what is before it. Without `after` and `before` the newest lines. */
  readonly before?: string;
  /** Lines, at most 1,000. @default 200 */
  readonly limit?: number;
  /** Lines of this level and above. @default all */
  readonly level?: LogLevel;
  /** Lines whose message or fields hold it, in capitals or not. @default all */
  readonly text?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Lines in the order they were written, whatever was asked for. */
export interface LogPage {
  readonly lines: readonly LoggedLine[];
  /** Of what follows the last line, also once more is written. */
  readonly next: string;
  /** Of what is before the first line. Absent: nothing is. */
  readonly prev?: string;
  /** Nothing followed the last line as it was read. */
  readonly end: boolean;
}

export interface LoggedLine {
  /** Number of the line in its log, from 1. */
  readonly n: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Json;
}
