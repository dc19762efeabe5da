/** Part of a line of states as a machine of its own, and what takes its place in the line. */
import { expr, literal, member } from '../../asl/jsonata.ts';
import type { Branch, ChoiceRule, State, StateMachine, States } from '../../asl/states.ts';
import { compareTexts } from '../../base/compare.ts';
import { followers } from '../bounds/flow.ts';
import { INPUT } from '../conditions.ts';
import { without } from '../latch-item.ts';
import { auxiliary } from '../names.ts';
import { ledTo } from '../redirect.ts';
import { ANSWER, assigned, EXECUTION, startState, variablesText } from './start.ts';
import { assignedIn, chosen, namesIn } from './variables.ts';

/** Where a part comes from. */
export interface PartPlace {
  /** Key of its machine. */
  readonly part: string;
  readonly counters: readonly string[];
  /** Variables of the lines around. */
  readonly visible: ReadonlySet<string>;
  /** What the line begins with, as JSONata text: at the run's start its input, which is no state data. */
  readonly start: string;
  readonly seconds: number;
  /** Told of every state that is made. */
  readonly note: (name: string, role: string) => void;
}

export interface Divided {
  /** The line with the part's start in the place of what went into it. */
  readonly branch: Branch;
  readonly machine: StateMachine;
}

/** Key, in the state data, of the state to which a part leads on: what asks for it may have become part of another. */
function keyOf(place: PartPlace): string {
  return `@${numberOf(place)}`;
}

/** Takes the states `names` out of a line; no way leads into them again from where they lead. */
export function partOf(branch: Branch, names: ReadonlySet<string>, place: PartPlace): Divided {
  const [inside, outside] = [chosen(branch.States, names), chosen(branch.States, names, false)];
  const before = assignedIn(Object.values(outside));
  const given = [...assignedIn(Object.values(inside))].filter((name) => isReadIn(outside, name));
  const read = readIn(inside, new Set([...place.visible, ...before]));
  const cut: Cut = {
    inside,
    entries: entriesOf(branch, inside, outside),
    exits: exitsOf(inside),
    given,
    taken: [...new Set([...read, ...given.filter((name) => before.has(name))])].sort(compareTexts),
  };
  const starts = startsOf(branch, cut, place);
  const lead = (name: string) => starts.get(name)?.name ?? name;
  const rest = Object.entries(outside).map(([name, state]) => [name, ledTo(state, lead)] as const);
  const started = [...starts.values()].map(({ name, state }) => [name, state] as const);
  return {
    branch: {
      ...branch,
      StartAt: lead(branch.StartAt),
      States: { ...Object.fromEntries([...rest, ...started]), ...waysBehind(cut, place) },
    },
    machine: machineOf([begun(cut, place), { StartAt: '', States: ended(cut, place) }], place),
  };
}

/** A whole line as a part that gives what the line gives. */
export function partOfAll(branch: Branch, place: PartPlace): Divided {
  const taken = readIn(branch.States, place.visible);
  const name = nameOf(place)();
  place.note(name, 'nested');
  const state = startState({ ...place, data: INPUT, vars: taken });
  return {
    branch: { StartAt: name, States: { [name]: { ...state, Output: expr(ANSWER), End: true } } },
    machine: machineOf([beginState(taken, place, branch.StartAt), branch], place),
  };
}

interface Cut {
  readonly inside: States;
  /** States by which it is entered. */
  readonly entries: readonly string[];
  /** Where it leads to; `''`: the line's end. */
  readonly exits: readonly string[];
  /** Variables that it sets for those behind it. */
  readonly given: readonly string[];
  /** Variables that it is given. */
  readonly taken: readonly string[];
}

function machineOf(lines: readonly Branch[], { seconds }: PartPlace): StateMachine {
  const [{ StartAt } = { StartAt: '' }] = lines;
  return {
    QueryLanguage: 'JSONata',
    TimeoutSeconds: seconds,
    StartAt,
    States: Object.assign({}, ...lines.map(({ States }) => States)),
  };
}

function numberOf({ part }: PartPlace): string {
  return part.replace(/^\D+/, '');
}

/** `part 3`, `part 3 · begin`: no task has such an id. */
function nameOf(place: PartPlace): (role?: string) => string {
  const number = numberOf(place);
  return (role) => (role === undefined ? `part ${number}` : auxiliary(`part ${number}`, role));
}

/** States by which it is entered: from the states that stay, or at the line's start. */
function entriesOf(branch: Branch, inside: States, outside: States): readonly string[] {
  const led = new Set([branch.StartAt, ...Object.values(outside).flatMap(followers)]);
  return Object.keys(inside).filter((name) => led.has(name));
}

/** Where it leads to; `''`: the line's end. */
function exitsOf(inside: States): readonly string[] {
  const exits = new Set<string>();
  for (const state of Object.values(inside)) {
    for (const name of followers(state)) if (inside[name] === undefined) exits.add(name);
    if (endsLine(state)) exits.add('');
  }
  return [...exits];
}

