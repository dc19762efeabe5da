/** What bodies of a DAG's functions may ask of their environment: its role on AWS has rights to that, and to no more. */
import type { DagNode } from './dag.ts';

export interface Asks {
  /** Names of HTTP connections. */
  readonly connections: readonly string[];
  /** Names of secrets; `*` at the end stands for any text. */
  readonly secrets: readonly string[];
}

/** Those that tasks name are asked by bodies too. `undefined`: nobody looked what the bodies ask. */
export function asksOf({ asks, connections }: Pick<DagNode, 'asks' | 'connections'>): Asks | undefined {
  if (asks?.connections === undefined || asks.secrets === undefined) return undefined;
  const ofTasks = connections.flatMap(({ name, kind }) => (kind === 'http' ? [name] : []));
  return { connections: [...new Set([...ofTasks, ...asks.connections])], secrets: asks.secrets };
}
