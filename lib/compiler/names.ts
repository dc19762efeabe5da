/**
 * Names of states. A task's own state is named exactly as the task;
 * every other name has a middle dot between blanks, which no task id can contain.
 */
import { shortHash } from '../base/hash.ts';

/** Longest state name. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_NAME = 80;

/** `load · gate`, shortened by a hash where it would be too long. The module around a whole run has no id. */
export function auxiliary(owner: string, role: string): string {
  return shortenedName(`${owner === '' ? 'whole run' : owner} · ${role}`);
}

/** `send · 3f9a01bc`: a state inside the Map of `owner`, which says whose it is; ids are too long to repeat. */
export function inner(role: string, owner: string): string {
  return `${role} · ${shortHash(owner)}`;
}

/** `extract ∥ load`, `a ∥ b ∥ 3 more`: a Parallel is named after what begins in it. */
export function parallelName(firsts: readonly string[]): string {
  const [a = '', b = '', ...more] = firsts;
  return shortenedName(more.length === 0 ? `${a} ∥ ${b}` : `${a} ∥ ${b} ∥ ${more.length} more`);
}

/** Counted as the rules count; no character of two halves is cut in two. */
function shortenedName(name: string): string {
  if (name.length <= MAX_NAME) return name;
  const start = name.slice(0, MAX_NAME - 9).replace(/[\uD800-\uDBFF]$/, '');
  return `${start}_${shortHash(name)}`;
}
