/** Holds what bodies ask of their environment to what their DAG says: here and there alike, so that it is seen before it is deployed. */
import { TaskError } from '../base/task-error.ts';
import type { Asks } from '../model/asks.ts';

/** @throws {TaskError} `Dag.UndeclaredConnection` */
export function checkConnection(dagId: string, asks: Asks | undefined, name: string): void {
  if (asks === undefined || asks.connections.includes(name)) return;
  const rule = `must have every HTTP connection that its functions ask, got "${name}" asked for`;
  const remedy = `write connections: [${[...asks.connections, name].join(', ')}] in its options`;
  throw new TaskError('Dag.UndeclaredConnection', `dag "${dagId}" › connections: ${rule}; ${remedy}`);
}

/** @throws {TaskError} `Dag.UndeclaredSecret` */
export function checkSecret(dagId: string, asks: Asks | undefined, name: string): void {
  if (asks === undefined || asks.secrets.some((one) => isCovered(one, name))) return;
  const rule = `must have every secret that its functions read, got "${name}" asked for`;
  const names = [...asks.secrets, name].map((one) => `'${one}'`).join(', ');
  const remedy = `write secrets: [${names}] in its options`;
  throw new TaskError('Dag.UndeclaredSecret', `dag "${dagId}" › secrets: ${rule}; ${remedy}`);
}

function isCovered(declared: string, name: string): boolean {
  return declared.endsWith('*') ? name.startsWith(declared.slice(0, -1)) : declared === name;
}
