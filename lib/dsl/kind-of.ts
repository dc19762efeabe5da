/** What the author holds of a declared task, group or label, by its word. */
const handles = new WeakMap<object, string>();

/** Remembers a handle, so that messages can name it. */
export function noteHandle(made: object, word: string): void {
  handles.set(made, word);
}

/** True for what `task`, `group`, `branch` and the like returned. */
export function isHandle(value: unknown): boolean {
  return typeof value === 'object' && value !== null && handles.has(value);
}

/** `an object`, `a Date`, `a function`: for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'bigint') return `the bigint ${value}`;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object')
    return typeof value === 'string' ? JSON.stringify(value) : `a ${typeof value}`;
  const handle = handles.get(value);
  if (handle !== undefined) return `a ${handle}`;
  const name: unknown = value.constructor?.name;
  return typeof name !== 'string' || name === 'Object' ? 'an object' : `a ${name}`;
}
