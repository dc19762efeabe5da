/**
 * The newest runs of each DAG that ended, as one small item a DAG, all in one partition: a list of hundreds of DAGs is a
 * few reads. An item is written after its run's end and before the run counts as open no more, so that what it lacks is
 * among those that are open.
 */
import { compareTexts } from '../../base/compare.ts';
import { isFinal, type Run } from '../../model/run.ts';
import { limitOf } from '../../store/page.ts';
import { MAX_RECENT, type RecentRuns, type RunOutline } from '../../store/store.ts';
import { dagPartition, valueIn } from './item.ts';
import type { OpenRuns } from './open-runs.ts';
import { longId, outlineIn, outlineOf, outlineText, shortId } from './outline.ts';
import type { Item, ItemKey } from './requests.ts';
import type { Table } from './table.ts';

const PARTITION = 'RECENT';
/** Attributes of runs; `head`: the DAG has one. */
const OF_RUN = '.';

export class Recent {
  readonly #table: Table;
  readonly #open: OpenRuns;
  constructor(table: Table, open: OpenRuns) {
    this.#table = table;
    this.#open = open;
  }

  /** Before a DAG's head is made. */
  async addDag(dagId: string): Promise<void> {
    await this.#change(dagId, [['head', '1']], []);
  }

  /** Ids of DAGs that have a head, or runs that ended. */
  async dagIds(): Promise<readonly string[]> {
    return (await this.#table.all({ pk: PARTITION })).map((item) => item['sk']?.S ?? '');
  }

  /** A run has ended, or is another as it was. */
  async keep(run: Run): Promise<void> {
    const kept = idsIn(await this.#table.get(keyOf(run.dagId)));
    const newest = [...new Set([...kept, run.id])].sort(newestFirst).slice(0, MAX_RECENT);
    if (!newest.includes(run.id)) return;
    await this.#change(run.dagId, [[attributeOf(run.id), outlineText(run)]], outside(kept, newest));
  }

  /** Runs were removed: what is left, older ones in their place. */
  async rebuild(dagId: string): Promise<void> {
    const newest: Run[] = [];
    const range = { pk: dagPartition(dagId), prefix: 'RUN#', newestFirst: true, first: MAX_RECENT };
    for await (const page of this.#table.pages(range)) {
      newest.push(...page.map(valueIn<Run>).filter(({ state }) => isFinal(state)));
      if (newest.length >= MAX_RECENT) break;
    }
    const wanted = newest.slice(0, MAX_RECENT);
    const kept = idsIn(await this.#table.get(keyOf(dagId)));
    const gone = outside(
      kept,
      wanted.map(({ id }) => id),
    );
    if (wanted.length + gone.length === 0) return;
    await this.#change(
      dagId,
      wanted.map((run) => [attributeOf(run.id), outlineText(run)] as const),
      gone,
    );
  }

  async list(count: number): Promise<readonly RecentRuns[]> {
    const most = limitOf(count, MAX_RECENT);
    // Asked first: a run that ends in between is in one of the two.
    const marks = await this.#open.marks();
    const open = Map.groupBy(await this.#open.runs(marks, { consistent: false }), ({ dagId }) => dagId);
    const items = await this.#table.all({ pk: PARTITION, consistent: false });
    return items
      .filter((item) => item['head'] !== undefined)
      .map((item) => {
        const dagId = item['sk']?.S ?? '';
        return { dagId, runs: newestOf(item, open.get(dagId) ?? []).slice(0, most) };
      })
      .filter(({ runs }) => runs.length > 0)
      .sort((a, b) => compareTexts(a.dagId, b.dagId));
  }

  async #change(
    dagId: string,
    put: readonly (readonly [name: string, text: string])[],
    remove: readonly string[],
  ): Promise<void> {
    const names = [...put.map(([name]) => name), ...remove.map(attributeOf)];
    const sets = put.map((_, index) => `#${index} = :${index}`);
    const removes = remove.map((_, index) => `#${put.length + index}`);
    await this.#table.update(keyOf(dagId), {
      text: [
        sets.length === 0 ? '' : `set ${sets.join(', ')}`,
        removes.length === 0 ? '' : `remove ${removes.join(', ')}`,
      ].join(' '),
      names: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
      values: Object.fromEntries(put.map(([, text], index) => [`:${index}`, { S: text }])),
    });
  }
}

function newestOf(item: Item, open: readonly Run[]): readonly RunOutline[] {
  const outlines = Object.entries(item).flatMap(([name, { S }]) => {
    const id = idOf(name);
    return id === undefined || S === undefined ? [] : ([[id, outlineIn(id, S)]] as const);
  });
  const byId = new Map([...outlines, ...open.map((run) => [run.id, outlineOf(run)] as const)]);
  return [...byId.values()].sort((a, b) => newestFirst(a.id, b.id));
}

function idsIn(item: Item | undefined): readonly string[] {
  return Object.keys(item ?? {}).flatMap((name) => idOf(name) ?? []);
}

function outside(all: readonly string[], wanted: readonly string[]): readonly string[] {
  const set = new Set(wanted);
  return all.filter((id) => !set.has(id));
}

function attributeOf(id: string): string {
  return `${OF_RUN}${shortId(id)}`;
}

function idOf(name: string): string | undefined {
  return name.startsWith(OF_RUN) ? longId(name.slice(OF_RUN.length)) : undefined;
}

function newestFirst(a: string, b: string): number {
  return compareTexts(b, a);
}

function keyOf(dagId: string): ItemKey {
  return { pk: PARTITION, sk: dagId };
}
