import { RefusedError } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';

/** States in which what waits for success finds it, or is skipped as it was. */
const ENDED_WELL: ReadonlySet<string | undefined> = new Set(['success', 'skipped']);

/**
 * What wants success of something that did not end well, and does not run again either, would only fail after it.
 *
 * @throws {RefusedError} `upstream-not-done`
 */
export function assertUpstream(
  dag: DagNode,
  { tasks, modules = [] }: Manifest,
  again: {
    readonly tasks: readonly string[];
    readonly states: ReadonlyMap<string, string>;
    readonly of: string;
  },
): void {
  const units = [...tasks, ...modules].filter(
    ({ id, triggerRule }) => again.tasks.includes(id) && triggerRule === 'all_success',
  );
  for (const { id, upstream } of units) {
    const missing = upstream.find(
      ({ task }) => !again.tasks.includes(task) && !ENDED_WELL.has(again.states.get(task)),
    );
    if (missing === undefined) continue;
    const state = again.states.get(missing.task)?.replace('_', ' ') ?? 'not started';
    const got = `"${missing.task}", which is ${state} in run ${again.of}`;
    throw new RefusedError(
      'upstream-not-done',
      `dag "${dag.id}" › rerun: "${id}" must have what it waits for, got ${got}; run that again, too: --from ${missing.task}`,
    );
  }
}
