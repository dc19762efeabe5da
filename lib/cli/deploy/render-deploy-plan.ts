/** A deployment's plan for a person at a terminal. */
import type { Terminal } from '../terminal.ts';
import { clip, count } from '../words.ts';
import type { Changed } from './dag-changes.ts';
import type { Appearing, DeployPlan, Dollars, PlannedDag } from './deploy-plan.ts';
import { partsText, versionText } from './version-change.ts';

type Paint = Pick<Terminal, 'paint'>;

const SIGNS = { added: '+', changed: '~', removed: '−' } as const;
const COLOURS = { added: 'green', changed: 'yellow', removed: 'red' } as const;

/** Lines of what changes of a DAG that a person reads; the rest is in `--json`. */
const MOST_LINES = 12;
/** Runs of a DAG likewise. */
const MOST_RUNS = 5;

export function renderDeployPlan(plan: DeployPlan, terminal: Paint): string {
  const { dags, environment, monthly } = plan;
  if (dags.length === 0)
    return `nothing changes in ${environment}, about ${dollarText(monthly.after)} a month`;
  const counts = (['added', 'changed', 'removed'] as const).map((change) => {
    const of = dags.filter((each) => each.change === change).length;
    return of === 0 ? [] : [`${of} ${change}${change === 'changed' ? aloneText(dags) : ''}`];
  });
  return [
    `${terminal.paint('bold', environment)}: ${counts.flat().join(', ')}`,
    ...dags.map((dag) => dagText(dag, terminal)),
    `a month: ${changeText(monthly)} for runs that succeed at once`,
  ].join('\n');
}

/** ` (3 by code alone)`: those of which nothing is told but the version. */
function aloneText(dags: readonly PlannedDag[]): string {
  const parts = dags.flatMap(({ isVersionAlone, version }) =>
    isVersionAlone && version !== undefined ? [partsText(version)] : [],
  );
  const counts = [...Map.groupBy(parts, (text) => text)].map(
    ([text, each]) => `${each.length} by ${text} alone`,
  );
  return counts.length === 0 ? '' : ` (${counts.join(', ')})`;
}

function dagText(dag: PlannedDag, { paint }: Paint): string {
  const changes = [
    ...(dag.change === 'changed' && dag.version !== undefined ? [`~ ${versionText(dag.version)}`] : []),
    ...changedLines('task', dag.tasks),
    ...changedLines('edge', dag.edges),
    ...changedLines('schedule', dag.schedules),
    ...changedLines('permission', dag.permissions),
    ...dag.settings.map((name) => `~ ${name}`),
  ];
  const runs = dag.inFlight.map(
    ({ run, state, version }) => `  run ${run} is ${state} and keeps version ${version}`,
  );
  // What follows from the changes is told whatever their number.
  const lines = [
    ...atMost(MOST_LINES, changes),
    ...intervalLines(dag.intervals),
    ...atMost(MOST_RUNS, runs),
    ...(dag.monthly.before === dag.monthly.after ? [] : [`  a month: ${changeText(dag.monthly)}`]),
  ];
  const title = paint(COLOURS[dag.change], `${SIGNS[dag.change]} ${dag.dagId}`);
  return [title, ...lines.map((line) => `  ${clip(line, 120)}`)].join('\n');
}

function atMost(most: number, lines: readonly string[]): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `  and ${lines.length - most + 1} more (--json has them all)`];
}

function changedLines(what: string, changed: Changed): readonly string[] {
  return (['added', 'removed', 'changed'] as const).flatMap((kind) =>
    changed[kind].map((name) => `${SIGNS[kind]} ${what} ${name}`),
  );
}

function intervalLines({ first, last, count: many, more }: Appearing): readonly string[] {
  if (many === 0) return [];
  const range = first === last ? `${first}` : `${first} … ${last}`;
  return [
    `  ${more ? 'more than ' : ''}${count(many, 'interval')} ${many === 1 ? 'gets' : 'get'} a run at once: ${range}`,
  ];
}

function changeText({ before, after }: Dollars): string {
  return before === after ? dollarText(after) : `${dollarText(before)} → ${dollarText(after)}`;
}

/** Two digits that say something. */
function dollarText(dollars: number): string {
  if (dollars === 0 || dollars >= 0.1) return `$${dollars.toFixed(2)}`;
  return `$${Number(dollars.toPrecision(2))}`;
}
