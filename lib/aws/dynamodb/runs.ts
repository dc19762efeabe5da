import { isFinal, keyOfRun, type Run } from '../../model/run.ts';
import { isExpected, revised } from '../../store/data.ts';
import type { RunStore } from '../../store/store.ts';
import { changesAfter } from './changes.ts';
import { numbered, wasDone } from './feed.ts';
import { ABSENT, docOf, keyItem, numberIn, runItemKey, sameNumber, valueIn } from './item.ts';
import { lanes } from './lanes.ts';
import { openInOrder } from './open-in-order.ts';
import { outlineText } from './outline.ts';
import type { Parts } from './parts.ts';
import { pruneRuns } from './prune.ts';
import type { Item } from './requests.ts';
import { indexedRun, listRuns } from './run-lists.ts';

export function dynamoRuns(parts: Parts): RunStore {
  const { table } = parts;
  return {
    create: async (run) => {
      // A write that is refused costs more than a look.
      if ((await table.get(runItemKey(keyOfRun(run)))) !== undefined) return false;
      return write(parts, run);
    },
    get: async (key) => {
      const item = await table.get(runItemKey(key));
      return item === undefined ? undefined : valueIn<Run>(item);
    },
    async update(key, expected, patch) {
      for (;;) {
        const item = await table.get(runItemKey(key));
        if (item === undefined) return undefined;
        const run = valueIn<Run>(item);
        if (!isExpected(run, expected)) return undefined;
        const next = revised(run, patch);
        if (await write(parts, next, { item, run })) return next;
        // Somebody wrote in between: what is there now may still be what is expected.
      }
    },
    list: async (query) => listRuns(table, query),
    open: async (of = {}) => openInOrder(parts, of),
    ...lanes(table),
    changes: async (cursor, limit) => changesAfter(parts, cursor, limit),
    prune: async (policy) => pruneRuns(parts, policy),
  };
}

/** A run, and the item it was read from. */
interface Read {
  readonly item: Item;
  readonly run: Run;
}

/** Puts a run in the place of what was read, or where nothing was; false where that is another by now. */
async function write(parts: Parts, run: Run, before?: Read): Promise<boolean> {
  const { table, feed, open } = parts;
  const key = keyOfRun(run);
  const opens = !isFinal(run.state) && (before === undefined || isOpening(before.run, run));
  const openedBy = numberIn(before?.item, 'opened');
  const done = await feed.announced(
    key,
    async (n) => {
      const opened = opens ? n : openedBy;
      const item = itemOf(run, opened, numbered(n, before?.item));
      const { done, old } = await table.put(
        item,
        before === undefined ? ABSENT : sameNumber('rev', before.run.rev),
      );
      return done || wasDone(n, old);
    },
    async (n) => (opens ? open.add(run, n) : undefined),
  );
  if (done && isFinal(run.state)) await follow(parts, run, before);
  return done;
}

function isOpening(before: Run, run: Run): boolean {
  return isFinal(before.state) || before.lane !== run.lane;
}

/** What the end of a run leaves; before the mark that it is open goes, so that nobody misses it in between. */
async function follow({ recent, open }: Parts, run: Run, before: Read | undefined): Promise<void> {
  if (before === undefined || outlineText(before.run) !== outlineText(run)) await recent.keep(run);
  const opened = numberIn(before?.item, 'opened');
  if (before !== undefined && !isFinal(before.run.state) && opened !== undefined)
    await open.remove(keyOfRun(run), opened);
}

function itemOf(run: Run, opened: number | undefined, numbers: Item): Item {
  return {
    ...keyItem(runItemKey(keyOfRun(run))),
    ...indexedRun(run),
    rev: { N: String(run.rev) },
    ...(opened === undefined ? {} : { opened: { N: String(opened) } }),
    ...numbers,
    ...docOf(run),
  };
}
