/** What a DAG's machine and its function must be allowed for the engines and sensors of its tasks. */
import { compareTexts } from '../base/compare.ts';
import { isObject, type Json } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import type { ConnectionConfig } from '../model/environment.ts';
import type { CallNode } from '../model/task.ts';
import { engineNamed } from './all.ts';
import type { Engine } from './engine.ts';
import type { Permission } from './permission.ts';
import { sensorNamed } from './sensor.ts';

export interface DagPermissions {
  /** Of the role of its machines, besides what states of the compiler's own call: the table, functions, parts. */
  readonly machine: readonly Permission[];
  /** Of the role of its function, besides the table, files and secrets. */
  readonly function: readonly Permission[];
}

/** Each permission once, resources of the same actions together. `connections`: those of the environment, by name. */
export function permissionsOf(
  dag: DagNode,
  connections: Readonly<Record<string, ConnectionConfig>>,
): DagPermissions {
  const machine: Permission[] = [];
  const own: Permission[] = [];
  for (const { call } of dag.tasks) {
    const found = askedBy(call, connections);
    if (found === undefined) continue;
    (found.isSync ? machine : own).push(...found.permissions);
  }
  return { machine: merged(machine), function: merged(own) };
}

interface Asked {
  readonly isSync: boolean;
  readonly permissions: readonly Permission[];
}

function askedBy(call: CallNode, connections: Readonly<Record<string, ConnectionConfig>>): Asked | undefined {
  if (call.kind !== 'engine' && call.kind !== 'sensor') return undefined;
  const engine: Pick<Engine, 'permissions' | 'pattern'> | undefined =
    call.kind === 'engine' ? engineNamed(call.engine) : lookOf(call.sensor);
  const args = isObject(call.args) ? call.args : {};
  const connection = connections[call.connection ?? ''];
  return {
    isSync: engine?.pattern === 'sync',
    permissions: engine?.permissions?.(args, connection) ?? [],
  };
}

/** A look by an engine asks for what the engine does. */
function lookOf(sensor: string): Pick<Engine, 'permissions'> | undefined {
  const own = sensorNamed(sensor);
  return own?.permissions === undefined ? engineNamed(sensor) : { permissions: own.permissions };
}

function merged(permissions: readonly Permission[]): readonly Permission[] {
  const byKind = Map.groupBy(permissions, ({ actions, conditions = {} }) =>
    JSON.stringify([actions.toSorted(compareTexts), conditions]),
  );
  return [...byKind.values()].map((alike) => together(alike));
}

function together(alike: readonly Permission[]): Permission {
  const { actions = [], conditions } = alike[0] ?? {};
  const reasons = unique(alike.flatMap(({ reason }) => reason ?? []));
  return {
    actions: unique(actions),
    resources: withoutCovered(unique(alike.flatMap(({ resources }) => resources))),
    ...(conditions === undefined ? {} : { conditions }),
    ...(reasons.length === 0 ? {} : { reason: reasons.join('; ') }),
  };
}

/** What a wider one of them allows already needs no line of its own. */
function withoutCovered(resources: readonly string[]): readonly string[] {
  return resources.filter(
    (each) =>
      !resources.some(
        (other) => other !== each && other.endsWith('*') && each.startsWith(other.slice(0, -1)),
      ),
  );
}

function unique(texts: readonly Json[]): readonly string[] {
  return [...new Set(texts.map(String))].sort(compareTexts);
}
