import { toSeconds } from '../base/duration.ts';
import { DEFAULT_RETRY_DELAY_SECONDS, type RetryRule } from '../model/task.ts';

/** JSONata text of the seconds before try `tries` + 1 of a rule: whole ones, as a Wait wants them. */
export function waitText(rule: RetryRule, tries: string): string {
  const delay = toSeconds(rule.delay) ?? DEFAULT_RETRY_DELAY_SECONDS;
  const longest = toSeconds(rule.maxDelay);
  const backoff = rule.backoff ?? 1;
  const grown = backoff === 1 ? String(delay) : `${delay} * $power(${backoff}, ${tries} - 1)`;
  const capped = longest === undefined ? grown : `$min([${grown}, ${longest}])`;
  return rule.jitter ? `$round($random() * (${capped}))` : `$round(${capped})`;
}
