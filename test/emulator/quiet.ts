/** When nothing moves in an execution any more until somebody outside answers. */
import type { HistoryEvent } from '../../lib/asl/events.ts';
import type { MapState, ParallelState, State, StateMachine, States } from '../../lib/asl/states.ts';
import { type Fork, isFork, type Strand } from './strands.ts';

/** What an execution waits for: calls of functions, and task tokens. */
export interface Waiting {
  /** False while some strand has a next step of its own. */
  readonly isQuiet: boolean;
  /** Function calls that are not answered. */
  readonly calls: number;
}

/** One execution of a run. */
export interface Course {
  readonly events: readonly HistoryEvent[];
  readonly root: Strand;
  /** Executions that it started, by the ids of its `TaskSubmitted`. */
  readonly started: ReadonlyMap<number, Course>;
}

/** What the strands of a run wait for; `answered` are tokens that have been sent from outside. */
export function waitingOf(
  machines: readonly StateMachine[],
  course: Course,
  answered: readonly string[],
): Waiting {
  const states = machines.flatMap((machine) => allStates(machine.States));
  const counter = { calls: 0 };
  const reader = {
    last: new Set(states.filter(([, state]) => isLast(state)).map(([name]) => name)),
    containers: new Map(states.filter(isContainer)),
    sent: [...answered, ...sentTokens(course)],
    counter,
  };
  const isQuiet = restOf({ ...reader, course }, course.root) === 'waiting';
  return { isQuiet, calls: counter.calls };
}

interface Reader {
  /** Names of states that end their line of states. */
  readonly last: ReadonlySet<string>;
  /** What forks, by name. */
  readonly containers: ReadonlyMap<string, ParallelState | MapState>;
  /** Tokens that somebody has answered, or is about to. */
  readonly sent: readonly string[];
  readonly counter: { calls: number };
  /** The execution that is read. */
  readonly course: Course;
}

type Rest = 'ended' | 'waiting' | 'moving';

function restOf(reader: Reader, strand: Strand): Rest {
  const step = strand.steps.at(-1);
  if (step === undefined) return 'moving';
  return isFork(step) ? restOfFork(reader, strand, step) : restOfEvent(reader, strand, step);
}

/** A fork of which everything has ended is about to be joined, one with free places about to grow. */
function restOfFork(reader: Reader, strand: Strand, { inside }: Fork): Rest {
  const rests = inside.map((inner) => restOf(reader, inner));
  const ended = rests.filter((rest) => rest === 'ended').length;
  const isFull = inside.length >= placesIn(reader, strand, ended);
  return isFull && rests.includes('waiting') && !rests.includes('moving') ? 'waiting' : 'moving';
}

/** How many strands the fork at the end of `strand` has now, `ended` of them at their end. */
function placesIn({ containers }: Reader, { steps }: Strand, ended: number): number {
  const started = steps.findLast((step) => !isFork(step));
  const entered = steps.findLast((step) => !isFork(step) && step.type.endsWith('StateEntered'));
  if (started === undefined || entered === undefined || isFork(started) || isFork(entered)) return 0;
  const state = containers.get(String(entered.details['name']));
  if (state?.Type === 'Parallel') return state.Branches.length;
  const atOnce =
    typeof state?.MaxConcurrency === 'number' && state.MaxConcurrency > 0 ? state.MaxConcurrency : 40;
  return Math.min(Number(started.details['length'] ?? 0), ended + atOnce);
}

function restOfEvent(reader: Reader, strand: Strand, { id, type, details }: HistoryEvent): Rest {
  const { name, resource, resourceType } = details;
  if (type === 'TaskStarted' && resourceType === 'lambda') {
    reader.counter.calls += 1;
    return 'waiting';
  }
  if (type === 'TaskSubmitted' && String(resource).endsWith('.waitForTaskToken')) {
    return isAnswered(reader, strand) ? 'moving' : 'waiting';
  }
  const started = reader.course.started.get(id);
  if (started !== undefined)
    return restOf({ ...reader, course: started }, started.root) === 'waiting' ? 'waiting' : 'moving';
  if (type === 'MapIterationSucceeded') return 'ended';
  return type.endsWith('StateExited') && reader.last.has(String(name)) ? 'ended' : 'moving';
}

/** Whether the token that the strand's last task waits for has been sent. */
function isAnswered({ sent }: Reader, { steps }: Strand): boolean {
  const scheduled = steps.findLast((step) => !isFork(step) && step.type === 'TaskScheduled');
  const asked = scheduled === undefined || isFork(scheduled) ? '' : String(scheduled.details['parameters']);
  return sent.some((token) => asked.includes(token));
}

/** Tokens that states of the run itself send. */
function sentTokens({ events, started }: Course): readonly string[] {
  const own = events.flatMap(({ type, details }) => {
    if (type !== 'TaskScheduled' || !/^sendTask/.test(String(details['resource']))) return [];
    const { TaskToken } = JSON.parse(String(details['parameters']));
    return [String(TaskToken)];
  });
  return [...own, ...[...started.values()].flatMap(sentTokens)];
}

/** Every state by its name: names are unique in a machine, branches and iterations included. */
function allStates(states: States): readonly (readonly [string, State])[] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state] as const,
    ...insideOf(state).flatMap((inside) => allStates(inside)),
  ]);
}

function insideOf(state: State): readonly States[] {
  if (state.Type === 'Parallel') return state.Branches.map((branch) => branch.States);
  return state.Type === 'Map' ? [state.ItemProcessor.States] : [];
}

function isLast(state: State): boolean {
  return state.Type === 'Succeed' || state.Type === 'Fail' || ('End' in state && state.End === true);
}

function isContainer(entry: readonly [string, State]): entry is readonly [string, ParallelState | MapState] {
  return entry[1].Type === 'Parallel' || entry[1].Type === 'Map';
}
