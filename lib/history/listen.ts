/** What events say of a scope beside what they are. */
import { isObject, type JsonObject } from '../base/json.ts';
import type { ManifestState } from '../model/manifest.ts';
import type { Scope } from './scope.ts';
import { CODES } from './task-run.ts';

/** A task's turn has come, and it asks its pool. */
export function queue({ queued }: Scope, state: ManifestState | undefined): void {
  if (state?.queues !== undefined) queued.add(state.queues);
}

/** The group runs again after this. */
export function wait(scope: Scope, module: string): void {
  const visit = scope.modules.get(module);
  if (visit === undefined) return;
  visit.endMs = undefined;
  visit.isWaiting = true;
}

/** The codes in a state's data, and what an item of a map ends with. */
export function listen(scope: Scope, data: JsonObject | undefined): void {
  if (scope.inside?.kind === 'map') scope.end = CODES[String(data?.['s'])];
  if (data === undefined) return;
  for (const [id, code] of Object.entries(data)) {
    const state = typeof code === 'string' ? CODES[code] : undefined;
    if (state !== undefined) scope.told.set(id, state);
  }
}

/** What a person calls the item is in what its tasks are given. */
export function label(scope: Scope, parameters: unknown): void {
  let item: Scope | undefined = scope;
  while (item !== undefined && item.inside?.kind !== 'map') item = item.inside?.outer;
  if (item === undefined || item.label !== undefined) return;
  if (typeof parameters !== 'string' || !parameters.includes('"label"')) return;
  const sent: unknown = JSON.parse(parameters);
  const payload = isObject(sent) ? sent['Payload'] : undefined;
  const found = isObject(payload) ? payload['label'] : undefined;
  if (typeof found === 'string') item.label = found;
}

/** A state's output where it may say something. */
export function parsed(output: unknown): JsonObject | undefined {
  // Most state data is empty: nothing went wrong so far.
  if (typeof output !== 'string' || output.length < 3 || !output.startsWith('{')) return undefined;
  const data: unknown = JSON.parse(output);
  return isObject(data) ? data : undefined;
}
