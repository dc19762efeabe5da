import { isObject, type JsonObject } from '../base/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Rerun, RunInput } from '../model/run-input.ts';
import { machinesOf } from './run-input.ts';

/** What a simulated run of a DAG starts with; `parts` are the names of its nested machines. */
export function simulatedInput(
  { dagId, params: schema }: Pick<Manifest, 'dagId' | 'params'>,
  parts: readonly string[],
  { params = {}, rerun }: { readonly params?: JsonObject; readonly rerun?: Rerun } = {},
): RunInput {
  const machines = machinesOf(parts);
  return {
    run: {
      id: 'simulated',
      dagId,
      attempt: '1',
      logicalDate: '2026-01-01T00:00:00Z',
      interval: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', date: '2026-01-01' },
      table: 'tutti',
      expires: '1800000000',
      fns: { main: 'main', pool: 'pool' },
      ...(machines === undefined ? {} : { machines }),
    },
    params: { ...defaultsOf(schema), ...params },
    ...(rerun === undefined ? {} : { rerun }),
  };
}

/** What each param is where nobody gives it. */
function defaultsOf(schema: JsonObject): JsonObject {
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const defaults = properties.map(
    ([name, param]) => [name, isObject(param) ? param['default'] : undefined] as const,
  );
  return Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
}
