import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DefinitionError, type Problem, RefusedError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import type { DagNode } from '../model/dag.ts';
import { type Loaded, type LoadedDag, loadPipelines } from '../project/load.ts';
import { renderProblems } from './problems.ts';
import type { Context } from './program.ts';
import { count } from './words.ts';

/** The project's folder, absolute, with everything declared in it. */
export interface Project extends Loaded {
  readonly root: string;
}

/**
 * Loads the project of a command.
 *
 * @throws {RefusedError} `root-not-found` when the folder is none
 */
export async function openProject(context: Context): Promise<Project> {
  const root = rootOf(context);
  return { ...(await loadPipelines({ root })), root };
}

/**
 * The project's folder, absolute.
 *
 * @throws {RefusedError} `root-not-found` when it is none
 */
export function rootOf(context: Context): string {
  const root = resolve(context.root);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new RefusedError('root-not-found', `tutti › --root: must be a folder, got "${context.root}"`);
  }
  return root;
}

/**
 * The DAG called `dagId`. Warnings about it, and mistakes of files that could hide it, are printed.
 *
 * @throws {RefusedError} `unknown-dag`
 * @throws {DefinitionError} when the DAG itself has mistakes
 */
export async function findDag(
  context: Context,
  dagId: string,
): Promise<{ readonly project: Project; readonly dag: DagNode }> {
  const project = await openProject(context);
  const found = project.dags.find(({ dag }) => dag.id === dagId);
  if (found === undefined) throw unknownDag(context, project, dagId);
  if (found.problems.length > 0) printProblems(found.problems, context);
  const errors = found.problems.filter(isError);
  if (errors.length > 0) throw new DefinitionError(errors);
  return { project, dag: found.dag };
}

/** Prints problems for a person, on the standard error. */
export function printProblems(problems: readonly Problem[], { terminal, root }: Context): void {
  terminal.warn(problemsText(problems, { terminal, root: resolve(root) }));
}

/** Problems for a person, with the code they are about; `root` is absolute. */
export function problemsText(problems: readonly Problem[], { terminal, root }: Context): string {
  return renderProblems(problems, { color: terminal.color, root, readFile });
}

/** True for a problem that stops a DAG. */
export function isError(problem: Problem): boolean {
  return problem.severity !== 'warning';
}

function unknownDag(context: Context, project: Project, dagId: string): RefusedError {
  const ids = project.dags.map(({ dag }) => dag.id);
  const near = nearest(dagId, ids);
  const errors = project.problems.filter(
    (problem) => isError(problem) && !belongsToADag(problem, project.dags),
  );
  // It may be in a file that does not load: say what is wrong there.
  if (errors.length > 0) printProblems(errors, context);
  const remedy = [
    near === undefined ? '' : `did you mean "${near}"?`,
    near === undefined && ids.length > 0
      ? `there are ${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ' …' : ''}`
      : '',
    errors.length > 0 ? `${count(errors.length, 'mistake')} above may hide it` : '',
  ].filter(Boolean);
  const tail = remedy.length === 0 ? '' : `; ${remedy.join('; ')}`;
  return new RefusedError(
    'unknown-dag',
    `tutti › dag: must be the id of a DAG of this project, got "${dagId}"${tail}`,
  );
}

function belongsToADag(problem: Problem, dags: readonly LoadedDag[]): boolean {
  return dags.some(({ problems }) => problems.includes(problem));
}

function readFile(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
