import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { moduleFailures } from '../history/module-failure.ts';
import { silentFailure } from '../history/silent-failure.ts';
import type { TaskRun } from '../history/task-run.ts';
import type { RunOutcome } from '../local/run.ts';
import { type LoggedTry, logFile } from '../local/run-folder.ts';
import type { DagNode } from '../model/dag.ts';
import { commandName, shown } from './command-name.ts';
import { glyphOf, stateText } from './glyphs.ts';
import { instanceName } from './instances.ts';
import type { Project } from './project.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns, count, durationText } from './words.ts';

/** What a summary is about and where it is printed. */
export interface SummaryContext {
  readonly project: Project;
  readonly dag: DagNode;
  readonly terminal: Pick<Terminal, 'paint'>;
}

/** Most failed tasks that are told one by one. */
const MOST_FAILED = 10;

/** What a person wants to know when a run has ended: how, why, where the data is, what to type next. */
export function summaryLines(outcome: RunOutcome, context: SummaryContext): readonly string[] {
  const { paint } = context.terminal;
  const failed = [
    ...outcome.tasks.filter((task) => task.state === 'failed').flatMap((task) => failuresOf(task, outcome)),
    ...modulesOf(outcome),
  ];
  const hidden = failed.length - MOST_FAILED;
  const time = durationText(outcome.endMs - outcome.startMs);
  const facts = factsOf(outcome, context).map(([name, value]) => [`  ${paint('gray', name)}`, value]);
  return [
    `${stateText(outcome.state, paint)}  ${paint('bold', context.dag.id)} in ${time}`,
    ...(failed.length > 0 || outcome.error === undefined
      ? []
      : [`  ${paint('red', errorText(outcome.error, outcome.cause))}`]),
    ...failed.slice(0, MOST_FAILED).flatMap((each) => failureLines(each, outcome, context)),
    ...(hidden > 0 ? [`  and ${count(hidden, 'failed task')} more`] : []),
    ...columns(facts),
  ];
}

/** The run as the document of `--json`. */
export function outcomeDocument(outcome: RunOutcome): Readonly<Record<string, unknown>> {
  const { id, state, status, input, startMs, endMs, folder, simulated, transitions, error, cause } = outcome;
  return {
    run: {
      id,
      dag: input.run.dagId,
      state,
      status,
      logicalDate: input.run.logicalDate,
      interval: input.run.interval,
      params: input.params,
      startedAt: new Date(startMs).toISOString(),
      endedAt: new Date(endMs).toISOString(),
      durationMs: endMs - startMs,
      folder,
      simulated,
      transitions,
      error,
      cause,
    },
    tasks: outcome.tasks,
    modules: outcome.modules,
  };
}

/** A failed task, or a failed instance of one. */
interface Failed {
  readonly name: string;
  readonly tries: TaskRun['tries'];
  readonly log: LoggedTry;
  /** Where no try tells it. */
  readonly why?: string;
}

/** Maps and loops that failed by themselves; a mapped task is told as a task. */
function modulesOf({ manifest, modules, tasks }: RunOutcome): readonly Failed[] {
  const ids = new Set(tasks.map(({ id }) => id));
  return moduleFailures(manifest, modules)
    .filter(({ id }) => !ids.has(id))
    .map(({ id, why }) => ({ name: id, tries: [], log: { task: id, try: 0 }, why }));
}

/** Of a map the instances that failed themselves, else the task as a whole. */
function failuresOf(task: TaskRun, { input }: RunOutcome): readonly Failed[] {
  const { id, tries } = task;
  if (task.masked === true) {
    const why = `it failed in ${input.rerun?.of ?? 'the run before'}, and was not run again; to do so: --from ${id}`;
    return [{ name: id, tries, log: { task: id, try: 0 }, why }];
  }
  const failed = (task.items === undefined ? [] : (task.instances ?? [])).filter(
    ({ state }) => state === 'failed',
  );
  if (failed.length === 0) {
    const instance = task.instances?.at(-1)?.instance;
    return [{ name: id, tries, log: { task: id, try: tries.length, ...(instance ? { instance } : {}) } }];
  }
  return failed.map((run) => ({
    name: instanceName(id, run),
    tries: run.tries,
    log: { task: id, instance: run.instance, try: run.tries.length },
  }));
}

