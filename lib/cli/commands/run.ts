import type { JsonObject } from '../../base/json.ts';
import { openEnvironment } from '../../local/open-environment.ts';
import { paramFromText } from '../../local/params.ts';
import { type RunOptions as LocalOptions, type RunOutcome, runDag } from '../../local/run.ts';
import type { DagNode } from '../../model/dag.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { guardRun } from '../guard-run.ts';
import { catchInterrupt } from '../interrupt.ts';
import type { Context } from '../program.ts';
import { findDag, type Project } from '../project.ts';
import { outcomeDocument, summaryLines } from '../summary.ts';
import { watchRun } from '../watch-run.ts';

export interface RunOptions {
  readonly logicalDate?: string;
  /** `name=value` each. */
  readonly param?: readonly string[];
  readonly isolate?: boolean;
}

/** Runs a DAG here to its end, showing it meanwhile, and says how it ended. */
export async function run(context: Context, dagId: string, options: RunOptions): Promise<ExitCode> {
  const { project, dag } = await findDag(context, dagId);
  const isolated = options.isolate === true ? await isolation(project) : undefined;
  const outcome = await watched(context, dag, {
    root: project.root,
    environment: await openEnvironment('local', project.config.environments['local']),
    params: paramsOf(dag, options.param ?? []),
    ...(options.logicalDate === undefined ? {} : { logicalDate: options.logicalDate }),
    ...(isolated === undefined ? {} : { runBody: isolated.runBody }),
  });
  await isolated?.close();
  const { terminal } = context;
  terminal.json(outcomeDocument(outcome));
  terminal.print(['', ...summaryLines(outcome, { project, dag, terminal })].join('\n'));
  return exitCodeOf(outcome);
}

/** Runs with progress on the terminal and Ctrl-C caught. */
async function watched(context: Context, dag: DagNode, options: LocalOptions): Promise<RunOutcome> {
  const interrupt = catchInterrupt(context.terminal);
  const guard = guardRun(context.terminal, interrupt);
  let unwatch = () => {};
  try {
    return await runDag(dag, {
      runBody: guard.runBody,
      ...options,
      signal: interrupt.signal,
      onStart: (run) => {
        guard.watch(run);
        unwatch = watchRun(run, context.terminal);
      },
    });
  } finally {
    unwatch();
    guard.close();
    interrupt.release();
  }
}

/** Functions in child processes of this very command line. */
async function isolation({ root }: Project) {
  const { childBodies } = await import('../../local/isolate/child-bodies.ts');
  return childBodies({ module: process.argv[1] ?? '', args: ['serve-task', '--root', root] });
}

function paramsOf(dag: DagNode, assignments: readonly string[]): JsonObject {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const at = assignment.indexOf('=');
      const name = assignment.slice(0, at);
      return [name, paramFromText(dag, name, assignment.slice(at + 1))];
    }),
  );
}

function exitCodeOf({ state, status }: RunOutcome): ExitCode {
  if (status === 'TIMED_OUT') return EXIT.timedOut;
  if (state === 'cancelled') return EXIT.interrupted;
  return state === 'success' ? EXIT.ok : EXIT.failed;
}
