/** 6: the status API through its Function URLs, as its document says. */
import { deepEqual, equal } from 'node:assert/strict';
import type { Route } from '../../../lib/api/route.ts';
import { BASE, ROUTES } from '../../../lib/api/routes.ts';
import { CREDENTIALS } from '../credentials.ts';
import { isObject, type Json } from '../json.ts';
import { signedBy } from '../sides.ts';
import type { Stage } from '../stage.ts';
import { check, until } from '../suite.ts';
import { itemsOf } from '../told.ts';
import { start } from './changes.ts';

interface Example {
  readonly path: string;
  readonly body?: Json;
  /** Refused by what is there, as the document says it may be: the code of the problem. */
  readonly refused?: string;
}

/** Runs of DAGs that have ended, and one that goes on. */
interface Known {
  readonly version: string;
  readonly run: string;
  readonly going: string;
  readonly backfill: string;
  readonly failed: string;
}

export async function unsigned({ urls }: Stage): Promise<void> {
  await check('requests without a signature, or with a wrong one › are refused', async () => {
    const wrong = signedBy({ ...CREDENTIALS, secretAccessKey: 'other' });
    for (const url of [urls.read, urls.write]) {
      equal((await fetch(`${url}${BASE}/dags`)).status, 403);
      equal((await wrong.fetch(`${url}${BASE}/dags`)).status, 403);
    }
  });
}

/** After all other scenarios: it tries every route that there is. */
export async function everyRoute(stage: Stage): Promise<void> {
  const known = await knownOf(stage);
  const examples = examplesOf(known);
  await check(
    'the document › is served as the code has it, and every route has an example here',
    async () => {
      const { body } = await stage.deployed.ask('/openapi.json');
      const { paths } = body;
      const there = Object.values(isObject(paths) ? paths : {}).flatMap((methods) =>
        Object.values(isObject(methods) ? methods : {}).map((of) =>
          isObject(of) ? String(of['operationId']) : '',
        ),
      );
      deepEqual(new Set(there), new Set(ROUTES.map(({ id }) => id)));
      deepEqual(new Set(Object.keys(examples)), new Set(there));
    },
  );
  for (const route of ROUTES) {
    const example = examples[route.id];
    if (example !== undefined)
      await check(`${route.method} ${route.path} › answers as documented`, () =>
        answers(stage, route, example),
      );
  }
}

async function answers({ urls }: Stage, route: Route, { path, body, refused }: Example): Promise<void> {
  const url = `${route.method === 'GET' ? urls.read : urls.write}${BASE}${path}`;
  const asked =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await signedBy(CREDENTIALS).fetch(url, { method: route.method, ...asked });
  const reply = (await response.json()) as Json;
  const told = JSON.stringify(reply).slice(0, 1000);
  if (refused !== undefined) {
    equal(isObject(reply) ? reply['code'] : '', refused, told);
    return;
  }
  equal(response.status, route.status, told);
  deepEqual(route.reply().parse(reply), reply);
}

async function knownOf(stage: Stage): Promise<Known> {
  const { deployed, outside } = stage;
  const { body: dag } = await deployed.ask('/dags/daily_sales');
  const { body: runs } = await deployed.ask('/dags/daily_sales/runs?limit=500');
  const { body: backfills } = await deployed.ask('/backfills?dag=daily_sales');
  const interval = itemsOf(runs).find(({ type }) => type === 'backfill');
  const going = await start(stage, 'latch');
  await until('a run goes on', async () => outside.seen.find(({ run }) => run === going));
  const all = itemsOf(backfills);
  return {
    version: String(isObject(dag['dag']) ? dag['dag']['version'] : dag['version']),
    run: String(interval?.['id']),
    going,
    backfill: String(all.find(({ state }) => state === 'success')?.['id']),
    failed: String(all.find(({ state }) => state === 'failed')?.['id']),
  };
}

