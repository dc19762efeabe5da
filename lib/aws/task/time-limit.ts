/** How long a try may take: as long as its task says, and never so long that Lambda ends it without a word. */
import { TaskError } from '../../base/task-error.ts';
import { type TaskNode, TRY_TIMEOUT } from '../../model/task.ts';
import { tryLimitSeconds } from '../../runtime/try-limit.ts';

/** Left of Lambda's time when a try is given up, milliseconds: its log and its error are told in it. */
const MARGIN_MS = 1_000;

export interface TimeLimit {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  /** The try has ended. */
  readonly clear: () => void;
}

export interface TimeLimitOptions {
  readonly task: TaskNode;
  readonly nowMs: () => number;
  /** Until Lambda ends the call. */
  readonly lambdaMs: number;
}

/**
 * Begins to count. The state's own timeout began before the function was called, so where it is the shorter one Step
 * Functions has given up by then (`States.Timeout`), and only the work is left to be ended.
 */
export function timeLimit({ task, nowMs, lambdaMs }: TimeLimitOptions): TimeLimit {
  const stop = new AbortController();
  const ownMs = tryLimitSeconds(task) * 1000;
  const limitMs = Math.max(0, Math.min(ownMs, lambdaMs - MARGIN_MS));
  const endMs = nowMs() + limitMs;
  const timer = setTimeout(() => stop.abort(tooLong(task.id, limitMs)), limitMs);
  return {
    signal: stop.signal,
    remainingMs: () => Math.max(0, endMs - nowMs()),
    clear: () => clearTimeout(timer),
  };
}

function tooLong(task: string, limitMs: number): TaskError {
  const rule = `must end within ${Math.round(limitMs / 100) / 10} s, got no end`;
  return new TaskError(
    TRY_TIMEOUT,
    `task "${task}" › timeout: ${rule}; allow it more, 900 s at most, or do less in one task`,
  );
}
