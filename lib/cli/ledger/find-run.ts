import { compareTexts } from '../../base/compare.ts';
import { RefusedError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import { intervalOf, isoText } from '../../schedule/run-interval.ts';
import { currentHeads } from '../../store/current-heads.ts';
import { clip } from '../words.ts';
import type { LedgerReads, Seen } from './ledger.ts';

/** Most runs that an ambiguous date, or the beginning of an id, is looked for among. */
const LOOKED_AT = 1000;

/**
 * Head of the DAG called `dagId`.
 *
 * @throws {RefusedError} `unknown-dag`
 */
export async function findHead(store: LedgerReads, command: string, dagId: string): Promise<DagHead> {
  const head = await store.dags.head(dagId);
  if (head !== undefined) return head;
  const ids = (await currentHeads(store.dags)).map((each) => each.dagId);
  const near = nearest(dagId, ids);
  const known =
    ids.length === 0
      ? 'none is registered yet: tutti dev does that here, a deploy elsewhere'
      : `there are ${shortList(ids)}`;
  const remedy = near === undefined ? known : `did you mean "${near}"?`;
  throw new RefusedError(
    'unknown-dag',
    `tutti ${command} › dag: must be the id of a DAG of this project, got "${clip(dagId, 120)}"; ${remedy}`,
  );
}

/** The version of a DAG that its next run would have. */
export async function newestVersion(store: LedgerReads, head: DagHead): Promise<DagVersion> {
  const version = await store.dags.version(head.dagId, head.version);
  if (version === undefined)
    throw new Error(`unreachable: version ${head.version} of "${head.dagId}" is not kept`);
  return version;
}

/**
 * The run that `text` means: its id, the beginning or end of one, a logical date (its interval's own run, else the newest
 * of those that somebody asked for), or `latest`: the one queued last.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-run`
 */
export async function findRun(
  { store, clock, suffix }: Seen,
  command: string,
  dagId: string,
  text: string,
): Promise<Run> {
  const head = await findHead(store, command, dagId);
  const exact = await store.runs.get({ dagId, runId: text });
  if (exact !== undefined) return exact;
  if (text === 'latest') {
    const run = await latestRun(store, dagId);
    if (run !== undefined) return run;
    throw unknownRun(command, text, `"${dagId}" has none yet: tutti trigger ${dagId}${suffix}`);
  }
  const dag = (await newestVersion(store, head)).dag;
  const date = isDate(text) ? isoText(intervalOf(dag, text, clock.now()).startMs) : undefined;
  if (date !== undefined) {
    const own = await store.runs.get({ dagId, runId: date });
    if (own !== undefined) return own;
    const { items } = await store.runs.list({ dagId, from: date, to: date, limit: 10 });
    if (items[0] !== undefined) return items[0];
  }
  const { items } = await store.runs.list({ dagId, limit: LOOKED_AT });
  const begun = items.filter(({ id }) => id.startsWith(text) || id.endsWith(text));
  if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  throw unknownRun(command, text, remedyFor({ dagId, date, begun, items, suffix }));
}

/** The one that was queued last: made, or cleared; where none of the last ones is the DAG's, its newest by logical date. */
async function latestRun({ runs }: LedgerReads, dagId: string): Promise<Run | undefined> {
  const [made, dated] = await Promise.all([
    runs.list({ limit: LOOKED_AT }),
    runs.list({ dagId, limit: 100 }),
  ]);
  const among = [...made.items.filter((run) => run.dagId === dagId), ...dated.items];
  return among.toSorted(
    (one, other) => compareTexts(other.queuedAt, one.queuedAt) || compareTexts(other.id, one.id),
  )[0];
}

interface Searched {
  readonly dagId: string;
  readonly date: string | undefined;
  readonly begun: readonly Run[];
  readonly items: readonly Run[];
  readonly suffix: string;
}

function remedyFor({ dagId, date, begun, items, suffix }: Searched): string {
  if (begun.length > 1) return `it may be ${shortList(begun.map(({ id }) => id))}`;
  if (date !== undefined) return `${date} has none: tutti why ${dagId} ${date}${suffix} says why`;
  if (items.length === 0) return `"${dagId}" has none yet: tutti trigger ${dagId}${suffix}`;
  return `the newest are ${shortList(items.slice(0, 3).map(({ id }) => id))}`;
}

function unknownRun(command: string, text: string, remedy: string): RefusedError {
  return new RefusedError(
    'unknown-run',
    `tutti ${command} › run: must be the id of a run, its logical date, or latest, got "${clip(text, 120)}"; ${remedy}`,
  );
}

/** True for what names a date, and no run by its id. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(text);
}

function shortList(ids: readonly string[]): string {
  return ids.length > 8 ? `${ids.slice(0, 8).join(', ')} …` : ids.join(', ');
}
