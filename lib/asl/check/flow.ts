/** Where states lead: targets, ends, reachability. */
import { isObject, type JsonObject } from '../../base/json.ts';
import { type Container, statePath } from './container.ts';
import type { Findings } from './finding.ts';

/** One way out of a state, and the part of it that assigns on that way. */
export interface Edge {
  readonly target: string;
  /** Below the state's path: `Next`, `Choices[0]/Next`. */
  readonly at: string;
  /** The object whose `Assign` takes effect. */
  readonly by: JsonObject;
}

/** The ways out of a state to other states, as written. */
export function edgesOf(state: JsonObject): readonly Edge[] {
  const edges: Edge[] = [];
  const add = (by: JsonObject, field: string, prefix = '') => {
    const target = by[field];
    if (typeof target === 'string') edges.push({ target, at: `${prefix}${field}`, by });
  };
  const addEach = (list: 'Choices' | 'Catch') => {
    const items: readonly unknown[] = Array.isArray(state[list]) ? state[list] : [];
    items.forEach((item, index) => {
      if (isObject(item)) add(item, 'Next', `${list}[${index}]/`);
    });
  };
  if (state['Type'] === 'Choice') {
    addEach('Choices');
    add(state, 'Default');
  } else {
    add(state, 'Next');
    addEach('Catch');
  }
  return edges;
}

/** Checks the transitions of one container. */
export function checkFlow(container: Container, findings: Findings): void {
  checkTargets(container, findings);
  const start = container.object['StartAt'];
  const known = typeof start === 'string' && container.states.has(start);
  if (typeof start === 'string' && !known)
    findings.refuse(
      `${container.path}/StartAt`,
      `Missing 'Next' target: ${start}`,
      'MISSING_TRANSITION_TARGET',
    );
  if (container.states.size === 0) return;
  const terminal = [...container.states].filter(([, state]) => isTerminal(state)).map(([name]) => name);
  if (terminal.length === 0 && container.parent === undefined) {
    // AWS says nothing of reachability then.
    findings.refuse('/', 'Workflow has no terminal state', 'MISSING_END_STATE');
    return;
  }
  const reached = known ? closure([start], forward(container)) : new Set<string>();
  for (const name of container.states.keys())
    if (!reached.has(name))
      findings.refuse(
        statePath(container, name),
        `State "${name}" is not reachable.`,
        'MISSING_TRANSITION_TARGET',
      );
  const ending = closure(terminal, backward(container));
  const trapped = [...reached].find((name) => !ending.has(name));
  if (trapped !== undefined)
    findings.warn(
      statePath(container, trapped),
      `No terminal state can be reached from "${trapped}"`,
      'ENDLESS_LOOP',
    );
}

function checkTargets(container: Container, findings: Findings): void {
  for (const [name, state] of container.states)
    for (const { target, at } of edgesOf(state))
      if (!container.states.has(target))
        // AWS says 'Next' for every kind of target.
        findings.refuse(
          `${statePath(container, name)}/${at}`,
          `Missing 'Next' target: ${target}`,
          'MISSING_TRANSITION_TARGET',
        );
}

function isTerminal(state: JsonObject): boolean {
  return state['Type'] === 'Succeed' || state['Type'] === 'Fail' || state['End'] === true;
}

function forward(container: Container): (name: string) => readonly string[] {
  return (name) => edgesOf(container.states.get(name) ?? {}).map((edge) => edge.target);
}

function backward(container: Container): (name: string) => readonly string[] {
  const sources = new Map<string, string[]>();
  for (const [name, state] of container.states)
    for (const { target } of edgesOf(state)) {
      const list = sources.get(target);
      if (list === undefined) sources.set(target, [name]);
      else list.push(name);
    }
  return (name) => sources.get(name) ?? [];
}

function closure(from: readonly string[], next: (name: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  for (const name of seen) for (const other of next(name)) seen.add(other);
  return seen;
}
