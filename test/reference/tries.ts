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
  const used: Used = new Map();
  let atMs = startMs;
  for (let tries = 1, looks = 1; ; looks++) {
    const one = limited(task, tryOf(item, looks));
    atMs += toMs(one.durationSec);
    const after = afterwards(task, one, { used, waitedMs: atMs - startMs });
    if (after.state !== undefined) return { state: after.state, startMs, endMs: atMs, tries };
    atMs += after.waitMs;
    if (!after.isLook) tries += 1;
  }
}

/** How often each rule was used. */
type Used = Map<CaseRetry | CasePoke, number>;

interface SoFar {
  readonly used: Used;
  readonly waitedMs: number;
}

/** The end, or another try or look after a wait. */
type After =
  | { readonly state: Outcome }
  | { readonly state?: undefined; readonly waitMs: number; readonly isLook: boolean };

function afterwards(task: CaseTask, { outcome, error }: Required<CaseTry>, soFar: SoFar): After {
  if (outcome !== 'failed') return { state: outcome };
  const { poke, retries = [] } = task;
  if (poke !== undefined && error === NOT_READY) return afterLook(poke, soFar);
  const rule = ruleFor(retries, error);
  if (rule === undefined) return { state: outcome };
  const uses = countUse(soFar.used, rule);
  return uses > rule.attempts ? { state: outcome } : { waitMs: toMs(delaySec(rule, uses)), isLook: false };
}

function afterLook(poke: CasePoke, { used, waitedMs }: SoFar): After {
  if (waitedMs >= toMs(poke.timeoutSec)) return { state: poke.softFail ? 'skipped' : 'failed' };
  return { waitMs: toMs(delaySec(pokeRule(poke), countUse(used, poke))), isLook: true };
}

function countUse(used: Used, rule: CaseRetry | CasePoke): number {
  const uses = (used.get(rule) ?? 0) + 1;
  used.set(rule, uses);
  return uses;
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