/** One request of each route; those that change something come after all that read. */
function examplesOf({ version, run, going, backfill, failed }: Known): Readonly<Record<string, Example>> {
  const sales = '/dags/daily_sales';
  const of = `${sales}/runs/${encodeURIComponent(run)}`;
  const active = `/dags/latch/runs/${encodeURIComponent(going)}`;
  const day = run.slice(0, 10);
  const range = { from: day, to: day };
  const again = `/backfills/${backfill}`;
  return {
    getHealth: { path: '/health' },
    getCapabilities: { path: '/capabilities' },
    getDocument: { path: '/openapi.json' },
    getStructure: { path: `/meta/daily_sales/${version}/structure.json` },
    getParamsSchema: { path: `/meta/daily_sales/${version}/params.schema.json` },
    listDags: { path: '/dags?runs=5' },
    getDag: { path: sales },
    listVersions: { path: `${sales}/versions` },
    listRuns: { path: '/runs?limit=3' },
    listDagRuns: { path: `${sales}/runs?state=success,failed&from=${day}` },
    getRun: { path: of },
    listTaskRuns: { path: `${of}/tasks` },
    getTask: { path: `${of}/tasks/load` },
    getLogs: { path: `${of}/tasks/fetch/tries/1/logs` },
    getRunTimeline: { path: `${of}/timeline` },
    getGrid: { path: `${sales}/grid?runs=5` },
    getCalendar: { path: `${sales}/calendar?from=${day}&to=${day}` },
    getTimeline: { path: `/timeline?from=${day}&to=${day}` },
    listNextRuns: { path: `${sales}/next?count=3` },
    listBlockers: { path: `${active}/blockers` },
    getWhy: { path: `${sales}/why?date=${day}` },
    auditLedger: { path: `${sales}/ledger?from=${day}&to=${day}` },
    getSummary: { path: '/summary?hours=72' },
    getSearchIndex: { path: '/search-index' },
    listAudit: { path: '/audit' },
    getChanges: { path: '/changes' },
    listBackfills: { path: '/backfills' },
    getBackfill: { path: again },
    listHeldDates: { path: `${again}/held` },
    listApprovals: { path: '/approvals?dag=latch' },
    answerApproval: {
      path: `${active}/tasks/a:answer`,
      body: { choice: 'yes' },
      refused: 'run-ended',
    },
    listDagRecords: { path: '/records/dags?limit=2' },
    getDagRecord: { path: '/records/dags/daily_sales' },
    getVersionRecord: { path: `/records${sales}/versions/${version}` },
    listRunRecords: { path: '/records/runs?dag=daily_sales' },
    listOpenRecords: { path: '/records/open?dag=latch&lane=main' },
    getRunRecord: { path: `/records${of}` },
    listTaskRunRecords: { path: `/records${of}/tasks?task=load&attempt=1` },
    listBackfillRecords: { path: '/records/backfills?dag=daily_sales' },
    getBackfillRecord: { path: `/records${sales}${again}` },
    listBackfillDateRecords: { path: `/records${sales}${again}/dates` },
    pinDag: { path: `${sales}:pin`, body: { version } },
    cancelRun: { path: `${active}:cancel`, body: {} },
    clearRun: { path: `${of}:clear?dryRun=1`, body: { tasks: ['report'] } },
    clearRuns: { path: `${sales}/runs:clear?dryRun=1`, body: { ...range, tasks: ['report'] } },
    markRun: { path: `${of}:mark?dryRun=1`, body: { tasks: ['report'], state: 'success' } },
    markRuns: {
      path: `${sales}/runs:mark?dryRun=1`,
      body: { ...range, tasks: ['report'], state: 'skipped' },
    },
    createBackfill: {
      path: '/backfills?dryRun=1',
      body: { dagId: 'daily_sales', ...range, reprocess: 'completed' },
    },
    pauseBackfill: { path: `${again}:pause`, body: {}, refused: 'backfill-ended' },
    resumeBackfill: { path: `${again}:resume`, body: {}, refused: 'backfill-ended' },
    cancelBackfill: { path: `${again}:cancel`, body: {}, refused: 'backfill-ended' },
    retryFailedDates: { path: `/backfills/${failed}:retry-failed`, body: {} },
    pauseDag: { path: '/dags/flights:pause', body: {} },
    unpauseDag: { path: '/dags/latch:unpause', body: {} },
    triggerRun: { path: '/dags/versioned/runs', body: { note: 'try' } },
  };
}
