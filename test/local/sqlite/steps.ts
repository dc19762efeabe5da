/** Random steps that stores are asked to do, in a world so small that steps meet. */
import fc from 'fast-check';
import type { LedgerState, Run, RunType } from '../../../lib/model/run.ts';
import type { Page, Store } from '../../../lib/store/store.ts';
import { backfill, backfillDate, dateOf, entry, head, row, run, version } from '../../store/build.ts';

/** A store, and where its reader of changes is. */
export interface Asked {
  readonly store: Store;
  cursor?: string;
}

/** What it answers is the same of every store. */
export type Step = (asked: Asked) => Promise<unknown>;

export function step(): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 6, arbitrary: does(anyRun, ({ runs }, one) => runs.create(one)) },
    { weight: 8, arbitrary: runSteps() },
    { weight: 2, arbitrary: headSteps() },
    { weight: 3, arbitrary: taskRunSteps() },
    { weight: 3, arbitrary: backfillSteps() },
    { weight: 3, arbitrary: leaseSteps() },
    { weight: 2, arbitrary: auditSteps() },
  );
}

/** A step that asks the store by a random value. */
function does<T>(
  of: fc.Arbitrary<T>,
  work: (store: Store, value: T) => Promise<unknown>,
): fc.Arbitrary<Step> {
  return of.map(
    (value) =>
      ({ store }) =>
        work(store, value),
  );
}

const dagId = fc.constantFrom('sales', 'stock');
const day = fc.integer({ min: 1, max: 3 });
const instant = day.map(dateOf);
/** Ends: no run ends before it was created. */
const end = fc.integer({ min: 3, max: 5 }).map(dateOf);
const state = fc.constantFrom<LedgerState>('queued', 'starting', 'running', 'success', 'failed', 'cancelled');
const states = fc.uniqueArray(state, { maxLength: 4 });
const type = fc.constantFrom<RunType>('scheduled', 'backfill', 'manual', 'triggered');
const lane = fc.constantFrom('main', 'BF#1' as const);
const small = fc.integer({ min: 0, max: 3 });

function maybe<T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(of, { nil: undefined, freq: 2 });
}

function rarely<T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: of });
}

const anyRun: fc.Arbitrary<Run> = fc
  .record({ dagId, day, made: day, manual: fc.boolean(), state, type, lane, ended: maybe(end) })
  .map(({ day: at, made, manual, ended, ...over }) =>
    run(at, {
      ...over,
      id: manual ? `${dateOf(at)}~01A` : dateOf(at),
      createdAt: dateOf(made),
      ...(ended === undefined ? {} : { endedAt: ended }),
    }),
  );
const key = anyRun.map((one) => ({ dagId: one.dagId, runId: one.id }));

function runSteps(): fc.Arbitrary<Step> {
  const patch = fc.record({ state, note: maybe(fc.string()), endedAt: maybe(end), cells: fc.string() });
  const query = fc.record({
    dagId: maybe(dagId),
    states: rarely(states),
    types: rarely(fc.uniqueArray(type)),
    from: rarely(instant),
    to: rarely(instant),
    order: fc.constantFrom('newest' as const, 'oldest' as const),
    limit: small,
  });
  const place = fc.tuple(dagId, lane, day.map(dateOf));
  return fc.oneof(
    does(fc.tuple(key, states, maybe(small), patch), ({ runs }, [of, from, rev, next]) =>
      runs.update(of, defined({ states: from, rev }), next),
    ),
    does(key, ({ runs }, of) => runs.get(of)),
    does(query, ({ runs }, of) => pagesOf((cursor) => runs.list(defined({ ...of, cursor })))),
    does(fc.record({ dagId: maybe(dagId), lane: maybe(lane) }), ({ runs }, of) => runs.open(defined(of))),
    does(fc.tuple(place, small), async ({ runs }, [of, max]) => [
      await runs.admit(...of, max),
      await runs.admitted(of[0], of[1]),
    ]),
    does(place, ({ runs }, of) => runs.release(...of)),
    rarely(small).map((limit) => (asked: Asked) => changes(asked, limit)),
    does(
      fc.record({
        keep: maybe(small),
        endedBefore: maybe(fc.integer({ min: 2, max: 6 }).map(dateOf)),
        dryRun: maybe(fc.boolean()),
      }),
      ({ runs }, policy) => runs.prune(defined(policy)),
    ),
  );
}

/** What changed since the last time this was asked; the cursor itself is each store's own. */
async function changes(asked: Asked, limit: number | undefined): Promise<unknown> {
  const { cursor, ...told } = await asked.store.runs.changes(asked.cursor, limit);
  asked.cursor = cursor;
  return told;
}

function headSteps(): fc.Arbitrary<Step> {
  const hash = fc.constantFrom('h1', 'h2');
  return fc.oneof(
    does(dagId, ({ dags }, id) => dags.createHead(head(id))),
    does(fc.tuple(dagId, small, maybe(fc.string())), ({ dags }, [id, rev, owner]) =>
      dags.updateHead(id, rev, { owner }),
    ),
    does(small, async ({ dags }, count) => [await dags.heads(), await dags.recent(count)]),
    does(fc.tuple(dagId, hash, fc.string()), ({ dags }, [id, of, doc]) =>
      dags.putVersion(version(id, of, doc)),
    ),
    does(fc.tuple(dagId, hash), ({ dags }, of) => dags.version(...of)),
  );
}

