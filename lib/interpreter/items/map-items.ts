/** What inline and distributed Maps have in common: items, their selection, and numbers. */
import type { MapState } from '../../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { EvaluationError } from '../failure.ts';
import { textOf } from '../json-text.ts';
import { optionalTemplate, type Template, typedTemplate } from '../template.ts';
import type { Visit } from '../visit.ts';

/** One item of a Map; `key` where the items are the members of an object. */
export interface MapItem {
  readonly value: Json;
  readonly key?: string;
}

/** Evaluates `Items`, or takes the state's input; a list, or with `orObject` an object. */
export function itemsOf(state: MapState, orObject: boolean): (visit: Visit) => Promise<readonly MapItem[]> {
  const { Items } = state;
  const items = optionalTemplate(Items, 'Items');
  const listOnly = Items === undefined ? undefined : typedTemplate(Items, 'Items', 'array');
  return async (visit) => {
    const value = items === undefined ? visit.input : await items(visit.scope());
    if (Array.isArray(value)) return value.map((item: Json) => ({ value: item }));
    if (orObject && isObject(value)) return membersOf(value);
    await listOnly?.(visit.scope());
    throw new EvaluationError('Items', {
      text: `Map state input must be an array but was: ${textOf(value)}`,
    });
  };
}

/** The members of an object as items. */
export function membersOf(value: JsonObject): readonly MapItem[] {
  return Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [{ key, value: member }],
  );
}

/** `$states.context.Map` of an item. */
export function mapContext(item: MapItem, index: number): JsonObject {
  const place = { Index: index, Value: item.value };
  return { Item: item.key === undefined ? place : { ...place, Key: item.key } };
}

/** What an item's states get as input. */
export function itemInput(item: MapItem): Json {
  return item.key === undefined ? item.value : { Key: item.key, Value: item.value };
}

/** A field with a number, `otherwise` where it is absent. */
export function numberField(
  value: number | string | undefined,
  field: string,
  otherwise: number,
): (visit: Visit) => Promise<number> {
  const number: Template | undefined =
    value === undefined ? undefined : typedTemplate(value, field, 'number');
  return async (visit) => {
    const result = number === undefined ? otherwise : await number(visit.scope());
    if (typeof result === 'number' && result >= 0) return result;
    throw new EvaluationError(field, {
      text: `The ${field} field must be zero or greater but was: ${textOf(result)}`,
    });
  };
}
