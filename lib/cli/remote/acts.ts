/** Use cases by the API of another environment: the same requests, the same results, the same refusals. */
import { defined } from '../../api/defined.ts';
import type { JsonObject } from '../../base/json.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import type { Audit, AuditRow } from '../../orchestrator/audit.ts';
import type { CreatedBackfill } from '../../orchestrator/backfill/create.ts';
import type { HeldDates } from '../../orchestrator/backfill/held-dates.ts';
import type { BackfillPreview, BackfillRequest } from '../../orchestrator/backfill/preview.ts';
import type { ChosenRuns } from '../../orchestrator/chosen-runs.ts';
import type { ClearedRun, ClearRequest } from '../../orchestrator/clear.ts';
import type { MarkedRun, MarkRequest } from '../../orchestrator/mark.ts';
import type { NextRun } from '../../orchestrator/next.ts';
import type { PinRequest } from '../../orchestrator/pin.ts';
import type { Triggered, TriggerRequest } from '../../orchestrator/trigger.ts';
import type { Why } from '../../orchestrator/why.ts';
import { dayOrInstant } from '../../schedule/run-interval.ts';
import type { Backfill } from '../../store/store.ts';
import type { LedgerActs, LedgerReads, PinnedVersion } from '../ledger/ledger.ts';
import { type ApiClient, pathTo } from './client.ts';

export class RemoteActs implements LedgerActs {
  readonly #api: ApiClient;
  readonly #store: LedgerReads;

  constructor(api: ApiClient, store: LedgerReads) {
    this.#api = api;
    this.#store = store;
  }

  async trigger({ dagId, dryRun, logicalDate, now, params, note }: TriggerRequest): Promise<Triggered> {
    await this.#assertDates(dagId, [logicalDate]);
    const body = { logicalDate, now, params, note };
    const reply = await this.#api.post<TriggerReply>(pathTo('dags', dagId, 'runs'), body, { dryRun });
    const run = reply.record ?? (await this.#run(reply.run));
    const { id: runId, logicalDate: of } = run;
    return {
      run,
      created: reply.created,
      blockers: reply.blockers.map((blocker) => ({ logicalDate: of, runId, ...blocker })),
    };
  }

  async clear({ dagId, runs, dryRun = false, ...body }: ClearRequest) {
    const told = await this.#change<ClearReply>({ dagId, runs, dryRun, action: 'clear', body });
    return { runs: told.map(clearedOf) };
  }

  async mark({ dagId, runs, dryRun = false, ...body }: MarkRequest) {
    const told = await this.#change<MarkReply>({ dagId, runs, dryRun, action: 'mark', body });
    return { runs: told.map(markedOf) };
  }

  async cancel({ dagId, runId, dryRun }: { dagId: string; runId: string; dryRun?: boolean }) {
    const path = `${pathTo('dags', dagId, 'runs', runId)}:cancel`;
    const { run, outcome } = await this.#api.post<CancelReply>(path, {}, { dryRun });
    return { run: await this.#run(run), outcome };
  }

  /** Of one that is made, its preview is that of the moment before. */
  async createBackfill({ dryRun, ...request }: BackfillRequest): Promise<CreatedBackfill> {
    await this.#assertDates(request.dagId, [request.from, request.to]);
    const preview = await this.#preview(request);
    if (dryRun === true) return { preview };
    const { backfill } = await this.#api.post<BackfillReply>('/backfills', request, { records: true });
    const record = backfill && (await this.#store.backfills.get(request.dagId, backfill.id));
    if (record === undefined) return { preview };
    // As it was made: it may be over by now.
    const { endedAt: _, ...made } = record;
    return { preview, backfill: { ...made, state: 'running' } };
  }

  async changeBackfill(id: string, step: 'pause' | 'resume' | 'cancel' | 'retry'): Promise<void> {
    await this.#api.post(`${pathTo('backfills', id)}:${step === 'retry' ? 'retry-failed' : step}`, {});
  }

  async setPaused(dagId: string, paused: boolean): Promise<void> {
    await this.#api.post(`${pathTo('dags', dagId)}:${paused ? 'pause' : 'unpause'}`, {});
  }

  async pin({ dagId, ...body }: PinRequest): Promise<PinnedVersion> {
    const { version, before, pinnedFrom } = await this.#api.post<PinnedVersion>(
      `${pathTo('dags', dagId)}:pin`,
      body,
    );
    return { version, before, ...(pinnedFrom === undefined ? {} : { pinnedFrom }) };
  }

  async next(dagId: string, count: number): Promise<readonly NextRun[]> {
    const path = pathTo('dags', dagId, 'next');
    return (await this.#api.get<{ readonly items: readonly NextRun[] }>(path, { count })).items;
  }

  async why(dagId: string, date: string): Promise<Why> {
    const { run, ...told } = await this.#api.get<Why>(pathTo('dags', dagId, 'why'), { date });
    return { ...(run === undefined ? {} : { run: await this.#run(run) }), ...told };
  }

  async audit(dagId: string, range: { readonly from: string; readonly to: string }): Promise<Audit> {
    await this.#assertDates(dagId, [range.from, range.to]);
    const rows: AuditRow[] = [];
    let page = await this.#audit(dagId, range);
    for (;;) {
      rows.push(...page.rows.map(auditRowOf));
      if (page.cursor === undefined) return { rows, problems: page.problems };
      page = await this.#audit(dagId, { ...range, cursor: page.cursor });
    }
  }

  async heldDates({ id }: Backfill): Promise<HeldDates> {
    return this.#api.get<HeldDates>(`${pathTo('backfills', id)}/held`);
  }

  #audit(dagId: string, query: { readonly from: string; readonly to: string; readonly cursor?: string }) {
    return this.#api.get<LedgerReply>(pathTo('dags', dagId, 'ledger'), { ...query, limit: 500 });
  }

  async #run(of: Pick<Run, 'dagId' | 'id'>): Promise<Run> {
    const run = await this.#store.runs.get(keyOfRun(of));
    if (run === undefined) throw new Error(`unreachable: run ${of.id} of "${of.dagId}" is gone`);
    return run;
  }

  async #preview(request: BackfillRequest): Promise<BackfillPreview> {
    const query = { dryRun: true, records: true };
    let page = await this.#api.post<BackfillReply>('/backfills', request, query);
    const dates = [...(page.dates ?? [])];
    while (page.cursor !== undefined) {
      page = await this.#api.post<BackfillReply>('/backfills', request, { ...query, cursor: page.cursor });
      dates.push(...(page.dates ?? []));
    }
    return defined({ dates, counts: page.counts, estimate: page.estimate });
  }

  /** What was done is told shortly: what of it was cut is what a look just before it said. */
  async #change<T extends Told>({ dryRun, ...change }: Change & { readonly dryRun: boolean }) {
    if (!('runId' in change.runs)) await this.#assertDates(change.dagId, [change.runs.from, change.runs.to]);
    if (dryRun) return this.#changes<T>(change);
    const before = await this.#changes<T>(change).catch(() => []);
    const done = await this.#ask<T>(change, {});
    const told = new Map(done.runs.map((run) => [run.runId, run]));
    if (before.length === 0) return done.runs;
    return before.map((look) => {
      const run = told.get(look.runId);
      return run === undefined || run.cut === true ? { ...look, ...defined({ problem: run?.problem }) } : run;
    });
  }

  async #changes<T extends Told>(change: Change): Promise<readonly T[]> {
    const runs: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#ask<T>(change, { dryRun: true, cursor });
      runs.push(...page.runs);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return runs;
  }

  #ask<T>({ dagId, runs, action, body }: Change, query: { dryRun?: boolean; cursor?: string | undefined }) {
    const one = 'runId' in runs;
    const path = one ? pathTo('dags', dagId, 'runs', runs.runId) : pathTo('dags', dagId, 'runs');
    return this.#api.post<{ readonly runs: readonly T[]; readonly cursor?: string }>(
      `${path}:${action}`,
      one ? body : { ...body, ...runs },
      { ...query, limit: 10_000 },
    );
  }

  /** What is no date is refused as it is here. @throws {RefusedError} `invalid-logical-date` */
  async #assertDates(dagId: string, texts: readonly (string | undefined)[]): Promise<void> {
    const head = await this.#store.dags.head(dagId);
    const version = head === undefined ? undefined : await this.#store.dags.version(dagId, head.version);
    if (version === undefined) return;
    for (const text of texts) if (text !== undefined) dayOrInstant(version.dag, text);
  }
}

