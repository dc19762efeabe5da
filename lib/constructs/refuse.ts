/** What is refused before anything is made. */
import { DefinitionError, type Problem, problemText } from '../base/errors.ts';
import { checkDag } from '../compiler/check-dag.ts';
import { connectionsOf, usesDuckdb } from '../deployment/function-rights.ts';
import { unfitCalls } from '../engines/fit.ts';
import type { DagNode } from '../model/dag.ts';
import { environmentFaults } from '../project/config-shape.ts';
import { duckdbFolders } from './code/native.ts';
import { type DeployedEnvironment, settingOf } from './environment.ts';
import { bindingProblems } from './guards/bindings.ts';
import { nameProblems } from './guards/names.ts';
import { regionProblems } from './guards/region.ts';
import { definitionProblems } from './guards/sizes.ts';

/** @throws {DefinitionError} with all problems at once */
export function refuse(environment: DeployedEnvironment, dags: readonly DagNode[]): void {
  refuseAny([environment], dags);
}

/** @throws {DefinitionError} with all problems of all environments, those of DAGs themselves once */
export function refuseAny(environments: readonly DeployedEnvironment[], dags: readonly DagNode[]): void {
  const all = environments.flatMap((environment) => problemsOf(environment, dags));
  const problems = [...new Map(all.map((problem) => [problemText(problem), problem])).values()];
  if (problems.length > 0) throw new DefinitionError(problems);
}

function problemsOf(environment: DeployedEnvironment, dags: readonly DagNode[]): readonly Problem[] {
  const problems = [...configProblems(environment), ...dagProblems(dags)];
  // What is malformed cannot be asked more.
  if (problems.length > 0) return problems;
  return [
    ...regionProblems(environment),
    ...nameProblems(environment, dags),
    ...bindingProblems(environment, dags),
    ...definitionProblems(dags),
    ...nativeProblems(environment, dags),
    ...engineProblems(environment, dags),
  ];
}

function configProblems({ name, ...config }: DeployedEnvironment): readonly Problem[] {
  return environmentFaults(name, config).map(({ field, message, remedy }) => ({
    code: 'config',
    path: `environment "${name}"${field === '' ? '' : ` › ${field.slice(1)}`}`,
    message,
    remedy,
  }));
}

function dagProblems(dags: readonly DagNode[]): readonly Problem[] {
  return dags.flatMap((dag) => checkDag(dag).filter(({ severity }) => severity !== 'warning'));
}

function nativeProblems(environment: DeployedEnvironment, dags: readonly DagNode[]): readonly Problem[] {
  const setting = settingOf(environment);
  const usesIt = dags.some((dag) => Object.values(connectionsOf(dag, setting)).some(usesDuckdb));
  return usesIt ? duckdbFolders(environment.name, setting.architecture).problems : [];
}

/** What DAGs ask of connections that those of the environment cannot do. */
function engineProblems(environment: DeployedEnvironment, dags: readonly DagNode[]): readonly Problem[] {
  const { connections } = settingOf(environment);
  return dags.flatMap((dag) => unfitCalls(dag, { name: environment.name, connections }));
}
