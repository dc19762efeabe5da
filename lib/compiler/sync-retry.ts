/** What is done about the failures of an engine that Step Functions runs itself: busy, refused, the author's rules. */
import type { Retrier } from '../asl/states.ts';
import { JOB_FAILED, JOB_TIMEOUT, type SyncJob } from '../engines/sync.ts';
import type { RetryRule, TaskNode } from '../model/task.ts';
import { WILDCARDS } from './author-retries.ts';
import { ENGINE_BUSY } from './retry.ts';

/** Within one try: the engine has no room now, or an answer was lost; its token makes that harmless. */
export function busyRetrier({ busy }: SyncJob): Retrier {
  return { ...ENGINE_BUSY, ErrorEquals: busy };
}

/** Errors that are met alike, in the order in which they are looked for. */
export interface SyncRule {
  readonly names: readonly string[];
  /** The author's. Absent: the task has failed. */
  readonly rule?: RetryRule;
  /** Its place among the task's. */
  readonly index: number;
  /** Only where the engine's file found that the job did not do its work. */
  readonly onlyNotDone?: true;
}

const ANY = 'States.ALL';
const UNEVALUATED = 'States.QueryEvaluationError';

/** Names that hold for whatever engine, as Step Functions has them for these. */
const HERE: Readonly<Record<string, string>> = {
  'Engine.JobFailed': JOB_FAILED,
  'Engine.JobTimeout': JOB_TIMEOUT,
};

/**
 * The author's rules in their order; what is refused by none of them but one that names it; whatever is left, failed.
 * A rule for every failure also is for a job that Step Functions took for done.
 */
export function syncRules({ retries }: TaskNode, job: SyncJob): readonly SyncRule[] {
  const own = retries.map((rule, index): SyncRule => ({ names: namesOf(rule), rule, index }));
  const wild = own.findIndex(({ names }) => names.some((name) => WILDCARDS.has(name)));
  const first = own[wild];
  if (first === undefined) return [...own, { names: [ANY], index: -1 }];
  const before = own.slice(0, wild);
  const named = new Set(before.flatMap(({ names }) => names));
  const refused = job.refused.filter((name) => !named.has(name) && !isNotDone(name, job));
  // One catcher always leads to the failed task: what fails around it is led there, too.
  const never = refused.length === 0 ? ['States.Permissions'] : refused;
  const notDone = isNotDone(UNEVALUATED, job) && !named.has(UNEVALUATED);
  const wildcards = untilCatchAll(own.slice(wild));
  const catchesAll = wildcards.at(-1)?.names.includes(ANY);
  return [
    ...before,
    { names: never, index: -1 },
    ...(notDone ? [{ ...first, names: [UNEVALUATED], onlyNotDone: true as const }] : []),
    ...wildcards,
    ...(catchesAll ? [] : [{ names: [ANY], index: -1 }]),
  ];
}

/** The same error as that of arguments that cannot be evaluated: its cause tells them apart. */
function isNotDone(name: string, { holds }: SyncJob): boolean {
  return name === UNEVALUATED && holds !== undefined;
}

function namesOf({ on = [ANY] }: RetryRule): readonly string[] {
  return [...new Set(on.map((name) => HERE[name] ?? name))];
}

/** A rule behind one for every error can never match, and Step Functions refuses it. */
function untilCatchAll(rules: readonly SyncRule[]): readonly SyncRule[] {
  const last = rules.findIndex(({ names }) => names.includes(ANY));
  return last === -1 ? rules : rules.slice(0, last + 1);
}
