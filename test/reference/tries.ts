import type { CaseItem, CaseRetry, CaseTask, CaseTry, Outcome } from './case.ts';

/** How one task, or one instance of a mapped one, goes when it starts at `startMs`. */
export interface Attempted {
  readonly state: Outcome;
  readonly startMs: number;
  readonly endMs: number;
  readonly tries: number;
}

/** Tries one after the other until one is not failed or no retry rule allows another. */
export function attempt(task: CaseTask, item: CaseItem, startMs: number): Attempted {
  const used = new Map<CaseRetry, number>();
  let atMs = startMs;
  for (let tries = 1; ; tries++) {
    const { outcome, durationSec, error } = limited(task, tryOf(item, tries));
    atMs += toMs(durationSec);
    if (outcome !== 'failed') return { state: outcome, startMs, endMs: atMs, tries };
    const rule = task.retries?.find(({ on }) => (on === undefined ? error !== 'FailTask' : on === error));
    const uses = rule === undefined ? 0 : (used.get(rule) ?? 0) + 1;
    if (rule === undefined || uses > rule.attempts) return { state: outcome, startMs, endMs: atMs, tries };
    used.set(rule, uses);
    atMs += toMs(delaySec(rule, uses));
  }
}

/** Seconds as whole milliseconds, so that sums are exact. */
export function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Try `n`, from 1; a task with fewer scripted tries repeats the last. */
function tryOf(item: CaseItem, n: number): CaseTry {
  const { outcome = 'success', durationSec = 1, tries = [] } = item;
  return tries[Math.min(n, tries.length) - 1] ?? { outcome, durationSec };
}

function limited({ timeoutSec }: CaseTask, { outcome, durationSec, error = 'Error' }: CaseTry): CaseTry {
  if (timeoutSec === undefined || durationSec < timeoutSec) return { outcome, durationSec, error };
  return { outcome: 'failed', durationSec: timeoutSec, error: 'States.Timeout' };
}

function delaySec(
  { delaySec = 300, backoff = 1, maxDelaySec = Number.POSITIVE_INFINITY }: CaseRetry,
  uses: number,
) {
  return Math.min(delaySec * backoff ** (uses - 1), maxDelaySec);
}
