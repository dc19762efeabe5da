import type { MapNode } from '../model/module.ts';
import type { Ref, Refs } from '../model/ref.ts';
import type { Declaration } from './declaration.ts';
import type { MapOptions } from './modules.ts';
import { withoutUndefined } from './placed.ts';
import type { Read } from './reading.ts';
import { exprRef, refs } from './refs.ts';

export const MAP_OPTIONS = ['concurrency', 'tolerate', 'label', 'maxItems'] as const;

/** What the callback of a map gets: the item of its run, and its place in the list. */
export interface Instance {
  readonly item: Refs<unknown>;
  readonly index: Ref<number>;
}

export function instanceOf(of: string, owner: Declaration): Instance {
  return {
    item: refs<unknown>({ kind: 'item', of, path: [] }, owner),
    index: exprRef<number>({ kind: 'index', of }, owner),
  };
}

/** The map as plain data; what is out of range stays, for the rules of `compiler/rules/` to tell. */
export function mapNode(
  list: unknown,
  { concurrency, tolerate, label, maxItems }: MapOptions<unknown>,
  { item, index }: Instance,
  read: Read,
): MapNode {
  const given: unknown = typeof label === 'function' ? label(item, index) : label;
  return withoutUndefined<MapNode>({
    items: read(list, 'items'),
    concurrency,
    tolerate,
    label: given === undefined ? undefined : read(given, 'label'),
    maxItems,
  });
}
