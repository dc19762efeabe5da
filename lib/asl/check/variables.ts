/**
 * Variables: names, scopes, and whether each read follows an assignment on every way to it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
import { isObject, type JsonObject } from '../../base/json.ts';
import { MAX_VARIABLE_NAME_LENGTH } from '../limits.ts';
import { type Container, statePath } from './container.ts';
import type { Findings } from './finding.ts';
import { edgesOf } from './flow.ts';
import type { Read } from './reads.ts';

/** UAX 31 identifiers, as AWS asks. */
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;

const NONE: ReadonlySet<string> = new Set();

/** What a container knows of variables. */
interface Scope {
  readonly container: Container;
  readonly outer: Scope | undefined;
  /** Assigned anywhere in the container's own states. */
  readonly assigned: ReadonlySet<string>;
  /** State → the visible variables that certainly exist when it is entered. */
  readonly defined: ReadonlyMap<string, ReadonlySet<string>>;
}

/** `reads` holds the expressions of each state by its path. */
export function checkVariables(
  containers: readonly Container[],
  reads: ReadonlyMap<string, readonly Read[]>,
  findings: Findings,
): void {
  const everywhere = new Set<string>();
  const scopes = new Map<Container, Scope>();
  for (const container of containers) {
    const outer = container.parent && scopes.get(container.parent.container);
    const assigned = assignedIn(container);
    for (const name of assigned) everywhere.add(name);
    scopes.set(container, { container, outer, assigned, defined: definedIn(container, outer) });
  }
  for (const scope of scopes.values()) {
    checkNames(scope, findings);
    checkReads(scope, reads, everywhere, findings);
  }
}

function assignedIn(container: Container): ReadonlySet<string> {
  const names = new Set<string>();
  for (const state of container.states.values()) for (const [name] of assignments(state)) names.add(name);
  return names;
}

/** Every assignment of a state with its path below the state. */
function assignments(state: JsonObject): readonly (readonly [name: string, at: string])[] {
  const found: [string, string][] = [];
  const add = (object: unknown, at: string) => {
    if (isObject(object) && isObject(object['Assign']))
      for (const key of Object.keys(object['Assign'])) found.push([variableOf(key), `${at}Assign/${key}`]);
  };
  add(state, '');
  for (const list of ['Choices', 'Catch'] as const) {
    const items: readonly unknown[] = Array.isArray(state[list]) ? state[list] : [];
    items.forEach((item, index) => {
      add(item, `${list}[${index}]/`);
    });
  }
  return found;
}

/** In JSONPath a key that is evaluated ends in `.$`. */
function variableOf(key: string): string {
  return key.endsWith('.$') ? key.slice(0, -2) : key;
}

/** A must-analysis: what every way from the start assigns. Sets are shared where nothing changes. */
function definedIn(container: Container, outer: Scope | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const defined = new Map<string, ReadonlySet<string>>();
  const start = container.object['StartAt'];
  if (typeof start !== 'string' || !container.states.has(start)) return defined;
  defined.set(start, definedAtStart(container, outer));
  const waiting = new Set([start]);
  // Deleting and adding while iterating visits a state again, after those that wait already.
  for (const name of waiting) {
    waiting.delete(name);
    for (const [target, after] of waysOut(container, name, defined.get(name) ?? NONE)) {
      const before = defined.get(target);
      const merged = before === undefined ? after : common(before, after);
      if (merged === before) continue;
      defined.set(target, merged);
      waiting.add(target);
    }
  }
  return defined;
}

function definedAtStart(container: Container, outer: Scope | undefined): ReadonlySet<string> {
  if (container.isolated || container.parent === undefined) return NONE;
  return outer?.defined.get(container.parent.state) ?? NONE;
}

function waysOut(
  container: Container,
  name: string,
  before: ReadonlySet<string>,
): readonly (readonly [string, ReadonlySet<string>])[] {
  return edgesOf(container.states.get(name) ?? {})
    .filter((edge) => container.states.has(edge.target))
    .map((edge) => [edge.target, joined(before, edge.by['Assign'])]);
}

function joined(before: ReadonlySet<string>, assign: unknown): ReadonlySet<string> {
  const added = isObject(assign) ? Object.keys(assign).map(variableOf) : [];
  return added.every((name) => before.has(name)) ? before : new Set([...before, ...added]);
}

/** The intersection; `a` itself where that is all of `a`. */
function common(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return a === b || a.isSubsetOf(b) ? a : a.intersection(b);
}

function checkNames(scope: Scope, findings: Findings): void {
  for (const [state, definition] of scope.container.states)
    for (const [name, at] of assignments(definition)) {
      const path = `${statePath(scope.container, state)}/${at}`;
      if (!NAME.test(name) || name.length > MAX_VARIABLE_NAME_LENGTH || name === 'states')
        findings.refuse(path, nameRule(name), 'INVALID_VARIABLE_NAME');
      else if (isOuter(scope, name))
        findings.refuse(
          path,
          `The variable name '${name}' was already defined in a parent scope.`,
          'DUPLICATE_VARIABLE_NAME',
        );
    }
}

function nameRule(name: string): string {
  if (name === 'states') return `The variable name 'states' is reserved.`;
  return `Variable name '${name}' must be an identifier of at most ${MAX_VARIABLE_NAME_LENGTH} characters`;
}

function isOuter(scope: Scope, name: string): boolean {
  for (let outer = scope.outer; outer !== undefined; outer = outer.outer)
    if (outer.assigned.has(name)) return true;
  return false;
}

function checkReads(
  scope: Scope,
  reads: ReadonlyMap<string, readonly Read[]>,
  everywhere: ReadonlySet<string>,
  findings: Findings,
): void {
  // A state without an entry is unreachable, a finding of its own.
  for (const [name, defined] of scope.defined)
    for (const { path, analysis } of reads.get(statePath(scope.container, name)) ?? []) {
      const missing = (variable: string) => !defined.has(variable);
      for (const variable of analysis.variables.filter(missing))
        undefinedVariable(scope, variable, { path, everywhere, findings });
      for (const called of analysis.calls.filter(missing))
        findings.warn(path, `Attempted to invoke a non-function: $${called}`, 'UNKNOWN_FUNCTION');
    }
}

interface Where {
  readonly path: string;
  readonly everywhere: ReadonlySet<string>;
  readonly findings: Findings;
}

function undefinedVariable(scope: Scope, name: string, { path, everywhere, findings }: Where): void {
  if (!everywhere.has(name)) {
    findings.warn(path, `Variable '${name}' is not defined.`, 'UNDEFINED_VARIABLE');
    return;
  }
  const visible = scope.assigned.has(name) || (!scope.container.isolated && isOuter(scope, name));
  if (visible)
    findings.warn(path, `Variable '${name}' is possibly not defined.`, 'POSSIBLY_UNDEFINED_VARIABLE');
  else
    findings.warn(
      path,
      isOuter(scope, name)
        ? `Variable '${name}' belongs to the parent; a distributed Map cannot read it, pass it by ItemSelector`
        : `Variable '${name}' ends with the branch or iteration that assigns it; hand it out by Output`,
      'VARIABLE_OUT_OF_SCOPE',
    );
}
