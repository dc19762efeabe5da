/** What one JSONata expression reads, from its syntax tree. */
import jsonata from 'jsonata';
import { isObject, type JsonObject } from '../../base/json.ts';
import { FUNCTIONS } from './functions.ts';
import { shapeOf } from './shape.ts';

export interface Analysis {
  /** The parser's message; everything else is empty then. */
  readonly error?: string;
  /** Names, `$` and `$$` read where there is no context: AWS refuses each. */
  readonly topLevel: readonly string[];
  /** Fields read of `$states`: `input`, `result` … */
  readonly states: readonly string[];
  /** Variables of the workflow that must exist. */
  readonly variables: readonly string[];
  /** Functions called that neither JSONata nor the expression defines; they may be variables. */
  readonly calls: readonly string[];
}

/** `$name` and `$name.a.b`: most of a compiled definition, and not worth a parser. */
const SIMPLE = /^\$([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*)?$/;

const NOTHING: readonly string[] = [];
const WORDS = /\.(?:and|or|in|true|false|null|function)\b/;

/** Analyses JSONata text (without `{% %}`). Pure; `cache` holds the results of shapes met before. */
export function analyse(expression: string, cache: Map<string, Analysis>): Analysis {
  const read = simple(expression);
  if (read !== undefined) return read;
  const shape = shapeOf(expression);
  if (shape === undefined) return parsed(expression);
  let analysis = cache.get(shape.text);
  if (analysis === undefined) {
    analysis = parsed(shape.text);
    cache.set(shape.text, analysis);
  }
  // The parser's message quotes the expression itself.
  return analysis.error === undefined ? named(analysis, shape.names) : parsed(expression);
}

/** The analysis of a shape with the names of an expression. */
function named(analysis: Analysis, names: readonly string[]): Analysis {
  if (names.length === 0) return analysis;
  const back = (list: readonly string[]) => list.map((name) => names[Number(name.slice(1))] ?? name);
  return { ...analysis, variables: back(analysis.variables), calls: back(analysis.calls) };
}

function simple(expression: string): Analysis | undefined {
  const [, name, field] = SIMPLE.exec(expression) ?? [];
  if (name === undefined || FUNCTIONS.has(name) || WORDS.test(expression)) return undefined;
  const states = name === 'states';
  return {
    topLevel: NOTHING,
    calls: NOTHING,
    states: states && field !== undefined ? [field] : NOTHING,
    variables: states ? NOTHING : [name],
  };
}

function parsed(expression: string): Analysis {
  try {
    const found = new Reading();
    found.read(jsonata(expression).ast(), { top: true, bound: new Set(), guarded: new Set() });
    return {
      topLevel: [...found.topLevel],
      states: [...found.states],
      variables: [...found.variables],
      calls: [...found.calls],
    };
  } catch (thrown) {
    const nested = thrown instanceof RangeError;
    const error = nested ? 'Expression is nested too deeply' : messageOf(thrown);
    return { error, topLevel: NOTHING, states: NOTHING, variables: NOTHING, calls: NOTHING };
  }
}

/** jsonata throws plain objects with a message. */
function messageOf(thrown: unknown): string {
  return isObject(thrown) && typeof thrown['message'] === 'string' ? thrown['message'] : String(thrown);
}

interface Scope {
  /** True while the context is the (absent) context of the whole expression. */
  readonly top: boolean;
  /** Names the expression itself binds. */
  readonly bound: Set<string>;
  /** Variables proven to exist: `$exists($x) ? $x`. */
  readonly guarded: ReadonlySet<string>;
}

/** Walks a tree of jsonata 2.0.6. @see https://github.com/jsonata-js/jsonata/blob/v2.0.6/src/parser.js */
class Reading {
  readonly topLevel = new Set<string>();
  readonly states = new Set<string>();
  readonly variables = new Set<string>();
  readonly calls = new Set<string>();

  read(node: unknown, scope: Scope): void {
    if (Array.isArray(node)) {
      for (const part of node) this.read(part, scope);
      return;
    }
    if (!isObject(node)) return;
    this.#node(node, scope);
    const below = { ...scope, top: false };
    this.read(node['predicate'], below);
    this.read(node['stages'], below);
    if (isObject(node['group'])) this.read(node['group']['lhs'], below);
  }

  #node(node: JsonObject, scope: Scope): void {
    switch (node['type']) {
      case 'path':
        this.#path(node, scope);
        break;
      case 'variable':
        this.#variable(node, scope);
        break;
      case 'name':
        this.#unqualified(String(node['value']), scope);
        break;
      case 'block':
        this.read(node['expressions'], { ...scope, bound: new Set(scope.bound) });
        break;
      case 'bind':
        this.#bind(node, scope);
        break;
      case 'lambda':
        this.#lambda(node, scope);
        break;
      case 'function':
      case 'partial':
        this.#call(node, scope);
        break;
      case 'condition':
        this.#condition(node, scope);
        break;
      case 'binary':
        this.#binary(node, scope);
        break;
      case 'transform':
        this.#parts(node, ['pattern', 'update', 'delete'], { ...scope, top: false });
        break;
      default:
        this.#parts(node, ['lhs', 'rhs', 'expression', 'expressions', 'expr', 'terms'], scope);
        break;
    }
  }

  #parts(node: JsonObject, fields: readonly string[], scope: Scope): void {
    for (const field of fields) this.read(node[field], scope);
  }

  #path(node: JsonObject, scope: Scope): void {
    const steps = Array.isArray(node['steps']) ? node['steps'] : [];
    const bound = new Set(scope.bound);
    const [first, second] = steps;
    if (isVariable(first, 'states') && !bound.has('states') && isObject(second) && second['type'] === 'name')
      this.states.add(String(second['value']));
    steps.forEach((step: unknown, index) => {
      // A name after the first is a field of what came before it.
      const field = index > 0 && isObject(step) && step['type'] === 'name';
      const here = { ...scope, bound, top: scope.top && index === 0 };
      if (isObject(step)) bindOf(step, bound);
      if (field) this.read(step, { ...here, top: false });
      else this.read(step, here);
    });
  }

  #variable(node: JsonObject, scope: Scope): void {
    const name = String(node['value']);
    if (name === '$') this.topLevel.add('$$');
    else if (name === '') this.#unqualified('$', scope);
    else if (name !== 'states' && !this.#known(name, scope)) this.variables.add(name);
  }

  #known(name: string, scope: Scope): boolean {
    return scope.bound.has(name) || scope.guarded.has(name) || FUNCTIONS.has(name);
  }

  #unqualified(name: string, scope: Scope): void {
    if (scope.top) this.topLevel.add(name);
  }

  #bind(node: JsonObject, scope: Scope): void {
    const target = node['lhs'];
    // Before the right side: a function may call itself.
    if (isObject(target) && target['type'] === 'variable') scope.bound.add(String(target['value']));
    this.read(node['rhs'], scope);
  }

  #lambda(node: JsonObject, scope: Scope): void {
    const bound = new Set(scope.bound);
    const names = Array.isArray(node['arguments']) ? node['arguments'] : [];
    for (const name of names) if (isObject(name)) bound.add(String(name['value']));
    this.read(node['body'], { ...scope, bound });
  }

  #call(node: JsonObject, scope: Scope): void {
    const { procedure } = node;
    const name = functionName(procedure);
    if (name === undefined) this.read(procedure, scope);
    else if (!this.#known(name, scope)) this.calls.add(name);
    const guarded = name === 'exists' ? new Set([...scope.guarded, ...existing(node)]) : scope.guarded;
    this.read(node['arguments'], { ...scope, guarded });
  }

  #condition(node: JsonObject, scope: Scope): void {
    this.read(node['condition'], scope);
    this.read(node['then'], {
      ...scope,
      guarded: new Set([...scope.guarded, ...existing(node['condition'])]),
    });
    this.read(node['else'], scope);
  }

  #binary(node: JsonObject, scope: Scope): void {
    this.read(node['lhs'], scope);
    const proven = node['value'] === 'and' ? existing(node['lhs']) : [];
    this.read(node['rhs'], { ...scope, guarded: new Set([...scope.guarded, ...proven]) });
  }
}

