/** One run of one scenario on one target, moved on from quiet moment to quiet moment, and what was seen of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json, JsonObject } from '../../lib/base/json.ts';
import { project } from '../../lib/history/project.ts';
import type { Try } from '../../lib/history/task-run.ts';
import type { RunInput } from '../../lib/model/run-input.ts';
import { courseOf, runEvents } from './courses.ts';
import { type Lines, linesOf, withoutLatches } from './lines.ts';
import { Pace } from './pace.ts';
import { type Course, waitingOf } from './quiet.ts';
import type { Scenario } from './scenarios.ts';
import { TABLE, type Target } from './target.ts';

/** What is compared: nothing in it depends on the time or on ids. */
export interface Observation {
  readonly status: string;
  readonly error: string;
  readonly cause: string;
  readonly output: string;
  /** Task → state and tries, as the project reads them from the history. */
  readonly tasks: JsonObject;
  readonly modules: JsonObject;
  /** What was answered at each quiet moment, and what waited beside it. */
  readonly order: readonly string[];
  /** What each function was given, in the order of answers. */
  readonly given: readonly string[];
  readonly history: Lines;
}

/** Runs that are under way, by the name of their functions. */
export type Runs = Map<string, Pace>;

/** Longest time that a run may take, with retries of a second and other runs beside it. */
const PATIENCE_MS = 90_000;

/** Between two looks at a history where no quiet moment is likely: looking is work for the other side. */
const LOOK_MS = 300;

/**
 * Runs a scenario on a target that has a name of its own. `expected` is what was seen on another one.
 *
 * @throws {Error} when the run stops moving
 */
export async function drive(
  scenario: Scenario,
  { target, runs }: { readonly target: Target; readonly runs: Runs },
  expected?: Observation,
): Promise<Observation> {
  const { definition, parts = {}, manifest } = scenario.compiled;
  const functions = `${scenario.id}-${target.name}`;
  const pace = new Pace(scenario, target, expected?.order);
  runs.set(functions, pace);
  const machines = await target.machines(parts);
  const input = inputOf(scenario, functions, machines);
  const executionArn = await target.start(definition, crypto.randomUUID(), input);
  const course = await ended(scenario, pace, () => courseOf(target.client, executionArn));
  runs.delete(functions);
  const { status = '', error = '', cause = '', output = '' } = await target.ended(executionArn);
  const { tasks, modules } = project(manifest, runEvents(course));
  return {
    status,
    error,
    cause,
    output,
    tasks: told(tasks),
    modules: told(modules),
    order: pace.order,
    given: pace.given,
    history: scenario.rerun === undefined ? linesOf(course) : withoutLatches(linesOf(course)),
  };
}

/** Answers calls until the execution has ended; gives its whole course. */
async function ended(
  { compiled: { definition, parts = {} }, title }: Scenario,
  pace: Pace,
  look: () => Promise<Course>,
): Promise<Course> {
  const machines = [definition, ...Object.values(parts)];
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const course = await look();
    if (/^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(course.events.at(-1)?.type ?? ''))
      return course;
    const { isQuiet, calls } = waitingOf(machines, course, pace.sent);
    if (isQuiet && calls === pace.calls && pace.waiting > 0) await pace.answerNext();
    else if (Date.now() > until) throw new Error(`${title}: stuck, ${stuck(course, pace)}`);
    const again = Date.now() + LOOK_MS;
    do await sleep(15);
    while (!pace.isDue && Date.now() < again);
  }
}

interface Told {
  readonly id: string;
  readonly state: string;
  readonly tries?: readonly Try[];
  readonly instances?: readonly {
    readonly instance: string;
    readonly state: string;
    readonly tries?: readonly Try[];
  }[];
}

function told(runs: readonly Told[]): JsonObject {
  const entries = runs.flatMap(({ id, instances = [], ...own }): [string, Json][] => [
    [id, stateAndTries(own)],
    ...instances.map((each): [string, Json] => [`${id}@${each.instance}`, stateAndTries(each)]),
  ]);
  return Object.fromEntries(entries);
}

function stateAndTries({ state, tries = [] }: Pick<Told, 'state' | 'tries'>): string {
  return [state, ...tries.map((one) => `${one.state} ${one.error ?? ''}`.trim())].join(', ');
}

function stuck({ events }: Course, pace: Pace): string {
  const last = events
    .slice(-8)
    .map(({ type, details }) => `${type} ${String(details['name'] ?? details['resource'] ?? '')}`);
  return `${pace.waiting} answers due after ${events.length} events; the last: ${last.join(' · ')}`;
}

function inputOf(
  { compiled: { manifest }, rerun }: Scenario,
  functions: string,
  machines: Readonly<Record<string, string>>,
): RunInput {
  return {
    run: {
      id: functions,
      dagId: manifest.dagId,
      attempt: '1',
      logicalDate: '2026-01-01T00:00:00Z',
      interval: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', date: '2026-01-01' },
      table: TABLE,
      expires: '4102444800',
      fns: { main: functions, pool: functions },
      ...(Object.keys(machines).length === 0 ? {} : { machines }),
    },
    params: {},
    ...(rerun === undefined ? {} : { rerun }),
  };
}
