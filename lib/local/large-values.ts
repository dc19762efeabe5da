/** Where values are kept here that are too large to travel in the machine. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../base/json.ts';
import {
  type FileReference,
  type LargeField,
  type LargeValue,
  outputLost,
  referenceIn,
  type ValueFolder,
} from '../runtime/large-values.ts';

export interface LargeValues extends ValueFolder {
  readonly refer: (field: LargeField) => FileReference;
  readonly keep: (value: LargeValue) => void;
  /** @throws {TaskError} `Dag.OutputLost` where nothing is kept there */
  readonly read: (path: string) => Json;
}

const FOLDER = '.tutti/outputs/';

/** In `.tutti/outputs/<run>/<task>@<instance>.<field>.json` of the project. */
export function fileValues(root: string, runId: string): LargeValues {
  const folder = `${FOLDER}${runId}/`;
  return {
    folder: FOLDER,
    refer: (field) => referenceIn({ folder }, field),
    keep({ reference, value }) {
      const file = join(root, reference.$file);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(value));
    },
    read: (path) => lost(path, () => JSON.parse(readFileSync(join(root, path), 'utf8'))),
  };
}

/** In memory, for simulations. */
export function memoryValues(): LargeValues {
  const kept = new Map<string, string>();
  return {
    folder: FOLDER,
    refer: (field) => referenceIn({ folder: FOLDER }, field),
    keep: ({ reference, value }) => void kept.set(reference.$file, JSON.stringify(value)),
    read: (path) => lost(path, () => JSON.parse(kept.get(path) ?? '')),
  };
}

function lost(path: string, read: () => Json): Json {
  try {
    return read();
  } catch (error) {
    throw outputLost(path, error);
  }
}
