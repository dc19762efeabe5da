import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { type Endings, endingsOf } from './endings.ts';
import { type Reader, readersOf, viewOf } from './readers.ts';
import type { OutputRead } from './refs.ts';

/** A Ref reads a task that may have given no output when its reader, or the module that is in, runs (warning). */
export function refIntoSkippable(dag: DagNode): readonly Problem[] {
  return readersOf(dag).flatMap((reader) => {
    const seen = new Set<string>();
    return reader.reads.flatMap((read): readonly Problem[] => {
      if (read.kind !== 'output' || read.tolerant || seen.has(read.task)) return [];
      const lack = lackOf(reader, read);
      if (lack === undefined) return [];
      seen.add(read.task);
      return [problem(reader, read, lack)];
    });
  });
}

function lackOf(reader: Reader, read: OutputRead): string | undefined {
  const view = viewOf(reader, read);
  const task = view?.graph.tasks[view.index ?? -1];
  if (view?.index === undefined || task === undefined || task.triggerRule === 'all_success') return undefined;
  const ending = endingsOf(view.graph)[view.source];
  const above = view.graph.tasks[view.source];
  if (ending === undefined || above === undefined) return undefined;
  if (view.graph.upstream[view.index]?.includes(view.source) !== true) return undefined;
  const lack = missing(task, above.id, ending);
  return lack && `"${read.task}" ${lack} when "${task.id}" (${task.triggerRule}) runs`;
}

/** How the task above may have ended without output although its reader runs. */
function missing(task: TaskNode, above: string, endings: Endings): string | undefined {
  const only = task.upstream.length === 1;
  switch (task.triggerRule) {
    case 'none_failed':
      return endings.skipped ? 'may have been skipped' : undefined;
    case 'none_failed_min_one_success':
      return endings.skipped && !only ? 'may have been skipped' : undefined;
    case 'one_success':
    case 'all_done_min_one_success':
      return only ? undefined : 'may have failed';
    case 'all_done_setup_success':
      return task.teardownOf?.length === 1 && task.teardownOf[0] === above ? undefined : 'may have failed';
    case 'all_failed':
    case 'all_skipped':
      return 'has given no output';
    case 'always':
      return 'may not have ended';
    case 'all_success':
      return undefined;
    default:
      return 'may have failed';
  }
}

function problem({ path, at }: Reader, { where }: OutputRead, lack: string): Problem {
  return {
    code: 'ref-into-skippable',
    path: `${path} › ${where}`,
    message: `must be there when the task runs, but ${lack}`,
    remedy: 'write orElse(ref, default), or choose another trigger rule',
    severity: 'warning',
    ...at,
  };
}
