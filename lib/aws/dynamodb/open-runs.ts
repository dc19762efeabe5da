/**
 * Which runs are open: an item for each, in one partition, so that they are read consistently, those of a DAG or all. It
 * is there before its run opens, and goes after its run ended; what a writer that died leaves is told from what is open
 * by the run itself, and goes when it is old.
 */
import { isFinal, type Lane, type Run, type RunKey } from '../../model/run.ts';
import { numberIn, runItemKey, textIn, valueIn } from './item.ts';
import type { Item, ItemKey } from './requests.ts';
import type { Table } from './table.ts';

/** An item that says that a run may be open. */
export interface OpenMark extends RunKey {
  readonly lane: Lane;
  /** Number of the write that opened it. */
  readonly n: number;
  readonly atMs: number;
}

const PARTITION = 'OPEN';
/** A writer takes no longer from one step to the next. */
const PATIENCE_MS = 900_000;

export class OpenRuns {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** Before a run opens by write `n`. */
  async add({ dagId, id, lane }: Run, n: number): Promise<void> {
    await this.#table.put({
      ...keyAttributes({ dagId, runId: id }),
      dag: { S: dagId },
      run: { S: id },
      lane: { S: lane },
      n: { N: String(n) },
      at: { N: String(Date.now()) },
    });
  }

  /** After the run that write `n` opened has ended; nothing where a later one opens it again. */
  async remove(key: RunKey, n: number): Promise<void> {
    const when = { text: '#n <= :n', names: { '#n': 'n' }, values: { ':n': { N: String(n) } } };
    await this.#table.remove(keyOf(key), when);
  }

  async marks(dagId?: string): Promise<readonly OpenMark[]> {
    const prefix = dagId === undefined ? {} : { prefix: `${dagId}#` };
    return (await this.#table.all({ pk: PARTITION, ...prefix })).map(markIn);
  }

  /** The runs of marks, as they are now: also such as have ended. */
  async runs(marks: readonly OpenMark[], { consistent = true } = {}): Promise<readonly Run[]> {
    const items = await this.#table.getAll(marks.map(runItemKey), { consistent });
    return items.map(valueIn<Run>);
  }

  /** Of marks and their runs, those that a writer left that died long ago. */
  stale(marks: readonly OpenMark[], runs: readonly Run[]): readonly OpenMark[] {
    const open = new Set(
      runs.filter(({ state }) => !isFinal(state)).map(({ dagId, id }) => `${dagId}#${id}`),
    );
    const before = Date.now() - PATIENCE_MS;
    return marks.filter(({ dagId, runId, atMs }) => atMs < before && !open.has(`${dagId}#${runId}`));
  }
}

function markIn(item: Item): OpenMark {
  return {
    dagId: textIn(item, 'dag') ?? '',
    runId: textIn(item, 'run') ?? '',
    lane: (textIn(item, 'lane') ?? 'main') as Lane,
    n: numberIn(item, 'n') ?? 0,
    atMs: numberIn(item, 'at') ?? 0,
  };
}

function keyOf({ dagId, runId }: RunKey): ItemKey {
  return { pk: PARTITION, sk: `${dagId}#${runId}` };
}

function keyAttributes(key: RunKey): Item {
  const { pk, sk } = keyOf(key);
  return { pk: { S: pk }, sk: { S: sk } };
}
