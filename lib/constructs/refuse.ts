/** What is refused before anything is made. */
import { DefinitionError } from '../base/errors.ts';
import { usesDuckdb } from '../deployment/function-rights.ts';
import type { DagNode } from '../model/dag.ts';
import { connectionsOf } from './dags/dag.ts';
import { type DeployedEnvironment, settingOf } from './environment.ts';
import { duckdbFolders } from './native.ts';

/** @throws {DefinitionError} with all problems at once */
export function refuse(environment: DeployedEnvironment, dags: readonly DagNode[]): void {
  const setting = settingOf(environment);
  const usesIt = dags.some((dag) => Object.values(connectionsOf(dag, setting)).some(usesDuckdb));
  const problems = usesIt ? duckdbFolders(environment.name, setting.architecture).problems : [];
  if (problems.length > 0) throw new DefinitionError(problems);
}
