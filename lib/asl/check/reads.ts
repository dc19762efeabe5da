/** The expressions of a state, each with what `$states` offers there. */
import { isObject, type JsonObject } from '../../base/json.ts';
import { isExpression, unwrap } from '../jsonata.ts';
import { type Analysis, analyse } from './expression.ts';
import type { Findings } from './finding.ts';

/** One expression of a state. */
export interface Read {
  readonly path: string;
  readonly analysis: Analysis;
}

interface Slot {
  readonly value: unknown;
  readonly path: string;
  /** Field of `$states` beyond `input` and `context`. */
  readonly extra?: 'result' | 'errorOutput';
}

/** Fields that are evaluated; names, resources, errors and retriers are constants. */
const EVALUATED = [
  'Arguments',
  'Credentials',
  'TimeoutSeconds',
  'HeartbeatSeconds',
  'Seconds',
  'Timestamp',
  'Error',
  'Cause',
  'Items',
  'ItemSelector',
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'MaxConcurrency',
  'ToleratedFailureCount',
  'ToleratedFailurePercentage',
];

const WITH_RESULT = new Set(['Task', 'Parallel', 'Map']);

/** The expressions of a state in JSONata mode, each checked for what it can never read. */
export function readsOf(
  state: JsonObject,
  path: string,
  findings: Findings,
  cache: Map<string, Analysis>,
): readonly Read[] {
  const reads: Read[] = [];
  // A stack, not recursion: payloads may be nested deeply.
  const stack: Slot[] = slotsOf(state, path).reverse();
  for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
    if (isExpression(slot.value)) {
      const analysis = analyse(unwrap(slot.value), cache);
      checkExpression(analysis, slot, findings);
      reads.push({ path: slot.path, analysis });
    } else if (typeof slot.value === 'string') checkText(slot.value, slot.path, findings);
    else if (typeof slot.value === 'object' && slot.value !== null) stack.push(...parts(slot).reverse());
  }
  return reads;
}

function slotsOf(state: JsonObject, path: string): Slot[] {
  const type = String(state['Type']);
  const slots: Slot[] = EVALUATED.map((field) => ({ value: state[field], path: `${path}/${field}` }));
  const outputs = (object: JsonObject, at: string, extra?: Slot['extra']) => {
    for (const field of ['Assign', 'Output'])
      slots.push({ value: object[field], path: `${at}/${field}`, ...(extra && { extra }) });
  };
  outputs(state, path, WITH_RESULT.has(type) ? 'result' : undefined);
  for (const list of ['Choices', 'Catch'] as const) {
    const items: readonly unknown[] = Array.isArray(state[list]) ? state[list] : [];
    items.forEach((item, index) => {
      if (!isObject(item)) return;
      const at = `${path}/${list}[${index}]`;
      slots.push({ value: item['Condition'], path: `${at}/Condition` });
      outputs(item, at, list === 'Catch' ? 'errorOutput' : undefined);
    });
  }
  return slots.filter((slot) => slot.value !== undefined);
}

function parts(slot: Slot): Slot[] {
  if (Array.isArray(slot.value))
    return slot.value.map((value: unknown, index) => ({ ...slot, value, path: `${slot.path}[${index}]` }));
  if (!isObject(slot.value)) return [];
  return Object.entries(slot.value).map(([key, value]) => ({ ...slot, value, path: `${slot.path}/${key}` }));
}

/** Half a bracket is a slip: Step Functions hands the text on as it stands. */
function checkText(text: string, path: string, findings: Findings): void {
  if (/^\s*\{%|%\}\s*$/.test(text))
    findings.warn(
      path,
      'Text is not evaluated: an expression begins with {% and ends with %}',
      'INVALID_JSONATA_EXPRESSION',
    );
}

function checkExpression(analysis: Analysis, slot: Slot, findings: Findings): void {
  const unsupported = (message: string) =>
    findings.refuse(slot.path, message, 'UNSUPPORTED_JSONATA_EXPRESSION');
  if (analysis.error !== undefined) findings.refuse(slot.path, analysis.error, 'INVALID_JSONATA_EXPRESSION');
  for (const name of analysis.topLevel)
    unsupported(
      name === '$$'
        ? `Reference to '$$' is not supported.`
        : `Reference to '${name}' at the top level is not supported.`,
    );
  for (const field of analysis.states)
    if (field !== 'input' && field !== 'context' && field !== slot.extra)
      unsupported(`Field '$states.${field}' does not exist.`);
}
