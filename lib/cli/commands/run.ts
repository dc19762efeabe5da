import { openEnvironment } from '../../local/open-environment.ts';
import { type RunOptions as LocalOptions, type RunOutcome, runDag } from '../../local/run.ts';
import type { DagNode } from '../../model/dag.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { guardRun } from '../guard-run.ts';
import { catchInterrupt } from '../interrupt.ts';
import { isolatedBodies } from '../isolated-bodies.ts';
import { paramsOf } from '../params-of.ts';
import type { Context } from '../program.ts';
import { findDag } from '../project.ts';
import { askLines } from '../questions.ts';
import { type RerunPlan, rerunPlan } from '../rerun-plan.ts';
import { instanceLines, outcomeDocument, summaryLines } from '../summary.ts';
import { watchRun } from '../watch-run.ts';
import { columns, count } from '../words.ts';

export interface RunOptions {
  readonly logicalDate?: string;
  /** `name=value` each. */
  readonly param?: readonly string[];
  readonly isolate?: boolean;
  /** Tasks of the last run of the date that run again: `load`, `load+` with everything below. */
  readonly only?: readonly string[];
  /** The same with everything below. */
  readonly from?: readonly string[];
  /** Says what would run again, and runs nothing. */
  readonly dryRun?: boolean;
  /** Lists every instance of every task at the end. */
  readonly instances?: boolean;
}

/** Runs a DAG here to its end, showing it meanwhile, and says how it ended. */
export async function run(context: Context, dagId: string, options: RunOptions): Promise<ExitCode> {
  const { project, dag } = await findDag(context, dagId);
  const again = rerunPlan(project.root, dag, options);
  if (options.dryRun === true) return tellPlan(context, dag, again);
  const isolated = options.isolate === true ? await isolatedBodies(project.root) : undefined;
  const outcome = await watched(context, dag, {
    root: project.root,
    environment: await openEnvironment('local', project.config.environments['local']),
    params: paramsOf(dag, options.param ?? []),
    ...(options.logicalDate === undefined ? {} : { logicalDate: options.logicalDate }),
    ...again?.options,
    ...(isolated === undefined ? {} : { runBody: isolated.runBody }),
  });
  await isolated?.close();
  const { terminal } = context;
  terminal.json(outcomeDocument(outcome));
  const instances = options.instances === true ? ['', ...instanceLines(outcome, terminal.paint)] : [];
  const summary = summaryLines(outcome, { project, dag, terminal });
  terminal.print([...instances, '', ...summary].join('\n'));
  return exitCodeOf(outcome);
}

function tellPlan({ terminal }: Context, dag: DagNode, again: RerunPlan | undefined): ExitCode {
  const tasks = again?.options.rerun.tasks ?? dag.tasks.map(({ id }) => id);
  const kept = again?.kept ?? [];
  terminal.json({ dag: dag.id, of: again?.options.rerun.of, runs: tasks, keeps: kept });
  const rows = [
    ...tasks.map((id) => [`  ${terminal.paint('green', 'runs')}`, id, '']),
    ...kept.map(({ task, state }) => [`  ${terminal.paint('gray', 'keeps')}`, task, state]),
  ];
  terminal.print([`${count(tasks.length, 'task')} would run`, ...columns(rows)].join('\n'));
  return EXIT.ok;
}

/** Runs with progress on the terminal and Ctrl-C caught. */
async function watched(context: Context, dag: DagNode, options: LocalOptions): Promise<RunOutcome> {
  const interrupt = catchInterrupt(context.terminal);
  const guard = guardRun(context.terminal, interrupt);
  let unwatch = () => {};
  let runId = '';
  try {
    return await runDag(dag, {
      runBody: guard.runBody,
      ...options,
      signal: interrupt.signal,
      onStart: (run) => {
        runId = run.id;
        guard.watch(run);
        unwatch = watchRun(run, context.terminal);
      },
      onAsk: (question) => {
        const { terminal } = context;
        terminal.warn(askLines(question, runId, { root: options.root, terminal }).join('\n'));
      },
    });
  } finally {
    unwatch();
    guard.close();
    interrupt.release();
  }
}

function exitCodeOf({ state, status }: RunOutcome): ExitCode {
  if (status === 'TIMED_OUT') return EXIT.timedOut;
  if (state === 'cancelled') return EXIT.interrupted;
  return state === 'success' ? EXIT.ok : EXIT.failed;
}
