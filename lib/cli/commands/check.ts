import { DefinitionError, type Problem } from '../../base/errors.ts';
import { boundsOf } from '../../compiler/bounds/bounds.ts';
import { boundProblems } from '../../compiler/bounds/problems.ts';
import { compile } from '../../compiler/compile.ts';
import { waitCycles } from '../../compiler/wait-cycles.ts';
import type { DagNode } from '../../model/dag.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { countProblems, problemsJson } from '../problems.ts';
import type { Context } from '../program.ts';
import { isError, openProject, printProblems } from '../project.ts';
import { unboundNotifiers } from '../unbound-notifiers.ts';
import { count } from '../words.ts';

/** Checks and compiles every DAG, and prints all mistakes at once. Fails when one is an error. */
export async function check(context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const { root, dags, problems: found, config } = await openProject(context);
  const sound = dags.filter(({ problems }) => !problems.some(isError));
  const problems = [
    ...found,
    ...sound.flatMap(({ dag }) => [...compileProblems(dag), ...unboundNotifiers(dag, config)]),
    ...waitCycles(sound.map(({ dag }) => dag)),
  ];
  const errors = problems.filter(isError).length;
  terminal.json({
    ok: errors === 0,
    dags: dags.map(({ dag }) => dag.id),
    problems: problemsJson(problems, root),
  });
  if (problems.length > 0) printProblems(problems, context);
  const verdict = `${count(dags.length, 'DAG')}, ${countProblems(problems)}`;
  if (errors > 0) terminal.warn(terminal.paint('red', `✕ ${verdict}`));
  else terminal.print(terminal.paint('green', `✓ ${verdict}`));
  return errors === 0 ? EXIT.ok : EXIT.failed;
}

/** What only the compiled DAG shows, such as a history that could grow too long. */
function compileProblems(dag: DagNode): readonly Problem[] {
  try {
    return boundProblems(dag, boundsOf(dag, compile(dag)));
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
}
