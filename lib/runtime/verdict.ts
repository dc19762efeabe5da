import type { Json } from '../base/json.ts';
import { TaskError } from '../base/task-error.ts';
import type { TaskReply } from '../model/run-input.ts';
import type { TaskNode } from '../model/task.ts';

/** What a brancher or short circuit decided. @throws {TaskError} `Dag.UnknownLabel`, `Dag.BadOutput` */
export function verdictOf({ id, call }: TaskNode, output: Json): Pick<TaskReply, 'labels' | 'pass'> {
  if (call.kind === 'branch') return { labels: labelsOf(id, call.labels, output) };
  if (call.kind !== 'shortCircuitFn') return {};
  if (typeof output === 'boolean') return { pass: output };
  throw new TaskError(
    'Dag.BadOutput',
    `task "${id}" › output: must be true or false, got ${JSON.stringify(output)}; return a comparison`,
  );
}

function labelsOf(id: string, labels: readonly string[], output: Json): readonly string[] {
  const chosen: readonly Json[] = output === null ? [] : Array.isArray(output) ? output : [output];
  const known = chosen.filter((label) => typeof label === 'string').filter((label) => labels.includes(label));
  if (known.length === chosen.length) return known;
  const wrong = chosen.find((label) => typeof label !== 'string' || !labels.includes(label));
  throw new TaskError(
    'Dag.UnknownLabel',
    `task "${id}" › output: must be labels of this branch, got ${JSON.stringify(wrong)}; return ${labels.map((label) => `"${label}"`).join(', ')} or nothing`,
  );
}
