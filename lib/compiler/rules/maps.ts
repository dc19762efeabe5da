import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { MAX_MAP_ITEMS, type MapNode } from '../../model/module.ts';
import { type Expression, isRef } from '../../model/ref.ts';
import type { TaskNode } from '../../model/task.ts';
import { type Node, nodesOf } from './nodes.ts';
import { shown } from './rule.ts';

/** A field of a map with what is wrong with it. */
interface Breach {
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

/** A map is over a list that is not too long, with bounds that can hold, of a task that may run several times. */
export function maps(dag: DagNode): readonly Problem[] {
  return nodesOf(dag).flatMap((node) => {
    if (node.does?.kind !== 'map') return [];
    const found = [...ofItems(dag, node.does), ...ofBounds(node.does), ...ofTask(node.task)];
    return found.map(({ field, message, remedy }) => problem(node, field, message, remedy));
  });
}

function problem({ path, at }: Node, field: string, message: string, remedy: string): Problem {
  return { code: 'maps', path: `${path} › ${field}`, message, remedy, ...at };
}

function ofItems(dag: DagNode, { items, maxItems }: MapNode): readonly Breach[] {
  if (Array.isArray(items)) return ofLength(items.length, maxItems);
  if (!isRef(items)) return [notAList(shown(items), 'give a list, or a Ref to one')];
  return ofReference(dag, items.$ref);
}

function ofLength(length: number, maxItems: unknown): readonly Breach[] {
  if (length > MAX_MAP_ITEMS) {
    const message = `must have at most ${counted(MAX_MAP_ITEMS)} items, got ${counted(length)}`;
    return [{ field: 'items', message, remedy: 'map over batches: lists of some hundred items each' }];
  }
  if (!isWhole(maxItems, 1) || length <= maxItems) return [];
  const message = `must have at most maxItems (${counted(maxItems)}), got ${counted(length)}`;
  return [{ field: 'items', message, remedy: 'raise maxItems, or leave it out: the length is known' }];
}

/** What is known of a Ref before the run: the type of a param; a fact about the run, a text and a place are no lists. */
function ofReference(dag: DagNode, expression: Expression): readonly Breach[] {
  const { kind } = expression;
  if (kind === 'param') {
    const param = dag.params[expression.name];
    if (param === undefined || param.type === 'array' || expression.path.length > 0) return [];
    return [
      notAList(`params.${expression.name} of type ${param.type}`, 'declare it by param.list({ items: … })'),
    ];
  }
  if (kind === 'run' || kind === 'text' || kind === 'index')
    return [
      notAList(kind === 'run' ? 'a fact about the run' : `a ${WORDS[kind]}`, 'give a list, or a Ref to one'),
    ];
  return kind === 'call' && expression.op !== 'orElse'
    ? [notAList(`the condition ${expression.op}(…)`, 'give a list, or a Ref to one')]
    : [];
}

const WORDS = { text: 'text', index: 'place in a list' } as const;

function notAList(got: string, remedy: string): Breach {
  return { field: 'items', message: `must be a list, got ${got}`, remedy };
}

function ofBounds({ concurrency, tolerate, maxItems }: MapNode): readonly Breach[] {
  const breaches: Breach[] = [];
  if (concurrency !== undefined && !isWhole(concurrency, 1))
    breaches.push({
      field: 'concurrency',
      message: `must be a whole number from 1, got ${shown(concurrency)}`,
      remedy: 'write how many may run at the same time, or leave it out for no bound',
    });
  if (tolerate !== undefined && !isTolerance(tolerate))
    breaches.push({
      field: 'tolerate',
      message: `must be a whole number from 0 or a share from '0%' to '100%', got ${shown(tolerate)}`,
      remedy: "write how many may fail: 3, or '10%'",
    });
  if (maxItems !== undefined && !(isWhole(maxItems, 1) && maxItems <= MAX_MAP_ITEMS))
    breaches.push({
      field: 'maxItems',
      message: `must be a whole number from 1 to ${counted(MAX_MAP_ITEMS)}, got ${shown(maxItems)}`,
      remedy: 'write the longest list there may be, or leave it out',
    });
  return breaches;
}

/** Who decides for others, or belongs to one run of others, runs once. */
function ofTask(task: TaskNode | undefined): readonly Breach[] {
  if (task === undefined) return [];
  const { call, teardownOf } = task;
  const what = ONCE[call.kind] ?? (teardownOf === undefined ? undefined : 'a teardown');
  if (what === undefined) return [];
  const remedy = 'put it into a mapped group, where each run has its own: group.map(…)';
  return [{ field: 'map', message: `must not map ${what}, which runs once for those around it`, remedy }];
}

const ONCE: Readonly<Record<string, string>> = {
  branch: 'a branch',
  choose: 'a branch',
  shortCircuit: 'a short circuit',
  shortCircuitFn: 'a short circuit',
};

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least;
}

function isTolerance(value: unknown): boolean {
  if (typeof value !== 'string') return isWhole(value, 0);
  return /^\d+(\.\d+)?%$/.test(value) && Number(value.slice(0, -1)) <= 100;
}

/** `1,000,000`. */
function counted(count: number): string {
  return count.toLocaleString('en-US');
}
