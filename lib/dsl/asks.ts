import type { DagNode } from '../model/dag.ts';
import type { HttpConnection } from './connection.ts';
import { kindOf } from './kind-of.ts';
import type { Tell } from './reading.ts';

/** What functions of a DAG ask of their environment by their context. */
export interface AsksOptions {
  /**
   * HTTP connections that its functions ask by `http`, besides those that its tasks name; others are refused.
   * @default those that its file, and what that imports, makes and uses
   */
  readonly connections?: readonly HttpConnection[];
  /**
   * Secrets that its functions read by `secret`, `*` at the end for all that begin so: `'sales/*'`; others are refused.
   * @default those that its file, and what that imports, reads by name: `secret('sales/key')`
   */
  readonly secrets?: readonly string[];
}

export const ASKS_OPTIONS = ['connections', 'secrets'] as const satisfies readonly (keyof AsksOptions)[];

/** A secret's name or ARN. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const SECRET = /^(arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}\*?$/;

/** As they stand in the options; what is none goes to `tell`. */
export function asksIn({ connections, secrets }: AsksOptions, tell: Tell): DagNode['asks'] {
  if (connections === undefined && secrets === undefined) return undefined;
  return {
    ...(connections === undefined ? {} : { connections: connectionsIn(connections, tell) }),
    ...(secrets === undefined ? {} : { secrets: secretsIn(secrets, tell) }),
  };
}

/** Globs as they stand in the options; what is none goes to `tell`. */
export function includeIn({ include }: { readonly include?: unknown }, tell: Tell): DagNode['include'] {
  if (include === undefined) return undefined;
  return listOf(include).flatMap((one) => {
    if (typeof one === 'string' && one !== '' && !/^([/\\]|[a-zA-Z]:)/.test(one)) return [one];
    tell(
      {
        code: 'include',
        message: `must be a list of globs from the project's folder, got ${kindOf(one)}`,
        remedy: "write include: ['data/*.csv']",
      },
      'include',
    );
    return [];
  });
}

function connectionsIn(given: unknown, tell: Tell): readonly string[] {
  return listOf(given).flatMap((one) => {
    if (isHttp(one)) return [one.name];
    const got =
      typeof one === 'object' && one !== null && 'kind' in one ? `one of kind ${one.kind}` : kindOf(one);
    tell(
      {
        code: 'connection',
        message: `must be a list of HTTP connections, got ${got}`,
        remedy:
          "write connections: [shop], of const shop = connection.http('shop'); tasks name others themselves",
      },
      'connections',
    );
    return [];
  });
}

function secretsIn(given: unknown, tell: Tell): readonly string[] {
  return listOf(given).flatMap((one) => {
    if (typeof one === 'string' && SECRET.test(one)) return [one];
    tell(
      {
        code: 'secret',
        message: `must be a list of names or ARNs of secrets, with * at the end at most, got ${kindOf(one)}`,
        remedy: "write secrets: ['sales/key']",
      },
      'secrets',
    );
    return [];
  });
}

function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [given];
}

function isHttp(value: unknown): value is HttpConnection {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'http' && 'name' in value
  );
}
