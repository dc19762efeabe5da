/** What a simulation of schedules shows a person. */
import { DOLLARS_PER_TRANSITION } from '../asl/limits.ts';
import type { ScheduleSimulation } from '../local/virtual/schedule-simulation.ts';
import type { DagNode } from '../model/dag.ts';
import type { Terminal } from './terminal.ts';
import { columns, count } from './words.ts';

export interface SimulationFacts {
  readonly dags: readonly DagNode[];
  readonly range: { readonly from: string; readonly to: string };
  readonly terminal: Pick<Terminal, 'paint'>;
}

/** A condition that found none of the outputs it asks about. */
const NO_ANSWER = 'Dag.NoAnswer';

/** Most messages and kinds of intervals that are told one by one. */
const MOST = 10;
const DAYS_PER_MONTH = 365.2425 / 12;
const DAY_MS = 86_400_000;

export function renderSimulation(
  simulation: ScheduleSimulation,
  { dags, range, terminal: { paint } }: SimulationFacts,
): readonly string[] {
  const { messages, problems, failures } = simulation;
  const months = monthsOf(range);
  const titles = TITLES.map((title) => paint('gray', title));
  const rows = dags.map(({ id }) => dagRow(simulation, id, months));
  const held = heldLines(simulation);
  return [
    `${range.from} to ${range.to}`,
    '',
    ...columns([titles, ...rows]),
    '',
    `${count(simulation.runs.length, 'run')}, ${count(simulation.transitions, 'transition')}, ${dollars(simulation.dollars / months)} a month`,
    ...section('intervals without a run', held, paint),
    ...section(
      'messages',
      messages.map(({ at, subject }) => `${at}  ${subject}`),
      paint,
    ),
    ...(simulation.runs.some(({ error }) => error === NO_ANSWER)
      ? ['', `outputs are empty where nothing says them: ${paint('bold', '--script')} gives conditions some`]
      : []),
    ...section('mistakes', [...problems.map(({ dagId, text }) => `${dagId}: ${text}`), ...failures], paint),
  ];
}

/** The document of `--json`. */
export function simulationDocument(
  { world: _, ...simulation }: ScheduleSimulation,
  range: SimulationFacts['range'],
): Readonly<Record<string, unknown>> {
  return { ...range, ...simulation, dollarsPerMonth: simulation.dollars / monthsOf(range) };
}

const TITLES = ['dag', 'runs', 'success', 'failed', 'other', 'late', 'retries', 'transitions', '$ a month'];

function dagRow({ runs }: ScheduleSimulation, dagId: string, months: number): readonly string[] {
  const own = runs.filter((run) => run.dagId === dagId);
  const among = (state: string) => own.filter((run) => run.state === state).length;
  const [success, failed] = [among('success'), among('failed')];
  const retries = own.flatMap(({ tasks }) => Object.values(tasks).map(({ tries }) => Math.max(0, tries - 1)));
  const transitions = own.reduce((sum, run) => sum + (run.transitions ?? 0), 0);
  const numbers = [
    own.length,
    success,
    failed,
    own.length - success - failed,
    own.filter(({ late }) => late).length,
    retries.reduce((sum, each) => sum + each, 0),
    transitions,
  ];
  return [
    dagId,
    ...numbers.map((each) => each.toLocaleString('en-US')),
    dollars((transitions * DOLLARS_PER_TRANSITION) / months),
  ];
}

/** Reasons with how many intervals they hold, and of which dates. */
function heldLines({ intervals }: ScheduleSimulation): readonly string[] {
  const without = intervals.filter(({ run }) => run === undefined);
  const groups = Map.groupBy(without, ({ dagId, code }) => `${dagId}: ${code}`);
  return [...groups.values()].map((some) => {
    const [first] = some;
    const last = some.at(-1);
    const dates = some.length === 1 ? first?.logicalDate : `${first?.logicalDate} … ${last?.logicalDate}`;
    return `${first?.dagId}  ${count(some.length, 'interval')} (${dates}): ${first?.text}`;
  });
}

function section(title: string, lines: readonly string[], paint: Terminal['paint']): readonly string[] {
  if (lines.length === 0) return [];
  const hidden = lines.length - MOST;
  return [
    '',
    `${paint('bold', title)} (${lines.length})`,
    ...lines.slice(0, MOST).map((line) => `  ${line}`),
    ...(hidden > 0 ? [`  and ${hidden.toLocaleString('en-US')} more`] : []),
  ];
}

function monthsOf({ from, to }: SimulationFacts['range']): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS / DAYS_PER_MONTH;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 4 : 2)}`;
}
