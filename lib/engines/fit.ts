/** Whether an environment's connections can do what a DAG asks of them. */
import type { Problem } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import type { ConnectionConfig } from '../model/environment.ts';
import { engineNamed } from './all.ts';

/** Calls that the environment's engines refuse, found before anything is deployed. */
export function unfitCalls(
  dag: DagNode,
  {
    name,
    connections,
  }: { readonly name: string; readonly connections: Readonly<Record<string, ConnectionConfig>> },
): readonly Problem[] {
  return dag.tasks.flatMap(({ id, call, at }) => {
    if (call.kind !== 'engine' && call.kind !== 'sensor') return [];
    const connection = connections[call.connection ?? ''];
    const engine = engineNamed(call.kind === 'engine' ? call.engine : call.sensor);
    if (connection === undefined || engine?.checkIn === undefined) return [];
    const args = isObject(call.args) ? call.args : {};
    return engine.checkIn(args, connection).map(({ path, message, remedy }) => ({
      code: 'unfit-connection',
      path: `environment "${name}" › dag "${dag.id}" › task "${id}" › ${path}`,
      message,
      ...(remedy === undefined ? {} : { remedy }),
      ...(at === undefined ? {} : { at }),
    }));
  });
}