function taskRunSteps(): fc.Arbitrary<Step> {
  const task = fc.constantFrom('a', 'b');
  const attempt = fc.constantFrom(1, 2);
  const instance = maybe(fc.constantFrom('0', '1'));
  const rows = fc.array(
    fc
      .record({ task, attempt, instance, label: maybe(fc.string()) })
      .map((one) => row(one.task, defined({ ...one }))),
    { maxLength: 4 },
  );
  const recorded = (mark: string) => ({
    states: new Map([['a', 'success' as const]]),
    outputs: new Map([['a', { mark }]]),
    marks: {},
    records: [],
  });
  return fc.oneof(
    { weight: 2, arbitrary: does(fc.tuple(key, rows), ({ taskRuns }, [of, all]) => taskRuns.put(of, all)) },
    does(
      fc.tuple(key, fc.record({ task: rarely(task), attempt: rarely(attempt) })),
      ({ taskRuns }, [of, only]) => taskRuns.list(of, defined(only)),
    ),
    does(fc.tuple(key, fc.string()), ({ taskRuns }, [of, mark]) => taskRuns.putRecorded(of, recorded(mark))),
    does(key, ({ taskRuns }, of) => taskRuns.recorded(of)),
  );
}

function backfillSteps(): fc.Arbitrary<Step> {
  const id = fc.constantFrom('01A', '01B', '01C');
  const dateState = fc.constantFrom('pending', 'queued', 'success', 'skipped');
  const plan = fc.constantFrom('running', 'paused', 'success', 'failed');
  const dates = [backfillDate(2, 1), backfillDate(1, 0)];
  const asked = fc.record({ dagId: maybe(dagId), active: fc.boolean(), limit: fc.constantFrom(1, 2) });
  return fc.oneof(
    does(fc.record({ id, dagId, state: plan }), ({ backfills }, of) =>
      backfills.create(backfill(of.id, of), dates),
    ),
    does(fc.tuple(dagId, id, small, plan), ({ backfills }, [dag, of, rev, to]) =>
      backfills.update(dag, of, rev, { state: to }),
    ),
    does(asked, ({ backfills }, of) => pagesOf((cursor) => backfills.list(defined({ ...of, cursor })))),
    does(
      fc.tuple(fc.record({ dagId, id, logicalDate: instant }), dateState, dateState),
      ({ backfills }, [of, from, to]) => backfills.updateDate(of, from, { state: to }),
    ),
    does(fc.tuple(dagId, id, maybe(fc.uniqueArray(dateState))), ({ backfills }, of) =>
      backfills.dates(...of),
    ),
  );
}

function leaseSteps(): fc.Arbitrary<Step> {
  // Always the same instant: what has expired by it may be gone.
  const nowMs = 100;
  const untilMs = fc.integer({ min: 98, max: 102 });
  const name = fc.constantFrom('one', 'two');
  const holder = fc.constantFrom('ann', 'bob');
  return fc.oneof(
    does(fc.tuple(name, holder, untilMs), ({ leases }, [of, id, until]) =>
      leases.acquire(of, { id }, until, nowMs),
    ),
    does(fc.tuple(name, holder), ({ leases }, of) => leases.release(...of)),
    does(name, ({ leases }, of) => leases.holder(of, nowMs)),
    does(fc.tuple(name, fc.json(), untilMs), ({ leases }, of) => leases.once(...of, nowMs)),
    does(fc.tuple(name, small, untilMs), ({ leases }, of) => leases.settle(...of)),
  );
}

function auditSteps(): fc.Arbitrary<Step> {
  const id = fc.constantFrom('01A', '01B', '01C', '01D');
  const action = fc.constantFrom('pause', 'clear');
  const asked = fc.record({
    dagId: rarely(dagId),
    action: rarely(action),
    from: rarely(instant),
    to: rarely(instant),
    limit: fc.constantFrom(1, 2),
  });
  return fc.oneof(
    does(fc.record({ id, dagId: maybe(dagId), action, at: instant }), ({ audit }, one) =>
      audit.append(entry(one.id, defined(one))),
    ),
    does(asked, ({ audit }, of) => pagesOf((cursor) => audit.list(defined({ ...of, cursor })))),
  );
}

/** Every page to the last, as pages. */
async function pagesOf<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<readonly T[][]> {
  const pages: T[][] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    pages.push([...page.items]);
    cursor = page.cursor;
    if (pages.length > 100) throw new Error('pages without end');
  } while (cursor !== undefined);
  return pages;
}

/** The type of its fields where they are there. */
type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** Without the fields that are `undefined`. */
function defined<T extends object>(value: T): Defined<T> {
  const there = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(there) as Defined<T>;
}
