import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DefinitionError, RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import type { ScheduleOptions, ScheduleSimulation } from '../../local/virtual/schedule-simulation.ts';
import type { DagNode } from '../../model/dag.ts';
import { bundle } from '../../project/bundle.ts';
import { openBundle } from '../../project/open-bundle.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { measuredSeconds } from '../measured.ts';
import type { Context } from '../program.ts';
import { isError, openProject, type Project, printProblems } from '../project.ts';
import { renderSimulation, simulationDocument } from '../render-simulation.ts';

export interface SimulateOptions {
  readonly from?: string;
  readonly to?: string;
  /** Module that exports what tasks do and what happens. */
  readonly script?: string;
  /** Part of all tries that fail. */
  readonly faults?: string;
  readonly seed?: string;
  /** The DAGs are new at the beginning. */
  readonly fresh?: boolean;
}

/** Lets DAGs live through a range of time in virtual time, and shows what became of it. Fails where the ledger has mistakes. */
export async function simulate(
  context: Context,
  dagIds: readonly string[],
  options: SimulateOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const project = await openProject(context);
  const dags = chosen(context, project, dagIds);
  const written = options.script === undefined ? {} : await scriptIn(project.root, options.script);
  const { simulateSchedule } = await import('../../local/virtual/simulate-schedule.ts');
  const range = rangeOf(options);
  const faults = numberOf('faults', options.faults, (value) => value >= 0 && value < 1);
  const seed = numberOf('seed', options.seed, Number.isInteger);
  const simulation = await simulateSchedule({
    dags,
    ...range,
    ...written,
    scripts: { ...measuredScripts(project.root, dags), ...written.scripts },
    ...(faults === undefined ? {} : { faults }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
  });
  terminal.json(simulationDocument(simulation, range));
  terminal.print(renderSimulation(simulation, { dags, range, terminal }).join('\n'));
  return isSound(simulation) ? EXIT.ok : EXIT.failed;
}

function isSound({ problems, failures }: ScheduleSimulation): boolean {
  return problems.length === 0 && failures.length === 0;
}

function chosen(context: Context, project: Project, ids: readonly string[]): readonly DagNode[] {
  const all = project.dags.map(({ dag }) => dag.id);
  const missing = ids.find((id) => !all.includes(id));
  if (missing !== undefined) {
    const text = `tutti simulate › dag: must be the id of a DAG of this project, got "${missing}"; there are ${all.slice(0, 8).join(', ')}`;
    throw new RefusedError('unknown-dag', text);
  }
  const wanted = project.dags.filter(({ dag }) => ids.length === 0 || ids.includes(dag.id));
  const errors = wanted.flatMap(({ problems }) => problems.filter(isError));
  if (ids.length > 0 && errors.length > 0) throw new DefinitionError(errors);
  const others = project.problems.filter(isError);
  if (ids.length === 0 && others.length > 0) printProblems(others, context);
  return wanted.filter(({ problems }) => !problems.some(isError)).map(({ dag }) => dag);
}

type Written = Pick<ScheduleOptions, 'scripts' | 'events' | 'faults' | 'seed'>;

/** What a module exports as `script`, or by default. */
async function scriptIn(root: string, path: string): Promise<Written> {
  const file = resolve(path);
  const refused = (got: string) =>
    new RefusedError(
      'invalid-script',
      `tutti simulate › --script: must be a module that exports script = { scripts, events }, got ${got}`,
    );
  if (!existsSync(file)) throw refused(`no file at "${path}"`);
  const made = await bundle([file], root);
  if (made.problems.length > 0) throw new DefinitionError(made.problems);
  const { load } = await openBundle(made, root);
  const { exports, problems } = await load(file);
  if (problems.length > 0) throw new DefinitionError(problems);
  const found = exports['script'] ?? exports['default'];
  if (!isObject(found)) throw refused(`one that exports ${Object.keys(exports).join(', ') || 'nothing'}`);
  const { scripts, events } = found;
  if (scripts !== undefined && !isObject(scripts)) throw refused('scripts that are no object');
  if (events !== undefined && !Array.isArray(events)) throw refused('events that are no list');
  return found;
}

/** Tasks take as long as they did in the last run here that succeeded. */
function measuredScripts(root: string, dags: readonly DagNode[]): NonNullable<Written['scripts']> {
  const scripts = dags.flatMap(({ id }) => {
    const { seconds } = measuredSeconds(root, id);
    if (seconds.size === 0) return [];
    const tries = [...seconds].map(([task, durationSec]) => [task, [{ durationSec }]] as const);
    return [[id, Object.fromEntries(tries)] as const];
  });
  return Object.fromEntries(scripts);
}

const DAY_MS = 86_400_000;

/** From today on, for thirty days, where nothing else is said. */
function rangeOf({ from, to }: SimulateOptions): { readonly from: string; readonly to: string } {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const begin = from ?? isoText(today);
  const beginMs = Date.parse(begin);
  return { from: begin, to: to ?? isoText((Number.isNaN(beginMs) ? today : beginMs) + 30 * DAY_MS) };
}

function numberOf(
  flag: string,
  text: string | undefined,
  isGood: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && isGood(value)) return value;
  const rule = flag === 'faults' ? 'a number from 0 to below 1' : 'a whole number';
  throw new RefusedError('usage', `tutti simulate › --${flag}: must be ${rule}, got "${text}"`);
}
