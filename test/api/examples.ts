import { dateOf } from '../store/build.ts';
import type { Asking } from './seed.ts';

export interface Example extends Asking {
  readonly path: string;
}

const RUN = `/dags/sales/runs/${dateOf(9)}`;

/** One request of each operation, which the seeded world answers with success. */
export const EXAMPLES: Readonly<Record<string, (hash: string) => Example>> = {
  getHealth: () => ({ path: '/health' }),
  getCapabilities: () => ({ path: '/capabilities' }),
  getDocument: () => ({ path: '/openapi.json' }),
  getStructure: (hash) => ({ path: `/meta/sales/${hash}/structure.json` }),
  getParamsSchema: (hash) => ({ path: `/meta/sales/${hash}/params.schema.json` }),
  listDags: () => ({ path: '/dags?runs=5&state=failing' }),
  getDag: () => ({ path: '/dags/sales' }),
  listVersions: () => ({ path: '/dags/sales/versions' }),
  listRuns: () => ({ path: '/runs?limit=3' }),
  listDagRuns: () => ({ path: '/dags/sales/runs?state=success,failed&from=2026-01-02&to=2026-01-09' }),
  getRun: () => ({ path: RUN }),
  listTaskRuns: () => ({ path: `${RUN}/tasks` }),
  getTask: () => ({ path: `${RUN}/tasks/load` }),
  getLogs: () => ({ path: `${RUN}/tasks/load/tries/1/logs` }),
  getRunTimeline: () => ({ path: `${RUN}/timeline` }),
  getGrid: () => ({ path: '/dags/sales/grid?runs=5' }),
  getCalendar: () => ({ path: '/dags/sales/calendar?from=2026-01-01&to=2026-01-31' }),
  getTimeline: () => ({ path: '/timeline?from=2026-01-08&to=2026-01-12' }),
  listNextRuns: () => ({ path: '/dags/sales/next?count=3' }),
  listBlockers: () => ({ path: `/dags/sales/runs/${encodeURIComponent(`${dateOf(5)}~01J0`)}/blockers` }),
  getWhy: () => ({ path: '/dags/sales/why?date=2026-01-11' }),
  auditLedger: () => ({ path: '/dags/sales/ledger?from=2026-01-01&to=2026-01-12' }),
  getSummary: () => ({ path: '/summary?hours=72' }),
  getSearchIndex: () => ({ path: '/search-index' }),
  listAudit: () => ({ path: '/audit' }),
  getChanges: () => ({ path: '/changes' }),
  cancelRun: () => ({ path: `/dags/sales/runs/${dateOf(10)}:cancel`, body: {} }),
  clearRun: () => ({ path: `${RUN}:clear?dryRun=1`, body: { onlyFailed: true, note: 'fixed' } }),
  clearRuns: () => ({ path: '/dags/sales/runs:clear', body: { from: '2026-01-02', to: '2026-01-03' } }),
  markRun: () => ({ path: `${RUN}:mark`, body: { tasks: ['load'], state: 'success' } }),
  markRuns: () => ({
    path: '/dags/sales/runs:mark?dryRun=1',
    body: { from: '2026-01-08', to: '2026-01-09', tasks: ['load'], state: 'skipped' },
  }),
  listBackfills: () => ({ path: '/backfills?active=1' }),
  getBackfill: () => ({ path: '/backfills/01JBACKFILL' }),
  createBackfill: () => ({
    path: '/backfills',
    body: { dagId: 'sales', from: '2026-01-07', to: '2026-01-09', reprocess: 'failed', params: { rows: 2 } },
  }),
  listApprovals: () => ({ path: '/approvals?dag=sales' }),
  answerApproval: () => ({
    path: `/dags/sales/runs/${dateOf(10)}/tasks/load:answer`,
    body: { choice: 'yes', comment: 'go' },
  }),
  listHeldDates: () => ({ path: '/backfills/01JBACKFILL/held' }),
  listDagRecords: () => ({ path: '/records/dags?limit=2' }),
  getDagRecord: () => ({ path: '/records/dags/sales' }),
  getVersionRecord: (hash) => ({ path: `/records/dags/sales/versions/${hash}` }),
  listRunRecords: () => ({ path: '/records/runs?dag=sales&state=failed,running&from=2026-01-02' }),
  listOpenRecords: () => ({ path: '/records/open?dag=sales&lane=main' }),
  getRunRecord: () => ({ path: `/records${RUN}` }),
  listTaskRunRecords: () => ({ path: `/records${RUN}/tasks?task=load&attempt=1` }),
  listBackfillRecords: () => ({ path: '/records/backfills?dag=sales&active=1' }),
  getBackfillRecord: () => ({ path: '/records/dags/sales/backfills/01JBACKFILL' }),
  listBackfillDateRecords: () => ({ path: '/records/dags/sales/backfills/01JBACKFILL/dates' }),
  pauseBackfill: () => ({ path: '/backfills/01JBACKFILL:pause', body: {} }),
  resumeBackfill: () => ({ path: '/backfills/01JBACKFILL:resume', body: {} }),
  cancelBackfill: () => ({ path: '/backfills/01JBACKFILL:cancel', body: {} }),
  retryFailedDates: () => ({ path: '/backfills/01JFAILED:retry-failed', body: {} }),
  pauseDag: () => ({ path: '/dags/sales:pause', body: {} }),
  unpauseDag: () => ({ path: '/dags/other:unpause', body: {} }),
  pinDag: (hash) => ({ path: '/dags/sales:pin', body: { version: hash } }),
  triggerRun: () => ({
    path: '/dags/sales/runs',
    body: { logicalDate: '2026-01-04', params: { rows: 3 }, note: 'try' },
  }),
};
