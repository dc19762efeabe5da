import type { CaseItem, CasePoke, CaseRetry, CaseTask, CaseTry, Outcome } from './case.ts';

/** How one task, or one instance of a mapped one, goes when it starts at `startMs`. */
export interface Attempted {
  readonly state: Outcome;
  readonly startMs: number;
  readonly endMs: number;
  readonly tries: number;
}

/** Error of a sensor's look that finds nothing. */
export const NOT_READY = 'Sensor.NotReady';

/**
 * Tries one after the other until one is not failed or no retry rule allows another. Looks of a sensor belong to one
 * try, and end it at the first that finds nothing when its time, counted from its start, is over.
 */
export function attempt(task: CaseTask, item: CaseItem, startMs: number): Attempted {
  const { poke, retries = [] } = task;
  const look = poke && pokeRule(poke);
  const used = new Map<CaseRetry, number>();
  let atMs = startMs;
  for (let tries = 1, looks = 1; ; looks++) {
    const { outcome, durationSec, error } = limited(task, tryOf(item, looks));
    atMs += toMs(durationSec);
    const ended = { startMs, endMs: atMs, tries };
    if (outcome !== 'failed') return { ...ended, state: outcome };
    const rule = error === NOT_READY ? look : ruleFor(retries, error);
    if (rule === look && isOver(poke, atMs - startMs))
      return { ...ended, state: poke?.softFail ? 'skipped' : 'failed' };
    const uses = rule === undefined ? 0 : (used.get(rule) ?? 0) + 1;
    if (rule === undefined || uses > rule.attempts) return { ...ended, state: outcome };
    used.set(rule, uses);
    atMs += toMs(delaySec(rule, uses));
    if (rule !== look) tries += 1;
  }
}

function isOver(poke: CasePoke | undefined, waitedMs: number): boolean {
  return poke !== undefined && waitedMs >= toMs(poke.timeoutSec);
}

function ruleFor(retries: readonly CaseRetry[], error: string): CaseRetry | undefined {
  return retries.find(({ on }) => (on === undefined ? error !== 'FailTask' : on === error));
}

/** Seconds as whole milliseconds, so that sums are exact. */
export function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Try or look `n`, from 1; a task with fewer scripted ones repeats the last. */
export function tryOf(item: CaseItem, n: number): CaseTry {
  const { outcome = 'success', durationSec = 1, tries = [] } = item;
  return tries[Math.min(n, tries.length) - 1] ?? { outcome, durationSec };
}

function limited(
  { timeoutSec, kind }: CaseTask,
  { outcome, durationSec, error = 'Error' }: CaseTry,
): Required<CaseTry> {
  if (timeoutSec === undefined || kind === 'sensor' || durationSec < timeoutSec)
    return { outcome, durationSec, error };
  return { outcome: 'failed', durationSec: timeoutSec, error: 'States.Timeout' };
}

function pokeRule({ everySec, backoff, maxEverySec }: CasePoke): CaseRetry {
  const longest = maxEverySec === undefined ? {} : { maxDelaySec: maxEverySec };
  return { attempts: Number.POSITIVE_INFINITY, delaySec: everySec, backoff, ...longest };
}

/** Before the next try or look, after `uses` of the rule. */
export function delaySec(
  { delaySec = 300, backoff = 1, maxDelaySec = Number.POSITIVE_INFINITY }: CaseRetry,
  uses: number,
) {
  return Math.min(delaySec * backoff ** (uses - 1), maxDelaySec);
}