function isVariable(node: unknown, name: string): boolean {
  return isObject(node) && node['type'] === 'variable' && node['value'] === name;
}

/** `$v` of `@$v` and `#$v`. */
function bindOf(step: JsonObject, bound: Set<string>): void {
  for (const name of [step['focus'], step['index']]) if (typeof name === 'string') bound.add(name);
  const stages = Array.isArray(step['stages']) ? step['stages'] : [];
  for (const stage of stages)
    if (isObject(stage) && stage['type'] === 'index') bound.add(String(stage['value']));
}

function functionName(procedure: unknown): string | undefined {
  if (!isObject(procedure) || procedure['type'] !== 'variable') return undefined;
  return String(procedure['value']);
}

/** Variables that exist where `node` is true: those of `$exists($x …)`, joined by `and`. */
function existing(node: unknown): readonly string[] {
  if (!isObject(node)) return [];
  if (node['type'] === 'block' && Array.isArray(node['expressions']) && node['expressions'].length === 1)
    return existing(node['expressions'][0]);
  if (node['type'] === 'binary' && node['value'] === 'and')
    return [...existing(node['lhs']), ...existing(node['rhs'])];
  if (node['type'] !== 'function' || functionName(node['procedure']) !== 'exists') return [];
  const [argument]: readonly unknown[] = Array.isArray(node['arguments']) ? node['arguments'] : [];
  const first: unknown =
    isObject(argument) && Array.isArray(argument['steps']) ? argument['steps'][0] : argument;
  return isObject(first) && first['type'] === 'variable' ? [String(first['value'])] : [];
}
