/** Retry and Catch of a Task, Parallel or Map. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
import type { Catcher, Retrier } from '../asl/states.ts';
import type { Json } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { type Failure, matches } from './failure.ts';
import { type DataFlow, dataFlow, type Step, type Visit } from './visit.ts';

/** What a state does about its failures. */
interface Resilience {
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly (Catcher & { readonly flow: DataFlow })[];
}

/** Compiles a state's `Retry` and `Catch`. */
export function resilience(state: {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}): Resilience {
  const catchers = (state.Catch ?? []).map((catcher, index) => ({
    ...catcher,
    flow: dataFlow(catcher, `Catch[${index}]/`),
  }));
  return { retriers: state.Retry ?? [], catchers };
}

/** Makes tries until one succeeds, no retrier wants another, or a catcher takes the failure. */
export function resilient(
  visit: Visit,
  policy: Resilience,
  attempt: () => Step | Promise<Step>,
): Step | Promise<Step> {
  try {
    const step = attempt();
    return step instanceof Promise
      ? step.catch((thrown) => recover(visit, policy, { attempt, thrown }))
      : step;
  } catch (thrown) {
    return recover(visit, policy, { attempt, thrown });
  }
}

/**
 * Milliseconds before the n-th use of a retrier: `IntervalSeconds · BackoffRate^(n-1)`, at most
 * `MaxDelaySeconds`, with jitter anything up to that.
 */
export function retryDelayMs(retrier: Retrier, use: number, random: Random): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** (use - 1), MaxDelaySeconds);
  return Math.round(seconds * 1_000 * (retrier.JitterStrategy === 'FULL' ? random() : 1));
}

async function recover(
  visit: Visit,
  policy: Resilience,
  first: { attempt: () => Step | Promise<Step>; thrown: unknown },
): Promise<Step> {
  const uses = policy.retriers.map(() => 0);
  let failure = visit.failure(first.thrown);
  for (;;) {
    const delayMs = nextDelay(visit, policy, uses, failure);
    if (delayMs === undefined) return giveUp(visit, policy, failure);
    const { execution } = visit.frame;
    await visit.frame.until((failure.atMs ?? execution.clock.now()) + delayMs);
    visit.retryCount += 1;
    execution.world.transitions += 1;
    try {
      return await first.attempt();
    } catch (thrown) {
      failure = visit.failure(thrown);
    }
  }
}

/** The first retrier that knows the error decides, also when it is used up. */
function nextDelay(visit: Visit, policy: Resilience, uses: number[], failure: Failure): number | undefined {
  const index = policy.retriers.findIndex((retrier) => matches(retrier.ErrorEquals, failure));
  const retrier = policy.retriers[index];
  const used = uses[index];
  if (retrier === undefined || used === undefined || used >= (retrier.MaxAttempts ?? 3)) return undefined;
  uses[index] = used + 1;
  return retryDelayMs(retrier, used + 1, visit.frame.execution.world.random);
}

async function giveUp(visit: Visit, policy: Resilience, failure: Failure): Promise<Step> {
  const { Type } = visit.state;
  if (Type === 'Parallel' || Type === 'Map') visit.frame.emit(`${Type}StateFailed`);
  const catcher = policy.catchers.find(({ ErrorEquals }) => matches(ErrorEquals, failure));
  if (catcher === undefined) throw failure;
  const errorOutput: Json = { Error: failure.error ?? '', Cause: failure.causeText ?? '' };
  return visit.exit(catcher.flow, { next: catcher.Next, fallback: errorOutput, extra: { errorOutput } });
}
