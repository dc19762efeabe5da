import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { TaskState, Untyped } from '../../model/context.ts';
import { isNamed } from '../../runtime/named-error.ts';

/** Durable values of one task, a JSON file, replaced as a whole at every change. */
export function fileState(file: string): TaskState {
  return {
    async get<T = Untyped>(key: string): Promise<T | undefined> {
      const values: Untyped = await readState(file);
      return Object.hasOwn(values, key) ? values[key] : undefined;
    },
    set: (key, value) =>
      change(file, (values) => ({ ...values, [key]: JSON.parse(JSON.stringify(value)) as Json })),
    delete: (key) => change(file, ({ [key]: _, ...others }) => others),
  };
}

/** Changes of one file follow one another, also those of two runs in this process. */
const pending = new Map<string, Promise<void>>();

function change(file: string, edit: (values: JsonObject) => JsonObject): Promise<void> {
  const before = pending.get(file) ?? Promise.resolve();
  const mine = before
    .catch(() => undefined)
    .then(async () => {
      const values = edit(await readState(file));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.${process.pid}.tmp`, `${JSON.stringify(values, null, 2)}\n`);
      await rename(`${file}.${process.pid}.tmp`, file);
    });
  pending.set(file, mine);
  return mine;
}

async function readState(file: string): Promise<JsonObject> {
  try {
    const values: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isObject(values) ? values : {};
  } catch (error) {
    if (isNamed(error, 'ENOENT')) return {};
    throw error;
  }
}
