/** What is written on the nodes and boxes of a picture, and beside the rows of a list. */
import type { Duration } from '../../base/duration.ts';
import type { ManifestModule, ManifestTask } from '../../model/manifest.ts';

/** Longest text of a list, a condition. */
const WORDS_LIMIT = 32;

/** `fn`, `sensor.file`, with the trigger rule where it is not the default: `fn · all_done`. */
export function kindText({ kind, triggerRule }: ManifestTask): string {
  return triggerRule === 'all_success' || kind === 'teardown' ? kind : `${kind} · ${triggerRule}`;
}

/** What bounds a task: `↻ 3`, `at most 5m`, `due after 2h`, `pool warehouse × 2`. */
export function boundTexts({ attempts, timeout, deadline, pool }: ManifestTask): readonly string[] {
  return [
    attempts === undefined ? '' : `↻ ${attempts}`,
    timeout === undefined ? '' : `at most ${lengthText(timeout)}`,
    deadline === undefined ? '' : `due after ${lengthText(deadline)}`,
    pool === undefined ? '' : `pool ${pool.name}${pool.slots === 1 ? '' : ` × ${pool.slots}`}`,
  ].filter(Boolean);
}

/** `× listed.files`, `2 at once`; `↻ 2`; `until rows ≥ 3`, `at most 5 times`. */
export function repeatTexts(module: ManifestModule): readonly string[] {
  const { kind, id, items = '', concurrency, tolerate, attempts = 0, until = '', maxIterations } = module;
  // Inside its own module a task goes by its short name.
  const own = (words: string) => clipWords(words.replaceAll(`${id}.`, ''));
  if (kind === 'retry') return [`↻ ${attempts}`];
  if (kind === 'loop') return [`until ${own(until)}`, `at most ${maxIterations} times`];
  return [
    `× ${own(items)}`,
    concurrency === undefined ? '' : `${concurrency} at once`,
    tolerate === undefined ? '' : `${tolerate} may fail`,
  ].filter(Boolean);
}

function clipWords(words: string): string {
  return words.length <= WORDS_LIMIT ? words : `${words.slice(0, WORDS_LIMIT - 1)}…`;
}

/** `90` → `90s`, `3600` → `1h`; a text as it is. */
export function lengthText(duration: Duration): string {
  if (typeof duration === 'string') return duration;
  if (duration % 86_400 === 0) return `${duration / 86_400}d`;
  if (duration % 3600 === 0) return `${duration / 3600}h`;
  return duration % 60 === 0 ? `${duration / 60}m` : `${duration}s`;
}
