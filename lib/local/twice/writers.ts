import { isObject, type Json } from '../../base/json.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import type { Difference, Write } from './difference.ts';

/** Says which tasks wrote a file or a table: those that were seen to, or whose statements name it. */
export function writersOf(
  dag: DagNode,
  writes: readonly Write[],
): (of: Pick<Difference, 'kind' | 'name'>) => readonly string[] {
  return ({ kind, name }) => {
    if (kind === 'file') return unique(writes.filter(({ path }) => path === name).map(({ task }) => task));
    const [connection = '', ...table] = name.split('.');
    return dag.tasks.filter((task) => writesTable(task, connection, table.at(-1) ?? '')).map(({ id }) => id);
  };
}

const CHANGES = /^\s*(?:insert|delete|update|merge|copy|create|drop|alter|truncate)\b/i;

function writesTable({ call }: TaskNode, connection: string, table: string): boolean {
  if (call.kind !== 'engine' || call.connection !== connection) return false;
  const statements = Array.isArray(call.args['statements']) ? call.args['statements'] : [];
  const texts = statements.map(textOf).filter((text) => CHANGES.test(text));
  const escaped = table.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // What is read from stands after `from` or `join`.
  const written = new RegExp(
    `(?<!\\b(?:from|join)\\s+"?)(?<![\\w])${escaped}(?![\\w])|delete\\s+from\\s+"?${escaped}\\b`,
    'i',
  );
  return texts.some((text) => written.test(text));
}

/** A statement as the author wrote it, without its values. */
function textOf(statement: Json): string {
  const parts = isObject(statement) && Array.isArray(statement['parts']) ? statement['parts'] : [];
  return parts.map(partText).join('');
}

function partText(part: Json): string {
  if (typeof part === 'string') return part;
  const { identifier, raw } = isObject(part) ? part : {};
  if (typeof raw === 'string') return raw;
  return typeof identifier === 'string' ? identifier : ' ? ';
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
