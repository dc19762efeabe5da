import { DefinitionError, type SourceLocation } from '../base/errors.ts';
import { callerOf } from './at.ts';
import type { Declaration } from './declaration.ts';
import { placed } from './placed.ts';
import type { OpenGroup } from './task-node.ts';

/** A scope: the DAG it declares in, and the group. */
export interface Declarer {
  readonly declaration: Declaration;
  readonly group?: OpenGroup;
}

/** Where the author called `api`; tells where its scope must not be used. @throws {DefinitionError} after the body's end */
export function enter(
  { declaration, group }: Declarer,
  what: string,
  api: (...args: never) => unknown,
  word: string = api.name,
): SourceLocation | undefined {
  const at = callerOf(api);
  const { current, isOpen } = declaration;
  if (isOpen && current === group) return at;
  const [message, remedy] =
    isOpen && current !== undefined
      ? [
          `must be declared by the scope of group "${current.id}", got another one's ${word}`,
          `take ${word} from the group's body: group("${current.id}", ({ ${word} }) => …)`,
        ]
      : [
          `must be declared while the body runs, got ${word} after its end`,
          'declare it inside the body, without await',
        ];
  const problem = { code: 'outer-scope', path: what, message, remedy, ...placed(at) };
  if (!isOpen) throw new DefinitionError([{ ...problem, path: `dag "${declaration.id}" › ${what}` }]);
  declaration.refuse(problem);
  return at;
}

/** Full id of what a scope declares. */
export function idIn({ group }: Declarer, id: string): string {
  return group === undefined ? id : `${group.id}.${id}`;
}
