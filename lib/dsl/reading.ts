import type { Problem } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Expression } from '../model/ref.ts';
import { plain } from './plain.ts';
import { nameOf, type Owner, ownerOf } from './refs.ts';

/** Makes a part of a call plain data; Refs in it are dependencies. `path`: where it stands. */
export type Read = (value: unknown, path: string) => Json;

/** Tells a mistake in what was given for `field`. */
export type Tell = (problem: Omit<Problem, 'path'>, field: string) => void;

/** Reads for a DAG; tasks and loops whose outputs are read are added to `data`. */
export function reader(owner: Owner, data: Set<string>, tell: Tell): Read {
  return (value, where) => {
    const at = (field: string) => [where, field].filter(Boolean).join('.').replaceAll('.[', '[');
    return plain(value, {
      refuse: (field, message, remedy) => tell({ code: 'not-json', message, remedy }, at(field)),
      ref: (expression, field) => {
        const from = ownerOf(expression);
        if (from === undefined || from === owner) {
          if (from === owner && expression.kind === 'output') data.add(expression.task);
          return true;
        }
        tell(foreign(expression, from), at(field));
        return false;
      },
    });
  };
}

function foreign(expression: Expression, from: Owner): Omit<Problem, 'path'> {
  return {
    code: 'foreign-ref',
    message: `must be a Ref of this DAG, got ${nameOf(expression)} of dag "${from.id}"`,
    remedy: 'use the params, run and tasks of this DAG',
  };
}
