import type { DagNode } from '../model/dag.ts';

/** Why a task failed that the machine itself does: nothing is called there that could tell. */
export function silentFailure({ tasks }: DagNode, id: string): string | undefined {
  const task = tasks.find((each) => each.id === id);
  switch (task?.call.kind) {
    case 'at':
      return 'its instant must be ISO 8601 with a zone, got something else; give it 2026-08-22T06:00:00Z';
    case 'choose':
    case 'shortCircuit':
      return 'its condition must have an answer, got a value that is missing or of another type; use orElse(…), or exists(…)';
    default:
      return task?.pool === undefined
        ? undefined
        : `its pool "${task.pool.name}" must have places for it, got a refusal`;
  }
}
