import type { Decision, TriggerRule, UpstreamCounts } from './trigger-rule.ts';

/**
 * What a task does while its direct upstream tasks stand at `counts`: Airflow's function, for counts that
 * may still be partial.
 *
 * A run applies it when the last direct upstream task is final; only *run* of an early rule holds before
 * (`isEarly`).
 *
 * @see https://github.com/apache/airflow/blob/0642ae17dbbab3fe96626b84d7a1d231ed2838ad/airflow-core/src/airflow/ti_deps/deps/trigger_rule_dep.py
 */
export function evaluate(rule: TriggerRule, counts: UpstreamCounts): Decision {
  return DECIDE[rule](tallyOf(counts));
}

/** The counts, with what every rule asks of them. */
interface Tally {
  readonly success: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failed or upstream_failed. */
  readonly bad: number;
  /** Every direct upstream task is final. */
  readonly done: boolean;
  readonly allFailed: boolean;
  readonly allSkipped: boolean;
  readonly allGood: boolean;
  readonly allSuccess: boolean;
  readonly setups: NonNullable<UpstreamCounts['setups']>;
}

type Rule = (tally: Tally) => Decision;

/** In each rule the state that is set wins over *run*: Airflow's scheduler sets it first. */
const DECIDE: Readonly<Record<TriggerRule, Rule>> = {
  all_success: ({ bad, skipped, allSuccess }) => badOrSkipped(bad, skipped) ?? runIf(allSuccess),
  all_failed: ({ success, skipped, allFailed }) => (success + skipped > 0 ? 'skipped' : runIf(allFailed)),
  all_done: ({ done }) => runIf(done),
  all_done_min_one_success: ({ skipped, success, done }) => {
    if (skipped > 0) return 'skipped';
    return done && success === 0 ? 'upstream_failed' : runIf(done);
  },
  all_skipped: ({ success, bad, allSkipped }) => (success + bad > 0 ? 'skipped' : runIf(allSkipped)),
  one_failed: ({ bad, done }) => runOr(bad > 0, done, 'skipped'),
  one_success: ({ success, bad, done }) => runOr(success > 0, done, bad > 0 ? 'upstream_failed' : 'skipped'),
  one_done: ({ success, failed, done }) => runOr(success + failed > 0, done, 'skipped'),
  none_failed: ({ bad, allGood }) => (bad > 0 ? 'upstream_failed' : runIf(allGood)),
  none_failed_min_one_success: ({ bad, allGood, allSkipped }) => {
    if (bad > 0) return 'upstream_failed';
    return allSkipped ? 'skipped' : runIf(allGood);
  },
  none_skipped: ({ skipped, done }) => (skipped > 0 ? 'skipped' : runIf(done)),
  always: () => 'run',
  all_done_setup_success: ({ done, setups }) => {
    if (!done || setups.total === 0 || setups.success > 0) return runIf(done);
    return setups.skipped >= setups.total ? 'skipped' : 'upstream_failed';
  },
};

const NO_SETUPS = { total: 0, success: 0, skipped: 0 };

function tallyOf({ upstream, success, failed, skipped, upstreamFailed, setups }: UpstreamCounts): Tally {
  const bad = failed + upstreamFailed;
  return {
    success,
    failed,
    skipped,
    bad,
    done: success + bad + skipped >= upstream,
    allFailed: bad >= upstream,
    allSkipped: skipped >= upstream,
    allGood: success + skipped >= upstream,
    allSuccess: success >= upstream,
    setups: setups ?? NO_SETUPS,
  };
}

function badOrSkipped(bad: number, skipped: number): Decision | undefined {
  if (bad > 0) return 'upstream_failed';
  return skipped > 0 ? 'skipped' : undefined;
}

function runIf(met: boolean): Decision {
  return met ? 'run' : 'wait';
}

/** An early rule: runs as soon as it is met, becomes `otherwise` once it cannot be. */
function runOr(met: boolean, done: boolean, otherwise: Decision): Decision {
  if (met) return 'run';
  return done ? otherwise : 'wait';
}
