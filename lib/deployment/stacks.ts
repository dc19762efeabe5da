/** Which stack a DAG is in. */
import { createHash } from 'node:crypto';
import { compareTexts } from '../base/compare.ts';
import type { AwsConfig } from '../model/environment.ts';

/** What decides of a DAG in which stack it is. */
export interface Placed {
  readonly id: string;
  readonly owner?: string;
  readonly tags: readonly string[];
}

/** Stacks of an environment that says nothing: one, in `prod` eight. */
export function numberOfStacks(environment: string, { stacks }: AwsConfig): number {
  return typeof stacks === 'number' ? stacks : environment === 'prod' ? 8 : 1;
}

/** DAGs by stack. All stacks of a number are there, also those without a DAG: one that is left out is never removed. */
export function byStack<Dag extends Placed>(
  environment: string,
  aws: AwsConfig,
  dags: readonly Dag[],
): ReadonlyMap<string, readonly Dag[]> {
  const { stacks } = aws;
  const count = numberOfStacks(environment, aws);
  const nameOf = typeof stacks === 'function' ? stacks : ({ id }: Placed) => stackOf(id, count);
  const names =
    typeof stacks === 'function'
      ? [...new Set(dags.map(stacks))].sort(compareTexts)
      : Array.from({ length: count }, (_, index) => String(index));
  const found = new Map<string, Dag[]>(names.map((name) => [name, []]));
  for (const dag of dags) found.get(nameOf(dag))?.push(dag);
  return found;
}

/**
 * Rendezvous hashing: from `count` to `count + 1` stacks one DAG in `count + 1` moves; a DAG that is added or removed
 * moves none.
 *
 * @see https://en.wikipedia.org/wiki/Rendezvous_hashing
 */
export function stackOf(dagId: string, count: number): string {
  const weights = Array.from({ length: count }, (_, stack) => weightOf(`${stack}/${dagId}`));
  return String(weights.indexOf(Math.max(...weights)));
}

/** 48 bits. */
function weightOf(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6);
}