interface Change {
  readonly dagId: string;
  readonly runs: ChosenRuns;
  readonly action: 'clear' | 'mark';
  readonly body: object;
}

interface Told {
  readonly runId: string;
  readonly problem?: { readonly code: string; readonly message: string };
  readonly cut?: true;
}

interface TriggerReply {
  readonly run: Pick<Run, 'dagId' | 'id'>;
  readonly record?: Run;
  readonly created: boolean;
  readonly blockers: readonly {
    readonly code: Triggered['blockers'][number]['code'];
    readonly text: string;
  }[];
}

interface CancelReply {
  readonly run: Pick<Run, 'dagId' | 'id'>;
  readonly outcome: 'cancelled' | 'stopping';
}

interface ClearReply extends Told, Pick<ClearedRun, 'tasks' | 'notes'> {
  readonly kept: readonly (readonly [task: string, state: string])[];
}

/** Fields in the order in which they are told here. */
function clearedOf({ runId, tasks, kept, notes, problem }: ClearReply): ClearedRun {
  return defined({ runId, tasks, kept: kept.map(([task, state]) => ({ task, state })), notes, problem });
}

interface MarkReply extends Told, Pick<MarkedRun, 'marked' | 'runsAgain' | 'state' | 'notes'> {
  readonly follows: readonly (readonly [task: string, from: string, to: string])[];
}

function markedOf({ runId, marked, follows: told, runsAgain, state, notes, problem }: MarkReply): MarkedRun {
  const follows = told.map(([task, from, to]) => ({ task, from, to }));
  return defined({ runId, marked, follows, runsAgain, state, notes, problem });
}

interface BackfillReply extends Pick<BackfillPreview, 'counts' | 'estimate'> {
  readonly backfill?: { readonly id: string } & JsonObject;
  readonly dates?: BackfillPreview['dates'];
  readonly cursor?: string;
}

interface LedgerReply extends Pick<Audit, 'problems'> {
  readonly rows: readonly (Pick<AuditRow, 'logicalDate' | 'interval' | 'code' | 'text'> &
    Partial<Pick<Run, 'type' | 'state' | 'attempt' | 'by'>> & { readonly run?: string })[];
  readonly cursor?: string;
}

function auditRowOf({ run: id, type, state, attempt, by, ...row }: LedgerReply['rows'][number]): AuditRow {
  const { logicalDate, interval, code, text } = row;
  const isMade = id !== undefined && type !== undefined && state !== undefined;
  if (!isMade || attempt === undefined || by === undefined) return row;
  return { logicalDate, interval, run: { id, type, state, attempt, by }, code, text };
}
