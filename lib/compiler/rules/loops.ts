import type { Problem } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';
import type { DagNode } from '../../model/dag.ts';
import type { LoopNode } from '../../model/module.ts';
import { isRef } from '../../model/ref.ts';
import { nodesOf } from './nodes.ts';
import { shown } from './rule.ts';

/** More iterations than this are seldom meant: each is a run of the group. */
const MANY_ITERATIONS = 10_000;

interface Breach extends Pick<Problem, 'severity'> {
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

/** A loop has an end, by a condition and by a number, and goes round with what has the shape it began with. */
export function loops(dag: DagNode): readonly Problem[] {
  return nodesOf(dag).flatMap(({ does, path, at }) => {
    if (does?.kind !== 'loop') return [];
    const found = [...ofUntil(does), ...ofIterations(does), ...ofShape(does.initial, does.next, 'next')];
    return found.map(({ field, ...text }) => ({ code: 'loops', path: `${path} › ${field}`, ...text, ...at }));
  });
}

function ofUntil({ until }: LoopNode): readonly Breach[] {
  if (isRef(until)) return [];
  return [
    {
      field: 'until',
      message: `must be a condition over what an iteration gives, got ${shown(until)}`,
      remedy: 'write until: (out) => not(out.more)',
    },
  ];
}

function ofIterations({ maxIterations }: LoopNode): readonly Breach[] {
  if (!Number.isInteger(maxIterations) || maxIterations < 1) {
    return [
      {
        field: 'maxIterations',
        message: `must be a whole number from 1, got ${shown(maxIterations)}`,
        remedy: 'write how often it may go round before it fails with Dag.LoopLimit',
      },
    ];
  }
  if (maxIterations <= MANY_ITERATIONS) return [];
  return [
    {
      field: 'maxIterations',
      message: `is more than ${MANY_ITERATIONS.toLocaleString('en-US')}, got ${shown(maxIterations)}: a loop that never ends well costs as many runs of the group`,
      remedy: 'write the most it can need',
      severity: 'warning',
    },
  ];
}

/** What is written has the same fields and types; a Ref, and `null`, may be anything. */
function ofShape(initial: Json, next: Json, field: string): readonly Breach[] {
  if (isOpen(initial) || isOpen(next)) return [];
  if (!isObject(initial) || !isObject(next)) {
    const [wanted, got] = [kindOf(initial), kindOf(next)];
    return wanted === got ? [] : [breach(field, `must be ${wanted}, as initial is, got ${got}`)];
  }
  const missing = Object.keys(initial).filter((key) => next[key] === undefined);
  const extra = Object.keys(next).filter((key) => initial[key] === undefined);
  return [
    ...missing.map((key) => breach(`${field}.${key}`, 'must be there, as in initial, got nothing')),
    ...extra.map((key) => breach(`${field}.${key}`, 'must be in initial, too, got a new field')),
    ...Object.keys(initial).flatMap((key) =>
      ofShape(initial[key] ?? null, next[key] ?? null, `${field}.${key}`),
    ),
  ];
}

function breach(field: string, message: string): Breach {
  return { field, message, remedy: 'return what has the shape of initial' };
}

function isOpen(value: Json): boolean {
  return value === null || isRef(value);
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
