/**
 * When a task runs, given how its direct upstream tasks ended. Names and meaning are Airflow's.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
 */
export const TRIGGER_RULES = [
  'all_success',
  'all_failed',
  'all_done',
  'all_done_min_one_success',
  'all_skipped',
  'one_failed',
  'one_success',
  'one_done',
  'none_failed',
  'none_failed_min_one_success',
  'none_skipped',
  'always',
  'all_done_setup_success',
] as const;

/** `all_done_setup_success` is the teardown rule; a teardown always has it and nothing else may. */
export type TriggerRule = (typeof TRIGGER_RULES)[number];

/** The rules that may run before every upstream task is final. */
export type EarlyRule = Extract<TriggerRule, `one_${string}` | 'always'>;

/** Final states by their character: success, failed, skipped, upstream_failed. */
export type FinalCode = 's' | 'f' | 'k' | 'u';

/** How many direct upstream tasks there are, and how many of them ended in which way so far. */
export interface UpstreamCounts {
  readonly upstream: number;
  readonly success: number;
  readonly failed: number;
  readonly skipped: number;
  readonly upstreamFailed: number;
  /** Of a teardown: the same for its setups alone. @default none */
  readonly setups?: { readonly total: number; readonly success: number; readonly skipped: number };
}

export type Decision = 'run' | 'wait' | 'skipped' | 'upstream_failed';

/** True for the rules that may run before every upstream task is final. `always` runs at once. */
export function isEarly(rule: TriggerRule): rule is EarlyRule {
  return rule === 'one_failed' || rule === 'one_success' || rule === 'one_done' || rule === 'always';
}
