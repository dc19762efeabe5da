import { MAX_RETRY_ATTEMPTS, MAX_RETRY_DELAY_SECONDS } from '../../asl/limits.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { DEFAULT_RETRY_DELAY_SECONDS, type RetryRule } from '../../model/task.ts';
import { nodesOf } from './nodes.ts';
import { dagPath, place, shown, taskPath } from './rule.ts';

/** A field of a retry rule with what is wrong with it. */
interface Breach {
  readonly field: string;
  readonly message: string;
  readonly remedy?: string;
  readonly severity?: 'warning';
}

/**
 * Retries of tasks, groups and the run are within what Step Functions accepts, and none is negative.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
export function retries(dag: DagNode): readonly Problem[] {
  const ofTasks = dag.tasks.flatMap((task) =>
    task.retries.flatMap((rule, index) => {
      const name = task.retries.length === 1 ? 'retries' : `retries[${index}]`;
      return problems(breaches(rule), taskPath(dag, task, name), place(task));
    }),
  );
  const ofGroups = nodesOf(dag).flatMap(({ does, path, at }) =>
    does?.kind === 'retry' ? problems(ofWhole(does.retries), `${path} › retries`, at) : [],
  );
  const ofRun =
    dag.runRetries === undefined
      ? []
      : problems(ofWhole(dag.runRetries), dagPath(dag, 'runRetries'), place(dag));
  return [...ofTasks, ...ofGroups, ...ofRun];
}

function problems(found: readonly Breach[], path: string, at: Pick<Problem, 'at'>): readonly Problem[] {
  return found.map(({ field, ...text }) => ({ code: 'retries', path: `${path}.${field}`, ...text, ...at }));
}

/** A group or run has one rule: it is retried where a leaf of it failed, by whatever. */
function ofWhole(rule: RetryRule): readonly Breach[] {
  const { on: names, ...rest } = rule;
  if (names === undefined) return breaches(rest);
  const message = `must not be set on what retries as a whole, whatever failed in it, got ${shown(names)}`;
  return [
    ...breaches(rest),
    { field: 'on', message, remedy: 'leave it out, or retry the tasks in it instead' },
  ];
}

function breaches(rule: RetryRule): readonly Breach[] {
  return [
    ...attempts(rule),
    ...delay(rule),
    ...backoff(rule),
    ...maxDelay(rule),
    ...on(rule),
    ...jitter(rule),
  ];
}

function attempts({ attempts: value }: RetryRule): readonly Breach[] {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_RETRY_ATTEMPTS) return [];
  return [
    {
      field: 'attempts',
      message: `must be a whole number from 0 to ${MAX_RETRY_ATTEMPTS}, got ${shown(value)}`,
      remedy: 'write how many tries may follow the first, 0 for none',
    },
  ];
}

function delay({ delay: value }: RetryRule): readonly Breach[] {
  if (value === undefined) return [];
  const seconds = toSeconds(value);
  if (
    seconds !== undefined &&
    Number.isInteger(seconds) &&
    seconds >= 1 &&
    seconds <= MAX_RETRY_DELAY_SECONDS
  )
    return [];
  return [
    {
      field: 'delay',
      message: `must be whole seconds from 1 s to 366 d, got ${shown(value)}`,
      remedy: "write '30s', '5m', '1h' or a number of seconds",
    },
  ];
}

function backoff({ backoff: value }: RetryRule): readonly Breach[] {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 1)) return [];
  return [
    {
      field: 'backoff',
      message: `must be at least 1, got ${shown(value)}`,
      remedy: 'write 1 for equal waits, 2 to double them',
    },
  ];
}

function maxDelay({ delay: shortest, maxDelay: value }: RetryRule): readonly Breach[] {
  if (value === undefined) return [];
  const seconds = toSeconds(value);
  const least = toSeconds(shortest ?? DEFAULT_RETRY_DELAY_SECONDS) ?? 0;
  const whole = seconds !== undefined && Number.isInteger(seconds) && seconds <= MAX_RETRY_DELAY_SECONDS;
  if (!whole)
    return [
      {
        field: 'maxDelay',
        message: `must be whole seconds up to 366 d, got ${shown(value)}`,
        remedy: "write '15m'",
      },
    ];
  if (seconds >= least) return [];
  return [
    {
      field: 'maxDelay',
      message: `must be at least delay (${shortest === undefined ? '5m, the default' : shown(shortest)}), got ${shown(value)}`,
      remedy: 'make it longer, or leave it out for no limit',
      // It can be done: every wait is then maxDelay long.
      severity: 'warning',
    },
  ];
}

function on({ on: value }: RetryRule): readonly Breach[] {
  const names: unknown = value;
  if (names === undefined) return [];
  if (
    Array.isArray(names) &&
    names.length > 0 &&
    names.every((name) => typeof name === 'string' && name !== '')
  )
    return [];
  return [
    {
      field: 'on',
      message: `must be one or more names of errors, got ${shown(names)}`,
      remedy: "write 'Throttled', or leave it out for every error",
    },
  ];
}

function jitter({ jitter: value }: RetryRule): readonly Breach[] {
  if (value === undefined || typeof value === 'boolean') return [];
  return [{ field: 'jitter', message: `must be true or false, got ${shown(value)}` }];
}
