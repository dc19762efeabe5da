import { isObject, type JsonObject } from '../../base/json.ts';
import type { CallNode } from '../../model/task.ts';

/** A task's output as one place of a call, or of a module, reads it. */
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

/** What an instance or iteration of a module gets. */
export interface ModuleRead {
  readonly kind: 'item' | 'index' | 'previous';
  /** The module. */
  readonly of: string;
  readonly where: string;
}

export type Read = OutputRead | FactRead | ModuleRead;

interface Position {
  readonly where: string;
  readonly tolerant: boolean;
}

/** What a call reads while it runs. */
export function readsOf(call: CallNode): readonly Read[] {
  const { kind: _, ...fields } = call;
  return readsIn(fields, '');
}

/** What a value that stands at `where` reads. Data that only claims to be a Ref is passed over. */
export function readsIn(value: unknown, where: string): readonly Read[] {
  const reads: Read[] = [];
  walk(value, { where, tolerant: false }, reads);
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
  const { kind, parts } = ref;
  if (kind === 'text') operands(parts, position, reads);
  else if (kind === 'call') call(ref, position, reads);
  else reads.push(...rooted(ref, position));
}

function rooted({ kind, task, name, path, of }: JsonObject, position: Position): readonly Read[] {
  const { where } = position;
  if (kind === 'output' && typeof task === 'string') return [{ kind, task, ...position }];
  if (kind === 'param' && typeof name === 'string') return [{ kind, path: [name], where }];
  if (kind === 'run' && Array.isArray(path)) return [{ kind, path: path.map(String), where }];
  const isOfModule = kind === 'item' || kind === 'index' || kind === 'previous';
  return isOfModule && typeof of === 'string' ? [{ kind, of, where }] : [];
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
