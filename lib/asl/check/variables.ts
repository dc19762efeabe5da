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

/** A set of variables, one bit each: machines have thousands of states and of variables. */
type Bits = bigint;

/** What a container knows of variables. */
interface Scope {
  readonly container: Container;
  readonly outer: Scope | undefined;
  /** Assigned anywhere in the container's own states. */
  readonly assigned: ReadonlySet<string>;
  /** State → the visible variables that certainly exist when it is entered. */
  readonly defined: ReadonlyMap<string, Bits>;
}

/** `reads` holds the expressions of each state by its path. */
export function checkVariables(
  containers: readonly Container[],
  reads: ReadonlyMap<string, readonly Read[]>,
  findings: Findings,
): void {
  const bits = new Map<string, Bits>();
  const scopes = new Map<Container, Scope>();
  for (const container of containers) {
    const outer = container.parent && scopes.get(container.parent.container);
    const assigned = assignedIn(container);
    for (const name of assigned) if (!bits.has(name)) bits.set(name, 1n << BigInt(bits.size));
    scopes.set(container, { container, outer, assigned, defined: definedIn(container, outer, bits) });
  }
  for (const scope of scopes.values()) {
    checkNames(scope, findings);
    checkReads(scope, { reads, bits, findings });
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

/** A must-analysis: what every way from the start assigns. */
function definedIn(
  container: Container,
  outer: Scope | undefined,
  bits: ReadonlyMap<string, Bits>,
): ReadonlyMap<string, Bits> {
  const defined = new Map<string, Bits>();
  const start = container.object['StartAt'];
  if (typeof start !== 'string' || !container.states.has(start)) return defined;
  const visible = definedAtStart(container, outer);
  if (visible === undefined) return defined;
  defined.set(start, visible);
  const waiting = new Set([start]);
  // Deleting and adding while iterating visits a state again, after those that wait already.
  for (const name of waiting) {
    waiting.delete(name);
    for (const target of passOn(container, name, bits, defined)) waiting.add(target);
  }
  return defined;
}

/** Hands what exists after a state to those it leads to; gives the ones that changed. */
function passOn(
  container: Container,
  name: string,
  bits: ReadonlyMap<string, Bits>,
  defined: Map<string, Bits>,
): readonly string[] {
  const entered = defined.get(name) ?? 0n;
  const edges = edgesOf(container.states.get(name) ?? {}).filter(({ target }) =>
    container.states.has(target),
  );
  return edges.flatMap(({ target, by }) => {
    const before = defined.get(target);
    const after = entered | bitsOf(by['Assign'], bits);
    const merged = before === undefined ? after : before & after;
    defined.set(target, merged);
    return merged === before ? [] : [target];
  });
}

/** `undefined` where the state that holds the container is never entered. */
function definedAtStart({ parent, isolated }: Container, outer: Scope | undefined): Bits | undefined {
  const entered = parent === undefined ? 0n : outer?.defined.get(parent.state);
  return isolated && entered !== undefined ? 0n : entered;
}

function bitsOf(assign: unknown, bits: ReadonlyMap<string, Bits>): Bits {
  if (!isObject(assign)) return 0n;
  return Object.keys(assign).reduce((all, key) => all | (bits.get(variableOf(key)) ?? 0n), 0n);
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

interface Known {
  readonly reads: ReadonlyMap<string, readonly Read[]>;
  readonly bits: ReadonlyMap<string, Bits>;
  readonly findings: Findings;
}

function checkReads(scope: Scope, { reads, bits, findings }: Known): void {
  // A state without an entry is unreachable, a finding of its own.
  for (const [name, defined] of scope.defined)
    for (const { path, analysis } of reads.get(statePath(scope.container, name)) ?? []) {
      const missing = (variable: string) => (defined & (bits.get(variable) ?? 0n)) === 0n;
      for (const variable of analysis.variables.filter(missing))
        undefinedVariable(scope, variable, { path, everywhere: bits, findings });
      for (const called of analysis.calls.filter(missing))
        findings.warn(path, `Attempted to invoke a non-function: $${called}`, 'UNKNOWN_FUNCTION');
    }
}

interface Where {
  readonly path: string;
  readonly everywhere: ReadonlyMap<string, Bits>;
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
