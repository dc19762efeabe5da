import type { Problem } from '../base/errors.ts';
import { isRef } from '../model/ref.ts';
import type { Source } from './edges.ts';
import { kindOf, noteHandle } from './kind-of.ts';
import { nameOf } from './refs.ts';
import type { Step } from './scope.ts';

/** What a handle the author holds stands for, and in which DAG. */
interface Owned {
  readonly owner: { readonly id: string };
  readonly source: Source;
}

const owned = new WeakMap<object, Owned>();

/** Gives the author a handle. */
export function handle<Handle extends Step>(
  made: Handle,
  owner: { readonly id: string },
  source: Source,
): Handle {
  const frozen = Object.freeze(made);
  owned.set(frozen, { owner, source });
  noteHandle(frozen, made.kind);
  return frozen;
}

/** A mistake in what was given for a task. */
export type HandleProblem = Pick<Problem, 'code' | 'message' | 'remedy'>;

/** What stands in `after`, `teardownOf` or `chain` as sources; what is none goes to `refuse`. */
export function sourcesOf(
  given: unknown,
  owner: object,
  refuse: (problem: HandleProblem) => void,
): readonly Source[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.flatMap((item) => {
    const found = typeof item === 'object' && item !== null ? owned.get(item) : undefined;
    if (found?.owner === owner) return [found.source];
    refuse(found === undefined ? notATask(item) : foreign(found));
    return [];
  });
}

function foreign({ owner, source }: Owned): HandleProblem {
  const name = source.kind === 'task' ? `task "${source.task.id}"` : `group "${source.group.id}"`;
  return {
    code: 'not-a-task',
    message: `must be a task of this DAG, got ${name} of dag "${owner.id}"`,
    remedy: 'declare it in this DAG',
  };
}

function notATask(item: unknown): HandleProblem {
  const got = isRef(item) ? nameOf(item.$ref) : kindOf(item);
  return { code: 'not-a-task', message: `must be a task of this DAG, got ${got}`, remedy: remedyFor(item) };
}

function remedyFor(item: unknown): string {
  if (typeof item === 'string') return `give the task itself: const a = task("${item}", …), then a`;
  if (isRef(item)) return 'using an output is a dependency by itself; for order alone give the task';
  if (item === undefined || item === null) return 'declare the task above, and give what task(…) returned';
  return 'give what task, branch, group or branch.to(…) returned';
}
