/** What would fail for certain is refused before a run starts, everything at once. */
import { RefusedError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import type { ConnectionNode, DagNode } from '../model/dag.ts';
import type { Environment } from '../model/environment.ts';
import type { TaskNode } from '../model/task.ts';
import { worksHere } from './engines/all.ts';

/** Tasks whose engine only plays what it would do. */
export function simulatedTasks(dag: DagNode): readonly string[] {
  const simulated = dag.tasks.filter(({ call }) => call.kind === 'engine' && call.local?.kind === 'simulate');
  return simulated.map(({ id }) => id);
}

/**
 * Refuses a run that cannot work in this environment.
 *
 * @throws {RefusedError} `no-stand-in`, `unknown-connection`, `wrong-connection`, `unknown-secret`, of the first mistake; all are told
 */
export function checkRunsHere(
  dag: DagNode,
  environment: Environment,
  secret: (name: string) => string | undefined,
): void {
  const refusals = [
    ...dag.tasks.flatMap(standInRefusals),
    ...neededConnections(dag).flatMap((connection) => connectionRefusals(connection, environment, secret)),
  ];
  const [first] = refusals;
  if (first === undefined) return;
  throw new RefusedError(first.code, refusals.map(({ text }) => text).join('\n'));
}

interface Refusal {
  readonly code: string;
  readonly text: string;
}

function standInRefusals({ id, call }: TaskNode): readonly Refusal[] {
  if (call.kind !== 'engine' || call.local?.kind === 'simulate' || call.local?.kind === 'command') return [];
  if (worksHere(call.engine)) return [];
  const where = `task "${id}" › ${call.engine}`;
  if (call.local === undefined)
    return [{ code: 'no-stand-in', text: `${where}: has no local stand-in; add local: …` }];
  return [
    {
      code: 'no-stand-in',
      text: `${where}: cannot be called from here yet, got local: real; add local: simulate(…) or local: command(…)`,
    },
  ];
}

/** A connection that only simulated tasks use is needed by nobody here. */
function neededConnections({ tasks, connections }: DagNode): readonly ConnectionNode[] {
  return connections.filter(({ name }) => {
    if (tasks.some(({ call }) => call.kind === 'sensor' && call.connection === name)) return true;
    const users = tasks.filter(({ call }) => call.kind === 'engine' && call.connection === name);
    return users.length === 0 || users.some(({ call }) => call.kind === 'engine' && isReal(call.local?.kind));
  });
}

function isReal(kind: string | undefined): boolean {
  return kind === undefined || kind === 'real';
}

function connectionRefusals(
  { name, kind }: ConnectionNode,
  environment: Environment,
  secret: (name: string) => string | undefined,
): readonly Refusal[] {
  const where = `environment "${environment.name}" › connections.${name}`;
  const found = environment.connections[name];
  if (found === undefined) {
    const near = nearest(name, Object.keys(environment.connections));
    const guess = near === undefined ? '' : `; did you mean to call "${near}" so?`;
    return [
      {
        code: 'unknown-connection',
        text: `${where}: must be configured, got nothing; add ${name}: ${EXAMPLES[kind]} to it in tutti.config.ts${guess}`,
      },
    ];
  }
  if (found.kind !== kind) {
    return [{ code: 'wrong-connection', text: `${where}: must be of kind "${kind}", got "${found.kind}"` }];
  }
  if (found.kind !== 'http') return [];
  if (!URL.canParse(found.baseUrl)) {
    return [
      {
        code: 'wrong-connection',
        text: `${where}.baseUrl: must be a URL, got "${found.baseUrl}"; write https://example.com/api`,
      },
    ];
  }
  if (found.secret === undefined || secret(found.secret) !== undefined) return [];
  return [
    {
      code: 'unknown-secret',
      text: `${where}.secret: must name an environment variable, got "${found.secret}", which is not set; export ${found.secret}=…`,
    },
  ];
}

const EXAMPLES = {
  sql: "{ kind: 'sql' }",
  http: "{ kind: 'http', baseUrl: 'https://…' }",
} as const;
