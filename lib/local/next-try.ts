import { retriersOf } from '../compiler/retry.ts';
import type { Try } from '../history/task-run.ts';
import { Failure, matches } from '../interpreter/failure.ts';
import { retryDelayMs } from '../interpreter/retry.ts';
import type { TaskNode } from '../model/task.ts';

/** When the try after these begins at the latest, milliseconds since the epoch; `undefined` where its retries tell of none. */
export function nextTryMs(task: TaskNode, tries: readonly Try[]): number | undefined {
  const retriers = retriersOf(task);
  const uses = new Map<number, number>();
  let atMs: number | undefined;
  for (const { error, endMs } of tries) {
    const failure = new Failure(error);
    const index = retriers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure));
    const retrier = retriers[index];
    if (retrier === undefined || endMs === undefined) return undefined;
    const use = (uses.get(index) ?? 0) + 1;
    uses.set(index, use);
    // Jitter makes it shorter.
    atMs = use > (retrier.MaxAttempts ?? 3) ? undefined : endMs + retryDelayMs(retrier, use, () => 1);
  }
  return atMs;
}
