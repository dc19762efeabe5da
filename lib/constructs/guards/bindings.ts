/** What DAGs name and an environment does not bind. */
import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { dagPath, place, taskPath } from '../../compiler/rules/rule.ts';
import type { Asks } from '../../model/asks.ts';
import type { Callbacks, DagNode } from '../../model/dag.ts';
import type { DeployedEnvironment } from '../environment.ts';

/** Each connection and notifier that is missing, at the first DAG that names it. */
export function bindingProblems(
  environment: DeployedEnvironment,
  dags: readonly DagNode[],
  /** What bodies of a DAG ask. @default what the DAG itself says */
  askedBy?: (dag: DagNode) => Pick<Asks, 'connections'>,
): readonly Problem[] {
  const found = dags.flatMap((dag) => [
    ...connectionProblems(environment, dag, askedBy?.(dag).connections),
    ...notifierProblems(environment, dag),
  ]);
  return [...new Map(found.toReversed().map((problem) => [problem.path, problem])).values()].reverse();
}

/** Connections that bodies ask, `asked`, among them. */
function connectionProblems(
  { name: environment, connections = {} }: DeployedEnvironment,
  dag: DagNode,
  asked: readonly string[] = dag.asks?.connections ?? [],
): readonly Problem[] {
  const named = new Set(dag.connections.map(({ name }) => name));
  const ofBodies = asked.filter((name) => !named.has(name)).map((name) => ({ name, kind: 'http' as const }));
  return [...dag.connections, ...ofBodies].flatMap(({ name, kind }): readonly Problem[] => {
    const got = connections[name]?.kind;
    if (got === kind) return [];
    const near = nearest(name, Object.keys(connections));
    const line = kind === 'sql' ? "{ kind: 'sql' }" : "{ kind: 'http', baseUrl: 'https://…' }";
    return [
      {
        code: 'unbound-connection',
        path: `environment "${environment}" › connections.${name}`,
        message: `must be of kind ${kind} for ${dagPath(dag)}, got ${got === undefined ? 'nothing' : `kind ${got}`}`,
        remedy:
          near === undefined || got !== undefined ? `write ${name}: ${line}` : `did you mean "${near}"?`,
        ...place(dag),
      },
    ];
  });
}

function notifierProblems(
  { name: environment, notifiers = {} }: DeployedEnvironment,
  dag: DagNode,
): readonly Problem[] {
  const places = [
    { callbacks: dag.callbacks, path: dagPath(dag), at: place(dag) },
    ...dag.tasks.map((task) => ({ callbacks: task.callbacks, path: taskPath(dag, task), at: place(task) })),
  ];
  return places.flatMap(({ callbacks, path, at }) =>
    namesIn(callbacks)
      .filter((name) => notifiers[name] === undefined)
      .map((name) => ({
        code: 'unbound-notifier',
        path: `environment "${environment}" › notifiers.${name}`,
        message: `must be bound for ${path}, got nothing`,
        remedy: remedyFor(name, Object.keys(notifiers)),
        ...at,
      })),
  );
}

function namesIn(callbacks: Callbacks | undefined): readonly string[] {
  return Object.values(callbacks ?? {}).flat();
}

function remedyFor(name: string, bound: readonly string[]): string {
  const near = nearest(name, bound);
  const line = `write ${name}: { kind: 'sns', email: ['oncall@example.com'] }`;
  return near === undefined ? line : `did you mean "${near}"? Else ${line}`;
}
