/** Every route there is. */
import type { Route } from './route.ts';
import { APPROVAL_ROUTES } from './routes/approvals.ts';
import { AUDIT_ROUTES } from './routes/audit.ts';
import { BACKFILL_ROUTES } from './routes/backfills.ts';
import { CALENDAR_ROUTES } from './routes/calendar.ts';
import { CANCEL_ROUTES } from './routes/cancel.ts';
import { CHANGE_ROUTES } from './routes/changes.ts';
import { CLEAR_ROUTES } from './routes/clear.ts';
import { DAG_ROUTES } from './routes/dags.ts';
import { GRID_ROUTES } from './routes/grid.ts';
import { LOG_ROUTES } from './routes/logs.ts';
import { MARK_ROUTES } from './routes/mark.ts';
import { documentRoute, META_ROUTES } from './routes/meta.ts';
import { NEXT_ROUTES } from './routes/next.ts';
import { PAUSE_ROUTES } from './routes/pause.ts';
import { PIN_ROUTES } from './routes/pin.ts';
import { RECORD_ROUTES } from './routes/records.ts';
import { RUN_TIMELINE_ROUTES } from './routes/run-timeline.ts';
import { RUN_ROUTES } from './routes/runs.ts';
import { SUMMARY_ROUTES } from './routes/summary.ts';
import { TRIGGER_ROUTES } from './routes/trigger.ts';

/** Where all paths begin. */
export const BASE = '/api/v1';

const ALL: readonly Route[] = [
  ...META_ROUTES,
  ...DAG_ROUTES,
  ...RUN_ROUTES,
  ...GRID_ROUTES,
  ...RUN_TIMELINE_ROUTES,
  ...CALENDAR_ROUTES,
  ...LOG_ROUTES,
  ...NEXT_ROUTES,
  ...SUMMARY_ROUTES,
  ...AUDIT_ROUTES,
  ...CHANGE_ROUTES,
  ...PAUSE_ROUTES,
  ...PIN_ROUTES,
  ...TRIGGER_ROUTES,
  ...CANCEL_ROUTES,
  ...CLEAR_ROUTES,
  ...MARK_ROUTES,
  ...BACKFILL_ROUTES,
  ...APPROVAL_ROUTES,
  ...RECORD_ROUTES,
];

export const ROUTES: readonly Route[] = [...ALL, documentRoute(ALL, BASE)];
