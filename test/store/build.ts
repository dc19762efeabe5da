/** Builders of what stores keep. */

import type { DagHead, DagVersion } from '../../lib/model/dag-version.ts';
import type { Manifest } from '../../lib/model/manifest.ts';
import type { Run } from '../../lib/model/run.ts';
import type { AuditEntry, Backfill, BackfillDate, TaskRunRow } from '../../lib/store/store.ts';
import { emptyDag } from '../build.ts';

/** The run of a day's interval, queued; `day` counts from 1 January 2026. */
export function run(day: number, over: Partial<Run> = {}): Run {
  const logicalDate = over.logicalDate ?? dateOf(day);
  return {
    dagId: 'sales',
    id: logicalDate,
    type: 'scheduled',
    state: 'queued',
    lane: 'main',
    logicalDate,
    interval: { start: logicalDate, end: dateOf(day + 1), date: logicalDate.slice(0, 10) },
    attempt: 1,
    version: 'v1',
    params: {},
    by: 'scheduler',
    createdAt: dateOf(day + 1),
    queuedAt: dateOf(day + 1),
    cells: '--',
    rev: 0,
    ...over,
  };
}

/** A run that ended, when its interval did. */
export function ended(day: number, over: Partial<Run> = {}): Run {
  return run(day, { state: 'success', startedAt: dateOf(day + 1), endedAt: dateOf(day + 1), ...over });
}

/** The instant at which a day begins. */
export function dateOf(day: number): string {
  return new Date(Date.UTC(2026, 0, day)).toISOString().replace('.000', '');
}

export function head(dagId: string, over: Partial<DagHead> = {}): DagHead {
  return {
    dagId,
    version: 'v1',
    tags: [],
    schedule: 'daily',
    paused: false,
    registeredAt: dateOf(1),
    rev: 0,
    ...over,
  };
}

export function version(dagId: string, hash: string, doc = ''): DagVersion {
  const manifest: Manifest = {
    dagId,
    hash,
    tags: [],
    schedule: 'never',
    params: {},
    runState: 'leaves',
    tasks: [],
    groups: [],
    states: {},
  };
  return { dag: { ...emptyDag(dagId), doc }, manifest };
}

export function row(task: string, over: Partial<TaskRunRow> = {}): TaskRunRow {
  return { attempt: 1, task, state: 'success', startMs: 1, endMs: 2, tries: [], ...over };
}

export function backfill(id: string, over: Partial<Backfill> = {}): Backfill {
  return {
    id,
    dagId: 'sales',
    from: dateOf(1),
    to: dateOf(3),
    reprocess: 'none',
    order: 'oldest',
    maxActiveRuns: 2,
    params: {},
    asOne: false,
    state: 'running',
    by: 'ann',
    createdAt: dateOf(9),
    rev: 0,
    ...over,
  };
}

export function backfillDate(day: number, position: number, over: Partial<BackfillDate> = {}): BackfillDate {
  const { logicalDate, interval } = run(day);
  return { logicalDate, interval, action: 'create', state: 'pending', position, ...over };
}

export function entry(id: string, over: Partial<AuditEntry> = {}): AuditEntry {
  return { id, at: dateOf(1), actor: 'ann', via: 'cli', action: 'pause', details: {}, ...over };
}
