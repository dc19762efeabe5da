/** Values too large to travel in the machine: files, which `{ $file: path }` stands for. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { TaskEvent } from '../model/run-input.ts';

/** Whose value it is, and which of the fields that are wanted. */
export type LargeField = Pick<TaskEvent, 'task' | 'instance'> & { readonly index: number };

/** What stands for a value. */
export interface FileReference extends JsonObject {
  readonly $file: string;
}

export interface LargeValues {
  readonly keep: (field: LargeField, value: Json) => FileReference;
  /** @throws {TaskError} `Dag.OutputLost` where nothing is kept there */
  readonly read: (path: string) => Json;
}

const FOLDER = '.tutti/outputs/';

/** In `.tutti/outputs/<run>/<task>@<instance>.<field>.json` of the project. */
export function fileValues(root: string, runId: string): LargeValues {
  return {
    keep(field, value) {
      const path = `${FOLDER}${runId}/${nameOf(field)}`;
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(value));
      return { $file: path };
    },
    read: (path) => lost(path, () => JSON.parse(readFileSync(join(root, path), 'utf8'))),
  };
}

/** In memory, for simulations. */
export function memoryValues(): LargeValues {
  const kept = new Map<string, string>();
  return {
    keep(field, value) {
      const path = `${FOLDER}${nameOf(field)}`;
      kept.set(path, JSON.stringify(value));
      return { $file: path };
    },
    read: (path) => lost(path, () => JSON.parse(kept.get(path) ?? '')),
  };
}

/** `args` with every reference to a kept value replaced by it. */
export function withLarge(args: JsonObject, values: LargeValues): JsonObject {
  const found = resolved(args, values);
  return isObject(found) ? found : {};
}

function resolved(value: Json | undefined, values: LargeValues): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => resolved(each, values) ?? null);
  if (!isObject(value)) return value;
  const { $file } = value;
  // An author's own value may look so: only ours are there.
  if (typeof $file === 'string' && isOurs($file)) return values.read($file);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, values)]));
}

function isOurs(path: string): boolean {
  return path.startsWith(FOLDER) && !path.split('/').includes('..');
}

function nameOf({ task, instance, index }: LargeField): string {
  return `${instance === undefined ? task : `${task}@${instance}`}.${index}.json`;
}

function lost(path: string, read: () => Json): Json {
  try {
    return read();
  } catch (error) {
    throw outputLost(path, error);
  }
}

function outputLost(path: string, cause: unknown): TaskError {
  const text = `output › ${path}: must be there as it was written, got nothing; run the task that wrote it again`;
  return new TaskError('Dag.OutputLost', text, { cause });
}
