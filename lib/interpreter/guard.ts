/** Stops expressions that never end or that fill the memory. */
import { threadCpuUsage } from 'node:process';
import type jsonata from 'jsonata';
import { MAX_EVALUATION_MS } from '../asl/limits.ts';
import { HOST, type Meter, memoryError, QueryError } from './aws-functions.ts';

/** Nodes an evaluation may visit before the time counts: other evaluations interleave with it. */
const FREE_NODES = 200_000;

/** Elements that the long lists made by one evaluation may have together. */
const MAX_ELEMENTS = 20_000_000;

/** Lists shorter than this are not counted. */
const LONG_LIST = 1_000;

const ENTRY = Symbol.for('jsonata.__evaluate_entry');
const EXIT = Symbol.for('jsonata.__evaluate_exit');

/**
 * Counts nodes, and looks at the time now and then: this thread's own, for a busy machine is no endless loop. An
 * endless tail call never gives control back, so it has to be stopped from within.
 */
export function meter(): Meter {
  let nodes = 0;
  let elements = 0;
  let startMs = -1;
  return {
    tick() {
      nodes += 1;
      if (nodes % 256 !== 0) return;
      const { user, system } = threadCpuUsage();
      const atMs = (user + system) / 1_000;
      if (startMs < 0) startMs = atMs;
      if (nodes > FREE_NODES && atMs - startMs > MAX_EVALUATION_MS) {
        throw new QueryError('Expression evaluation timeout: Check for infinite loop');
      }
    },
    made(list) {
      if (list.length >= LONG_LIST) elements += list.length;
      if (elements > MAX_ELEMENTS) throw memoryError();
    },
  };
}

/** Lets every evaluation of the expression report to its meter. */
export function guard(expression: jsonata.Expression): void {
  hook(expression, ENTRY, (_node, _input, environment) => meterOf(environment).tick());
  hook(expression, EXIT, (_node, _input, environment, result) => {
    if (Array.isArray(result)) meterOf(environment).made(result);
  });
}

type Hook = (node: unknown, input: unknown, environment: jsonata.Environment, result?: unknown) => void;

function hook(expression: jsonata.Expression, name: symbol, run: Hook): void {
  // The types know of names that are strings only.
  Reflect.apply(expression.assign, expression, [name, run]);
}

function meterOf(environment: jsonata.Environment): Meter {
  return environment.lookup(HOST).meter;
}
