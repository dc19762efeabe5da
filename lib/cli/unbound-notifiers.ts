/** Notifiers that no environment of `tutti.config.ts` says anything about: too late to find out when something failed. */
import type { Problem } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';
import { dagPath, place, taskPath } from '../compiler/rules/rule.ts';
import type { Callbacks, DagNode } from '../model/dag.ts';
import type { TuttiConfig } from '../model/environment.ts';
import { CONFIG_FILE } from '../project/config-file.ts';

/** A warning for each notifier of a DAG that is bound nowhere, at the first place that names it. */
export function unboundNotifiers(dag: DagNode, { environments }: TuttiConfig): readonly Problem[] {
  const bound = Object.values(environments).flatMap((environment) =>
    isObject(environment) ? Object.keys(environment['notifiers'] ?? {}) : [],
  );
  const named = new Map<string, Omit<Problem, 'code' | 'message' | 'remedy'>>();
  const look = (
    callbacks: Callbacks | undefined,
    path: (field: string) => string,
    at: Pick<Problem, 'at'>,
  ) => {
    for (const [field, names] of Object.entries(callbacks ?? {}))
      for (const name of names) if (!named.has(name)) named.set(name, { path: path(field), ...at });
  };
  look(dag.callbacks, (field) => dagPath(dag, field), place(dag));
  for (const task of dag.tasks) look(task.callbacks, (field) => taskPath(dag, task, field), place(task));
  return [...named]
    .filter(([name]) => !bound.includes(name))
    .map(([name, where]) => ({ ...where, ...problemOf(name, bound, Object.keys(environments)[0]) }));
}

function problemOf(name: string, bound: readonly string[], environment: string | undefined) {
  const key = /^[A-Za-z]\w*$/.test(name) ? name : `'${name}'`;
  const line = `notifiers: { ${key}: { kind: 'webhook', url: 'https://…' } }`;
  const place =
    environment === undefined
      ? `write export const config = defineConfig({ environments: { local: { ${line} } } }) in ${CONFIG_FILE}`
      : `write ${line} in environments.${environment} of ${CONFIG_FILE}`;
  const near = nearest(name, bound);
  return {
    code: 'unbound-notifier',
    severity: 'warning' as const,
    message: `must be bound in ${CONFIG_FILE}, got "${name}", which no environment has: its messages go to the console`,
    remedy: near === undefined ? place : `did you mean "${near}"? Else ${place}`,
  };
}