function endsLine(state: State): boolean {
  return state.Type === 'Succeed' || ('End' in state && state.End === true);
}

function isReadIn(states: States, name: string): boolean {
  return namesIn(Object.values(states)).has(name);
}

function readIn(states: States, visible: ReadonlySet<string>): readonly string[] {
  return [...namesIn(Object.values(states))].filter((name) => visible.has(name)).sort(compareTexts);
}

/** By entry, the state that starts the part there. */
function startsOf(
  branch: Branch,
  { entries, exits, given, taken }: Cut,
  place: PartPlace,
): ReadonlyMap<string, { readonly name: string; readonly state: State }> {
  const [only = ''] = exits;
  const data = `${ANSWER}.data`;
  const to = literal(keyOf(place));
  const way =
    exits.length > 1
      ? { Output: expr(`$merge([${data}, {${to}: ${ANSWER}.\`@to\`}])`), Next: nameOf(place)('way') }
      : { Output: expr(data), ...(only === '' ? { End: true as const } : { Next: only }) };
  return new Map(
    entries.map((entry, index) => {
      const name = nameOf(place)(index === 0 ? undefined : `from ${index + 1}`);
      place.note(name, 'nested');
      const started = startState({
        ...place,
        data: entry === branch.StartAt ? place.start : INPUT,
        vars: taken,
        ...(entries.length > 1 ? { at: entry } : {}),
      });
      return [entry, { name, state: { ...started, ...assigned(given, `${ANSWER}.vars`), ...way } }];
    }),
  );
}

/** Behind a part that leads to several states: which one, it said. */
function waysBehind({ exits }: Cut, place: PartPlace): States {
  if (exits.length < 2) return {};
  const named = nameOf(place);
  const data = expr(without(keyOf(place)));
  const target = (name: string) => (name === '' ? named('end') : name);
  const [last = '', ...others] = exits.toReversed();
  const rules = others.map(
    (name): ChoiceRule => ({
      Condition: expr(`${member(INPUT, keyOf(place))} = ${literal(name)}`),
      Output: data,
      Next: target(name),
    }),
  );
  place.note(named('way'), 'way behind a part');
  const way: State = { Type: 'Choice', Choices: rules, Output: data, Default: target(last) };
  if (!exits.includes('')) return { [named('way')]: way };
  place.note(named('end'), 'end');
  return { [named('way')]: way, [named('end')]: { Type: 'Succeed' } };
}

/** What it begins with: its variables and state data, then the state at which it is entered. */
function begun({ entries, taken }: Cut, place: PartPlace): Branch {
  const [first = '', ...others] = entries;
  if (others.length === 0) return beginState(taken, place, first);
  const enter = nameOf(place)('enter');
  place.note(enter, 'enter a part');
  const rules = others.map((name) => ({ Condition: expr(`${EXECUTION}.at = ${literal(name)}`), Next: name }));
  const begin = beginState(taken, place, enter);
  return {
    ...begin,
    States: { ...begin.States, [enter]: { Type: 'Choice', Choices: rules, Default: first } },
  };
}

/** Its states, every way out of which ends in one that says where it leads and hands over. */
function ended({ inside, exits, given }: Cut, place: PartPlace): States {
  const named = nameOf(place);
  const names = new Map(exits.map((exit, index) => [exit, named(index === 0 ? 'out' : `out ${index + 1}`)]));
  const vars = given.length === 0 ? '' : `, "vars": ${variablesText(given)}`;
  const outs = [...names].map(([exit, name]): readonly [string, State] => {
    place.note(name, 'way out of a part');
    const to = exits.length > 1 ? `"@to": ${literal(exit)}, ` : '';
    return [name, { Type: 'Pass', Output: expr(`{${to}"data": ${INPUT}${vars}}`), End: true }];
  });
  const end = names.get('') ?? '';
  const led = Object.entries(inside).map(
    ([name, state]) => [name, ledTo(goingOn(state, end), (to) => names.get(to) ?? to)] as const,
  );
  return Object.fromEntries([...led, ...outs]);
}

/** The state leading on where it ended its line. */
function goingOn(state: State, next: string): State {
  if (state.Type === 'Succeed') {
    const { Type: _, ...rest } = state;
    return { Type: 'Pass', Output: expr(INPUT), ...rest, Next: next };
  }
  if (!('End' in state) || state.End !== true) return state;
  const { End: _, ...rest } = state;
  return { ...rest, Next: next };
}

function beginState(vars: readonly string[], place: PartPlace, next: string): Branch {
  const name = nameOf(place)('begin');
  place.note(name, 'begin a part');
  return {
    StartAt: name,
    States: {
      [name]: { Type: 'Pass', ...assigned(vars, `${INPUT}.vars`), Output: expr(`${INPUT}.data`), Next: next },
    },
  };
}
