import type { FinalState } from './case.ts';

/** State of one upstream task, `undefined` while it is not final. */
type Seen = FinalState | undefined;

type Verdict = FinalState | 'run' | 'wait';

/** The table of trigger rules. Nothing but *run* of an early rule is said before every upstream task is final. */
export function verdict(rule: string, states: readonly Seen[], setups: readonly Seen[]): Verdict {
  const n = (...wanted: readonly Seen[]) => states.filter((state) => wanted.includes(state)).length;
  const done = n(undefined) === 0;
  if (EARLY[rule]?.(n)) return 'run';
  return done ? atEnd(rule, n, setups) : 'wait';
}

type Count = (...states: readonly Seen[]) => number;

const F = ['failed', 'upstream_failed'] as const;

const EARLY: Readonly<Record<string, (n: Count) => boolean>> = {
  one_failed: (n) => n(...F) > 0,
  one_success: (n) => n('success') > 0,
  one_done: (n) => n('success', 'failed') > 0,
  always: () => true,
};

/** Row by row as the table has it: the first that holds, else it runs. */
const OTHERWISE: Readonly<Record<string, (n: Count) => FinalState | undefined>> = {
  all_success: (n) => (n(...F) > 0 ? 'upstream_failed' : skippedIf(n('skipped') > 0)),
  all_failed: (n) => skippedIf(n('success', 'skipped') > 0),
  all_done: () => undefined,
  all_done_min_one_success: (n) =>
    n('skipped') > 0 ? 'skipped' : n('success') === 0 ? 'upstream_failed' : undefined,
  all_skipped: (n) => skippedIf(n('success', ...F) > 0),
  one_failed: () => 'skipped',
  one_success: (n) => (n(...F) > 0 ? 'upstream_failed' : 'skipped'),
  one_done: () => 'skipped',
  none_failed: (n) => (n(...F) > 0 ? 'upstream_failed' : undefined),
  none_failed_min_one_success: (n) => (n(...F) > 0 ? 'upstream_failed' : skippedIf(n('success') === 0)),
  none_skipped: (n) => skippedIf(n('skipped') > 0),
};

function atEnd(rule: string, n: Count, setups: readonly Seen[]): Verdict {
  if (rule !== 'teardown') return OTHERWISE[rule]?.(n) ?? 'run';
  if (setups.includes('success')) return 'run';
  return setups.every((state) => state === 'skipped') ? 'skipped' : 'upstream_failed';
}

function skippedIf(condition: boolean): FinalState | undefined {
  return condition ? 'skipped' : undefined;
}
