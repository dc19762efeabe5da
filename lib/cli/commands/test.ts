import { RefusedError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { openEnvironment } from '../../local/open-environment.ts';
import type { RunOutcome } from '../../local/run.ts';
import type { Difference } from '../../local/twice/difference.ts';
import type { Scratch } from '../../local/twice/scratch.ts';
import type { TwiceOutcome } from '../../local/twice/twice.ts';
import type { DagNode } from '../../model/dag.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit.ts';
import { catchInterrupt } from '../interrupt.ts';
import { paramsOf } from '../params-of.ts';
import type { Context } from '../program.ts';
import { findDag, isError, openProject, type Project, printProblems } from '../project.ts';
import { clip, columns, count } from '../words.ts';

export interface TestOptions {
  readonly twice?: boolean;
  readonly logicalDate?: string;
  /** `name=value` each. */
  readonly param?: readonly string[];
  /** Runs in the project itself: its data changes. */
  readonly inPlace?: boolean;
}

/** What became of one DAG. */
type Tested =
  | ({ readonly dag: DagNode } & TwiceOutcome)
  | { readonly dag: DagNode; readonly refused: RefusedError };

/**
 * Runs a DAG, or every DAG, for one interval in a copy of the project; with `twice` once more, and compares what both
 * left and gave. Fails where a run fails, cannot be, or something differs.
 */
export async function test(
  context: Context,
  dagId: string | undefined,
  options: TestOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const { project, dags } = await chosen(context, dagId);
  const { projectItself, scratchProject } = await import('../../local/twice/scratch.ts');
  const environment = await openEnvironment('local', project.config.environments['local']);
  const place = options.inPlace === true ? projectItself : scratchProject;
  const scratch = await place(project.root, environment);
  const interrupt = catchInterrupt(terminal);
  const results: Tested[] = [];
  try {
    for (const dag of dags) {
      const tested = await tryDag(dag, scratch, { options, signal: interrupt.signal });
      results.push(tested);
      terminal.print(lines(tested, { options, terminal }).join('\n'));
      if (interrupt.signal.aborted) return EXIT.interrupted;
    }
  } finally {
    interrupt.release();
    await scratch.remove();
  }
  terminal.json({ dags: results.map(documentOf) });
  const [first] = results;
  if (dagId !== undefined && first !== undefined && 'refused' in first) return exitCodeOf(first.refused);
  return results.every(isSound) && !project.problems.some(isError) ? EXIT.ok : EXIT.failed;
}

async function chosen(
  context: Context,
  dagId: string | undefined,
): Promise<{ readonly project: Project; readonly dags: readonly DagNode[] }> {
  if (dagId !== undefined) {
    const { project, dag } = await findDag(context, dagId);
    return { project: { ...project, problems: [] }, dags: [dag] };
  }
  const project = await openProject(context);
  if (project.problems.length > 0) printProblems(project.problems, context);
  const sound = project.dags.filter(({ problems }) => !problems.some(isError));
  return { project, dags: sound.map(({ dag }) => dag) };
}

interface Asked {
  readonly options: TestOptions;
  readonly signal: AbortSignal;
}

async function tryDag(dag: DagNode, scratch: Scratch, { options, signal }: Asked): Promise<Tested> {
  const { runTwice } = await import('../../local/twice/twice.ts');
  const { logicalDate, param = [], twice } = options;
  try {
    const outcome = await runTwice(dag, scratch, {
      signal,
      once: twice !== true,
      params: paramsOf(dag, param),
      ...(logicalDate === undefined ? {} : { logicalDate }),
    });
    return { dag, ...outcome };
  } catch (error) {
    if (error instanceof RefusedError) return { dag, refused: error };
    throw error;
  }
}

function isSound(tested: Tested): boolean {
  if ('refused' in tested) return false;
  return (tested.second ?? tested.first).state === 'success' && tested.differences.length === 0;
}

interface Shown {
  readonly options: TestOptions;
  readonly terminal: Context['terminal'];
}

function lines(tested: Tested, { options, terminal }: Shown): readonly string[] {
  const { paint } = terminal;
  const head = (good: boolean, what: string) => {
    const name = paint('bold', tested.dag.id);
    return `${good ? paint('green', '✓') : paint('red', '✕')} ${name}  ${what}`;
  };
  if ('refused' in tested) return [head(false, `cannot run here: ${tested.refused.message}`)];
  const { first, second, differences } = tested;
  const date = first.input.run.logicalDate;
  const failed = [first, second].find((run) => run !== undefined && run.state !== 'success');
  if (failed !== undefined) {
    const which = failed === second ? 'the second run' : 'the run';
    return [head(false, `${date}: ${which} is ${failed.state}`), ...failureLines(failed)];
  }
  if (options.twice !== true) return [head(true, `${date}: success`)];
  if (differences.length === 0) return [head(true, `${date}: the same after a second run`)];
  const rows = differences.map(({ kind, name, got, by = [] }) => [
    `    ${paint('yellow', kind)}`,
    name,
    got,
    by.length === 0 || kind === 'value' || kind === 'state' ? '' : paint('gray', `by ${by.join(', ')}`),
  ]);
  return [
    head(false, `${date}: ${differs(differences)} after a second run`),
    ...columns(rows),
    paint('green', `    → ${REMEDY}`),
  ];
}

const REMEDY =
  'a task replaces what it wrote for the interval, and takes time from run.interval: any date may then run again';

function differs(differences: readonly Difference[]): string {
  return `${count(differences.length, 'thing')} ${differences.length === 1 ? 'differs' : 'differ'}`;
}

function failureLines({ tasks, error, cause }: RunOutcome): readonly string[] {
  const failed = tasks.filter(({ state }) => state === 'failed');
  const told = failed.map(({ id, tries }) => {
    const last = tries.at(-1);
    return `    ${id}: ${clip(`${last?.error ?? 'failed'}: ${last?.cause ?? ''}`, 300)}`;
  });
  if (told.length > 0) return told;
  return error === undefined ? [] : [`    ${clip(`${error}: ${cause ?? ''}`, 300)}`];
}

function documentOf(tested: Tested): JsonObject {
  const dag = tested.dag.id;
  const ok = isSound(tested);
  if ('refused' in tested)
    return { dag, ok, refused: { code: tested.refused.code, message: tested.refused.message } };
  const { first, second, differences } = tested;
  return {
    dag,
    ok,
    logicalDate: first.input.run.logicalDate,
    states: [first, second].flatMap((run) => (run === undefined ? [] : [run.state])),
    differences: differences.map((difference) => ({ ...difference })),
  };
}
