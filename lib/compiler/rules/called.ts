import type { JsonObject } from '../../base/json.ts';
import { isObject } from '../../base/json.ts';
import { ENGINES, engineNamed } from '../../engines/all.ts';
import type { Engine } from '../../engines/engine.ts';
import { SENSOR_NAMES, sensorNamed } from '../../engines/sensor.ts';
import type { CallNode } from '../../model/task.ts';

/** What a task's call, or the look of its sensor, asks for. */
export interface Called {
  readonly field: 'engine' | 'sensor';
  readonly name: string;
  /** Absent: there is none of this name. */
  readonly found?: Pick<Engine, 'connection' | 'check'>;
  /** Every name there is. */
  readonly names: readonly string[];
  readonly connection?: string;
  readonly args: JsonObject;
}

const ENGINE_NAMES = ENGINES.map(({ name }) => name);

/** `undefined` for a call that asks nobody. */
export function calledBy(call: CallNode): Called | undefined {
  if (call.kind !== 'engine' && call.kind !== 'sensor') return undefined;
  const connection = call.connection === undefined ? {} : { connection: call.connection };
  const args = isObject(call.args) ? call.args : {};
  if (call.kind === 'engine') {
    const found = engineNamed(call.engine);
    return {
      field: 'engine',
      name: call.engine,
      names: ENGINE_NAMES,
      args,
      ...connection,
      ...(found && { found }),
    };
  }
  const found = sensorNamed(call.sensor);
  return {
    field: 'sensor',
    name: call.sensor,
    names: SENSOR_NAMES,
    args,
    ...connection,
    ...(found && { found }),
  };
}
