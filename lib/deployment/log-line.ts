/**
 * What a try of a task writes on AWS: one JSON object a line, to the function's standard output, which Lambda hands to the
 * environment's log group. `lib/aws/logs` reads it back.
 */
import { isObject } from '../base/json.ts';
import type { LogLine } from '../model/log-line.ts';

/** Whose line it is. */
export interface LoggedTry {
  readonly dag: string;
  readonly run: string;
  /** Number of the run's execution, from "1". */
  readonly attempt: string;
  readonly task: string;
  /** As in `TaskEvent`: of a sensor the author's try, not the look. */
  readonly try: number;
  /** Of a task that may run several times in a run: `3`, `2.0`. */
  readonly instance?: string;
  /** Of a mapped task: place in its list, from 0. */
  readonly mapIndex?: number;
}

export type DeployedLogLine = LoggedTry & LogLine;

/** A line as it was written; `undefined` where it is none of a try: a report of Lambda, what a library printed. */
export function deployedLine(text: string): DeployedLogLine | undefined {
  const line = parsed(text);
  const isLine =
    isObject(line) &&
    ['dag', 'run', 'attempt', 'task', 'at', 'level', 'message'].every(
      (name) => typeof line[name] === 'string',
    ) &&
    typeof line['try'] === 'number';
  // Checked field by field, which the type of an object of JSON does not show.
  return isLine ? (line as unknown as DeployedLogLine) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
