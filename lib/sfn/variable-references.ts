import { containersOf, statePath } from '../asl/check/container.ts';
import type { Analysis } from '../asl/check/expression.ts';
import { Findings } from '../asl/check/finding.ts';
import { readsOf } from '../asl/check/reads.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';

/** Which variables each state reads, sorted; states that read none are left out. `undefined` when none does. */
export function variableReferences(definition: string): JsonObject | undefined {
  const machine: Json = JSON.parse(definition);
  const cache = new Map<string, Analysis>();
  const references = containersOf(isObject(machine) ? machine : {}).flatMap((container) =>
    [...container.states].flatMap(([name, state]) => {
      const reads = readsOf(state, statePath(container, name), new Findings(), cache);
      const variables = new Set(reads.flatMap(({ analysis }) => analysis.variables));
      return variables.size === 0 ? [] : [[name, [...variables].sort((a, b) => (a < b ? -1 : 1))] as const];
    }),
  );
  return references.length === 0 ? undefined : Object.fromEntries(references);
}
