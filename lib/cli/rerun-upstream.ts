import { RefusedError } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';

/** States in which what waits for success finds it, or is skipped as it was. */
const ENDED_WELL: ReadonlySet<string | undefined> = new Set(['success', 'skipped']);

/** States by which any rule can be decided. */
const ENDED: ReadonlySet<string | undefined> = new Set([...ENDED_WELL, 'failed', 'upstream_failed']);

interface Kept {
  /** What runs again. */
  readonly tasks: readonly string[];
  /** How all of it ended in the run before. */
  readonly states: ReadonlyMap<string, string>;
}

/**
 * What wants success of something that did not end well, and does not run again either, would only fail after it; and
 * no rule can be decided by something that never ended.
 *
 * @throws {RefusedError} `upstream-not-done`
 */
export function assertUpstream(
  dag: DagNode,
  { tasks, modules = [] }: Manifest,
  again: Kept & { readonly of: string },
): void {
  const all = [...tasks, ...modules];
  const upstreamOf = new Map(all.map(({ id, upstream }) => [id, upstream]));
  for (const { id, upstream, triggerRule } of all.filter((unit) => again.tasks.includes(unit.id))) {
    const missing = notDone(upstream, again, triggerRule === 'all_success' ? ENDED_WELL : ENDED);
    if (missing === undefined) continue;
    const state = again.states.get(missing)?.replace('_', ' ') ?? 'not started';
    const got = `"${missing}", which is ${state} in run ${again.of}`;
    const first = firstNotDone(missing, upstreamOf, again);
    throw new RefusedError(
      'upstream-not-done',
      `dag "${dag.id}" › rerun: "${id}" must have what it waits for, got ${got}; run that again, too: --from ${first}`,
    );
  }
}

type Upstream = Manifest['tasks'][number]['upstream'];

/** What of it neither ended well nor runs again. */
function notDone(
  upstream: Upstream,
  { tasks, states }: Kept,
  done: ReadonlySet<string | undefined> = ENDED_WELL,
): string | undefined {
  return upstream.find(({ task }) => !tasks.includes(task) && !done.has(states.get(task)))?.task;
}

/** Above a task that did not end well, the one with which that began. */
function firstNotDone(id: string, upstreamOf: ReadonlyMap<string, Upstream>, kept: Kept): string {
  const above = notDone(upstreamOf.get(id) ?? [], kept);
  return above === undefined ? id : firstNotDone(above, upstreamOf, kept);
}
