import { type AnyNode, type Pattern, parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import type { Read } from './clock-in-body.ts';

/**
 * What a function reads of the clock or the dice, in the order written; nothing where its text is none that can be read.
 * `new Date(x)` only computes, and a `Date` that the function itself declares is not the one meant here.
 */
export function readsIn(text: string): readonly Read[] {
  const parsed = functionIn(text);
  if (parsed === undefined) return [];
  const reads: Read[] = [];
  const add = (node: AnyNode, around: readonly AnyNode[]) => {
    const read = readOf(node);
    if (read === undefined || around.some((each) => declares(each, read.global))) return;
    const { global: _, ...rest } = read;
    reads.push({ ...rest, offset: node.start - parsed.shift });
  };
  ancestor(parsed.program, {
    NewExpression: (node, _state, around) => add(node, around),
    CallExpression: (node, _state, around) => add(node, around),
    MemberExpression: (node, _state, around) => add(node, around),
  });
  return reads.toSorted((one, other) => one.offset - other.offset);
}

/** A function's text is an expression, or a method of an object. `shift`: characters put before it. */
function functionIn(text: string): { readonly program: AnyNode; readonly shift: number } | undefined {
  for (const before of ['(', '({', '(class {']) {
    const after = before.includes('{') ? '})' : ')';
    try {
      const program = parse(`${before}${text}${after}`, { ecmaVersion: 'latest', sourceType: 'module' });
      return { program, shift: before.length };
    } catch {
      // The next form.
    }
  }
  return undefined;
}

function readOf(node: AnyNode): (Omit<Read, 'offset'> & { readonly global: string }) | undefined {
  if (node.type === 'NewExpression' && node.arguments.length === 0 && isNamed(node.callee, 'Date'))
    return { kind: 'clock', got: 'new Date()', global: 'Date' };
  if (node.type === 'CallExpression' && isNamed(node.callee, 'Date'))
    return { kind: 'clock', got: 'Date()', global: 'Date' };
  if (node.type !== 'MemberExpression' || node.computed) return undefined;
  if (isNamed(node.object, 'Date') && isNamed(node.property, 'now'))
    return { kind: 'clock', got: 'Date.now()', global: 'Date' };
  if (isNamed(node.object, 'Math') && isNamed(node.property, 'random'))
    return { kind: 'random', got: 'Math.random()', global: 'Math' };
  return undefined;
}

function isNamed(node: { readonly type: string }, name: string): boolean {
  return node.type === 'Identifier' && 'name' in node && node.name === name;
}

/** Whether a name means something else inside of a node: a parameter, or what a block declares. */
function declares(node: AnyNode, name: string): boolean {
  if ('params' in node && node.params.some((param) => bindsName(param, name))) return true;
  if (node.type === 'CatchClause')
    return node.param !== null && node.param !== undefined && bindsName(node.param, name);
  if (node.type !== 'BlockStatement' && node.type !== 'Program') return false;
  return node.body.some((statement) => {
    if (statement.type === 'VariableDeclaration')
      return statement.declarations.some(({ id }) => bindsName(id, name));
    const isNamedHere = statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration';
    return isNamedHere && isNamed(statement.id, name);
  });
}

function bindsName(pattern: Pattern, name: string): boolean {
  switch (pattern.type) {
    case 'Identifier':
      return pattern.name === name;
    case 'ObjectPattern':
      return pattern.properties.some((each) =>
        bindsName(each.type === 'RestElement' ? each.argument : each.value, name),
      );
    case 'ArrayPattern':
      return pattern.elements.some((each) => each !== null && bindsName(each, name));
    case 'RestElement':
      return bindsName(pattern.argument, name);
    case 'AssignmentPattern':
      return bindsName(pattern.left, name);
    default:
      return false;
  }
}
