/** Values too large to travel in the machine: kept elsewhere, which `{ $file: path }` stands for. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { TaskError } from '../base/task-error.ts';
import type { TaskEvent } from '../model/run-input.ts';

/** Whose value it is, and which of the fields that are wanted. */
export type LargeField = Pick<TaskEvent, 'task' | 'instance'> & { readonly index: number };

/** What stands for a value. */
export interface FileReference extends JsonObject {
  readonly $file: string;
}

/** A value to be kept. */
export interface LargeValue {
  readonly reference: FileReference;
  readonly value: Json;
}

/** References below `folder`, which ends in `/`: an author's own value may look like one. */
export interface ValueFolder {
  readonly folder: string;
}

/** `<folder><task>@<instance>.<field>.json` */
export function referenceIn({ folder }: ValueFolder, { task, instance, index }: LargeField): FileReference {
  const name = instance === undefined ? task : `${task}@${instance}`;
  return { $file: `${folder}${name}.${index}.json` };
}

/** `args` with every reference to a kept value replaced by what `read` gives for its path. */
export function withLarge(
  args: JsonObject,
  place: ValueFolder & { readonly read: (path: string) => Json },
): JsonObject {
  const found = resolved(args, place);
  return isObject(found) ? found : {};
}

/** Paths of the kept values that `args` refer to, each once. */
export function pathsIn(args: JsonObject, { folder }: ValueFolder): readonly string[] {
  const paths = new Set<string>();
  const read = (path: string): Json => {
    paths.add(path);
    return null;
  };
  withLarge(args, { folder, read });
  return [...paths];
}

/** Error of a value that is not there any more. */
export function outputLost(path: string, cause?: unknown): TaskError {
  const text = `output › ${path}: must be there as it was written, got nothing; run the task that wrote it again`;
  return new TaskError('Dag.OutputLost', text, { cause });
}

function resolved(
  value: Json | undefined,
  place: ValueFolder & { readonly read: (path: string) => Json },
): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => resolved(each, place) ?? null);
  if (!isObject(value)) return value;
  const { $file } = value;
  if (typeof $file === 'string' && isBelow(place.folder, $file)) return place.read($file);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, place)]));
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder) && !path.split('/').includes('..');
}
