import { isObject, type JsonObject } from '../../base/json.ts';
import type { CallNode } from '../../model/task.ts';

/** A task's output as one place of a call reads it. */
export interface OutputRead {
  readonly kind: 'output';
  readonly task: string;
  /** Where in the call: `args.statements[0]`. */
  readonly where: string;
  /** True where a missing value does no harm: inside `exists`, or the first operand of `orElse`. */
  readonly tolerant: boolean;
}

/** A param or a fact about the run as one place of a call reads it. */
export interface FactRead {
  readonly kind: 'param' | 'run';
  readonly path: readonly string[];
  readonly where: string;
}

type Read = OutputRead | FactRead;

interface Position {
  readonly where: string;
  readonly tolerant: boolean;
}

/** What a call reads while it runs. Data that only claims to be a Ref is passed over. */
export function readsOf(call: CallNode): readonly Read[] {
  const reads: Read[] = [];
  const { kind: _, ...fields } = call;
  walk(fields, { where: '', tolerant: false }, reads);
  return reads;
}

function walk(value: unknown, position: Position, reads: Read[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      walk(item, { ...position, where: `${position.where}[${index}]` }, reads);
  } else if ('$ref' in value) {
    expression(value.$ref, position, reads);
  } else {
    const prefix = position.where === '' ? '' : `${position.where}.`;
    for (const [key, item] of Object.entries(value)) walk(item, { ...position, where: prefix + key }, reads);
  }
}

function expression(ref: unknown, position: Position, reads: Read[]): void {
  if (!isObject(ref)) return;
  const { kind, task, name, path, parts } = ref;
  if (kind === 'output' && typeof task === 'string') reads.push({ kind, task, ...position });
  else if (kind === 'param' && typeof name === 'string')
    reads.push({ kind, path: [name], where: position.where });
  else if (kind === 'run' && Array.isArray(path))
    reads.push({ kind, path: path.map(String), where: position.where });
  else if (kind === 'text') operands(parts, position, reads);
  else if (kind === 'call') call(ref, position, reads);
}

function call({ op, args }: JsonObject, position: Position, reads: Read[]): void {
  if (!Array.isArray(args)) return;
  const tolerant = { ...position, tolerant: true };
  if (op === 'exists') operands(args, tolerant, reads);
  else if (op === 'orElse') {
    operands(args.slice(0, 1), tolerant, reads);
    operands(args.slice(1), position, reads);
  } else operands(args, position, reads);
}

/** Operands have no place of their own: that of the expression is what the author sees. */
function operands(values: unknown, position: Position, reads: Read[]): void {
  if (Array.isArray(values)) for (const value of values) walk(value, position, reads);
}