function failureLines(
  { name, tries, log, why: given }: Failed,
  { folder, manifest, modules }: RunOutcome,
  { terminal }: SummaryContext,
): readonly string[] {
  const { paint } = terminal;
  const count = tries.length > 1 ? ` after ${tries.length} tries` : '';
  const last = tries.at(-1);
  const module = moduleFailures(manifest, modules).find(({ id }) => id === log.task);
  const task = manifest.tasks.find(({ id }) => id === log.task);
  const machine = task === undefined ? undefined : silentFailure(task)?.why;
  const silent = tries.length === 0 ? (given ?? module?.why ?? machine) : undefined;
  const told = last?.error === undefined ? silent : errorText(last.error, last.cause);
  const why = told?.split('\n') ?? [];
  const file = logFile(folder, log);
  return [
    `  ${glyphOf('failed', paint)} ${name} failed${count}`,
    ...why.map((line) => `      ${paint('red', line)}`),
    ...(existsSync(file) ? [`      ${paint('gray', shown(file))}`] : []),
  ];
}

/** Every instance of every task that has some, one a line. */
export function instanceLines({ tasks }: RunOutcome, paint: Terminal['paint']): readonly string[] {
  const rows = tasks.flatMap(({ id, instances = [] }) =>
    instances.map((run) => {
      const { state, startMs, endMs, tries } = run;
      const last = tries.at(-1);
      return [
        `  ${glyphOf(state, paint)} ${instanceName(id, run)}`,
        startMs === undefined || endMs === undefined ? '' : durationText(endMs - startMs),
        tries.length > 1 ? `${tries.length} tries` : '',
        last?.error === undefined ? '' : paint('red', clip(errorText(last.error, last.cause), 100)),
      ];
    }),
  );
  return columns(rows);
}

function errorText(error: string, cause: string | undefined): string {
  return cause === undefined || cause === '' ? error : `${error}: ${clip(cause, 1000)}`;
}

function factsOf(outcome: RunOutcome, context: SummaryContext): readonly (readonly [string, string])[] {
  const { interval } = outcome.input.run;
  const instants = interval.start === interval.end ? interval.start : `${interval.start} to ${interval.end}`;
  const data = dataPaths(context);
  const command = commandName(context.project.root);
  const failed = outcome.tasks.find((task) => task.state === 'failed');
  return [
    ['run', outcome.id],
    ['interval', `${interval.date} (${instants})`],
    ...againOf(outcome),
    ['tasks', countByState(outcome.tasks)],
    ...(outcome.simulated.length === 0
      ? []
      : [['simulated', clip(outcome.simulated.join(', '), 100)] as const]),
    ...(data.length === 0 ? [] : [['data', data.map(shown).join(', ')] as const]),
    ['history', shown(outcome.folder)],
    ['next', `${command} logs ${outcome.id}${failed === undefined ? '' : ` ${failed.id}`}`],
  ];
}

/** Of a rerun: what ran again, of which run. */
function againOf({ input: { rerun } }: RunOutcome): readonly (readonly [string, string])[] {
  return rerun === undefined
    ? []
    : [['again', `${clip(rerun.tasks.join(', '), 100)} of ${rerun.of ?? 'the run before'}`]];
}

function countByState(tasks: readonly TaskRun[]): string {
  const plain = (_: unknown, text: string) => text;
  const [ran, kept] = [
    tasks.filter(({ masked }) => masked !== true),
    tasks.filter(({ masked }) => masked === true),
  ];
  const by = Map.groupBy(ran, (task) => task.state);
  const states = [...by].map(([state, { length }]) => `${length} ${stateText(state, plain).slice(2)}`);
  return [...states, ...(kept.length === 0 ? [] : [`${kept.length} kept`])].join(', ');
}

/** Folder of files and databases, those that exist. */
function dataPaths({ project, dag }: SummaryContext): readonly string[] {
  const { root, config } = project;
  const connections = config.environments['local']?.connections ?? {};
  const databases = dag.connections.flatMap(({ name }) => {
    const found = connections[name];
    return found?.kind === 'sql' ? [resolve(root, found.database ?? join('.tutti', `${name}.duckdb`))] : [];
  });
  return [join(root, '.tutti', 'data'), ...databases].filter((path) => existsSync(path));
}
