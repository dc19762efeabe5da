import { isObject } from '../base/json.ts';
import type { PoolNode } from '../model/dag.ts';
import { callerPlace } from './at.ts';
import { knownOptions } from './options.ts';

/** A number of places that tasks share, in all runs of all DAGs of an environment. */
export interface Pool {
  readonly kind: 'pool';
  readonly name: string;
  readonly slots: number;
}

export interface PoolOptions {
  /** How many tasks may hold a place at the same time, at least 1. */
  readonly slots: number;
}

/** What a task takes of a pool while it runs, its retries included: one place, or several. */
export type PoolUse = Pool | { readonly pool: Pool /** @default 1 */; readonly slots?: number };

/**
 * A pool, for the option `pool` of tasks: a task starts when its place is free and keeps it until it ends.
 *
 * @example const warehouse = pool('warehouse', { slots: 4 }); … task('load', …, { pool: warehouse })
 * @see https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/pools.html
 */
export function pool(name: string, options: PoolOptions): Pool {
  knownOptions(options, ['slots'], `pool "${name}"`, callerPlace(import.meta.url).at);
  return Object.freeze({ kind: 'pool', name, slots: options.slots });
}

/** The pool, and how many of its places a task takes; `undefined` for what is none. */
export function poolUse(given: unknown): { readonly pool: PoolNode; readonly slots: number } | undefined {
  if (isPool(given)) return { pool: nodeOf(given), slots: 1 };
  if (!isObject(given) || !isPool(given['pool'])) return undefined;
  const { pool: used, slots = 1 } = given;
  return { pool: nodeOf(used), slots: typeof slots === 'number' ? slots : Number.NaN };
}

function nodeOf({ name, slots }: Pool): PoolNode {
  return { name, slots };
}

function isPool(value: unknown): value is Pool {
  return isObject(value) && value['kind'] === 'pool' && typeof value['name'] === 'string';
}
