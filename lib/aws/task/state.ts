import type { TaskState, Untyped } from '../../model/context.ts';
import { namedError } from '../../runtime/named-error.ts';
import type { RunTable } from './run-table.ts';

/** Longest value, bytes: an item has at most 400 KB. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_BYTES = 390_000;

/** Durable values of one task: items `STATE#<dag>`, `<task>#<key>`. */
export function itemState(table: RunTable, dagId: string, task: string): TaskState {
  const keyOf = (key: string) => ({ pk: `STATE#${dagId}`, sk: `${task}#${key}` });
  return {
    async get<T = Untyped>(key: string): Promise<T | undefined> {
      const [item] = await table.get([keyOf(key)]);
      const text = item?.['value'];
      return typeof text === 'string' ? JSON.parse(text) : undefined;
    },
    async set(key, value) {
      const text = JSON.stringify(value);
      const bytes = Buffer.byteLength(text);
      if (bytes > MAX_BYTES) {
        const rule = `must be at most ${MAX_BYTES} bytes, got ${bytes}; write it with files.write and keep its path`;
        throw namedError('State.TooLarge', `state › "${key}": ${rule}`);
      }
      await table.put({ ...keyOf(key), value: text });
    },
    delete: (key) => table.delete(keyOf(key)),
  };
}
