/** Reads the ledger of a range and tells what is wrong with it: `semantics.md` 6. */

import { RefusedError } from '../base/errors.ts';
import type { Run } from '../model/run.ts';
import { scheduledDag } from '../schedule/due-intervals.ts';
import { intervalsIn, intervalTexts, isoText } from '../schedule/run-interval.ts';
import { verdictOf } from '../schedule/verdict.ts';
import { allOf } from '../store/page.ts';
import { dagOf, type KnownDag } from './known.ts';
import type { World } from './ports.ts';
import { intervalNamed } from './why.ts';

export interface Audit {
  /** By logical date. */
  readonly rows: readonly AuditRow[];
  /** Empty: every interval is as the rules say. */
  readonly problems: readonly AuditProblem[];
}

/** An interval of the schedule, or a run of an interval that the schedule does not have. */
export interface AuditRow {
  readonly logicalDate: string;
  readonly interval: Run['interval'];
  readonly run?: Pick<Run, 'id' | 'type' | 'state' | 'attempt' | 'by'>;
  /** Why it has a run, or none. */
  readonly code: string;
  readonly text: string;
}

export interface AuditProblem {
  readonly code: 'gap' | 'overlap' | 'double';
  readonly logicalDate: string;
  readonly text: string;
}

/** Most intervals that are audited at once. */
const MOST_ROWS = 20_000;

/**
 * Every interval from one date to another, both included, with its run or why it has none; and gaps, overlaps and doubles.
 *
 * @throws {RefusedError} `unknown-dag`, `invalid-logical-date`, `invalid-range`
 */
export async function auditLedger(
  world: World,
  dagId: string,
  range: { readonly from: string; readonly to: string },
): Promise<Audit> {
  const dag = await dagOf(world, dagId);
  const nowMs = world.clock.now();
  const fromMs = intervalNamed(dag, range.from, nowMs).startMs;
  const toMs = intervalNamed(dag, range.to, nowMs).startMs;
  if (fromMs > toMs) throw reversed(dagId, range);
  const runs = await intervalRuns(world, dagId, { from: isoText(fromMs), to: isoText(toMs) });
  const byDate = Map.groupBy(runs, ({ logicalDate }) => Date.parse(logicalDate));
  const rows = [
    ...scheduledRows(dag, { fromMs, toMs, nowMs, byDate }),
    ...[...byDate.values()].flatMap((some) => some.map(strangerRow)),
  ].toSorted((a, b) => Date.parse(a.logicalDate) - Date.parse(b.logicalDate));
  return { rows, problems: [...gaps(rows, runs), ...clashes(runs)] };
}

interface Looked {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** Those that an interval of the schedule has are taken out. */
  readonly byDate: Map<number, readonly Run[]>;
}

function scheduledRows(dag: KnownDag, { fromMs, toMs, nowMs, byDate }: Looked): readonly AuditRow[] {
  const definition = { dag: dag.version.dag, head: dag.head };
  const { schedule } = scheduledDag(definition);
  const rows: AuditRow[] = [];
  for (const interval of intervalsIn(schedule, fromMs, Number.MAX_SAFE_INTEGER)) {
    if (interval.startMs > toMs) break;
    if (rows.length === MOST_ROWS) throw tooLong(dag.head.dagId);
    const [run, ...others] = byDate.get(interval.startMs) ?? [];
    byDate.delete(interval.startMs);
    const texts = intervalTexts({ schedule }, interval);
    rows.push({
      logicalDate: texts.start,
      interval: texts,
      ...(run === undefined ? verdictOf(definition, interval, nowMs) : ofRun(run)),
    });
    rows.push(...others.map(strangerRow));
  }
  return rows;
}

function ofRun(run: Run): Pick<AuditRow, 'run' | 'code' | 'text'> {
  const { id, type, state, attempt, by } = run;
  const made = type === 'backfill' ? `by ${by}` : 'by the schedule';
  const tries = attempt === 1 ? '' : `, attempt ${attempt}`;
  return { run: { id, type, state, attempt, by }, code: type, text: `made ${made}; ${state}${tries}` };
}

function strangerRow(run: Run): AuditRow {
  const { run: facts, text } = ofRun(run);
  return {
    logicalDate: run.logicalDate,
    interval: run.interval,
    ...(facts === undefined ? {} : { run: facts }),
    code: 'other_schedule',
    text: `${text}; the schedule of today has no such interval`,
  };
}

/** Intervals that should have a run, where no run for a longer range covers them. */
function gaps(rows: readonly AuditRow[], runs: readonly Run[]): readonly AuditProblem[] {
  return rows.flatMap(({ code, logicalDate, interval, text }) => {
    if (code !== 'missing' || runs.some((run) => covers(run, interval))) return [];
    return [{ code: 'gap' as const, logicalDate, text: `no run: ${text}` }];
  });
}

/** A run for a whole range stands for every interval in it. */
function covers({ interval }: Run, { start, end }: Run['interval']): boolean {
  return interval.start <= start && interval.end >= end;
}

function clashes(runs: readonly Run[]): readonly AuditProblem[] {
  const problems: AuditProblem[] = [];
  let before: Run | undefined;
  for (const run of runs) {
    const { logicalDate } = run;
    if (before !== undefined && Date.parse(before.logicalDate) === Date.parse(logicalDate)) {
      problems.push({
        code: 'double',
        logicalDate,
        text: `runs ${before.id} and ${run.id} are of one interval`,
      });
    } else if (before !== undefined && Date.parse(before.interval.end) > Date.parse(run.interval.start)) {
      const text = `the run before, of ${before.logicalDate}, goes until ${before.interval.end}`;
      problems.push({ code: 'overlap', logicalDate, text });
    }
    if (before === undefined || Date.parse(run.interval.end) >= Date.parse(before.interval.end)) before = run;
  }
  return problems;
}

/** Runs of intervals whose logical dates are in a range, oldest first. */
async function intervalRuns(
  { store }: World,
  dagId: string,
  range: { readonly from: string; readonly to: string },
): Promise<readonly Run[]> {
  const query = { dagId, types: ['scheduled', 'backfill'], ...range, order: 'oldest', limit: 1000 } as const;
  return allOf((part) => store.runs.list({ ...query, ...part }));
}

function reversed(dagId: string, { from, to }: { readonly from: string; readonly to: string }): RefusedError {
  return new RefusedError(
    'invalid-range',
    `dag "${dagId}" › range: must not end before it starts, got ${from} to ${to}; write the earlier date first`,
  );
}

function tooLong(dagId: string): RefusedError {
  return new RefusedError(
    'invalid-range',
    `dag "${dagId}" › range: must have at most ${MOST_ROWS} intervals, got more; audit a part of it`,
  );
}
