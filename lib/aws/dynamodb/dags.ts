import type { DagHead, DagVersion } from '../../model/dag-version.ts';
import { revised } from '../../store/data.ts';
import type { DagStore } from '../../store/store.ts';
import { numbered, wasDone } from './feed.ts';
import { ABSENT, dagPartition, docOf, HEADS, headKey, keyItem, sameNumber, valueIn } from './item.ts';
import { getLarge, putLarge } from './large.ts';
import type { Parts } from './parts.ts';
import type { Item, ItemKey } from './requests.ts';

export function dynamoDags(parts: Parts): DagStore {
  const { table, recent } = parts;
  return {
    async putVersion(version) {
      await putLarge(table, versionKey(version.dag.id, version.manifest.hash), version);
    },
    version: async (dagId, hash) => getLarge<DagVersion>(table, versionKey(dagId, hash)),
    async head(dagId) {
      const item = await table.get(headKey(dagId));
      return item === undefined ? undefined : valueIn<DagHead>(item);
    },
    async heads() {
      // Who acts by one of them writes under the condition that it is still so.
      return (await table.all({ pk: HEADS, consistent: false })).map(valueIn<DagHead>);
    },
    async createHead(head) {
      if ((await table.get(headKey(head.dagId))) !== undefined) return false;
      await recent.addDag(head.dagId);
      return write(parts, head);
    },
    async updateHead(dagId, rev, patch) {
      const item = await table.get(headKey(dagId));
      if (item === undefined) return undefined;
      const head = valueIn<DagHead>(item);
      if (head.rev !== rev) return undefined;
      const next = revised(head, patch);
      return (await write(parts, next, { item, rev })) ? next : undefined;
    },
    recent: async (count) => recent.list(count),
  };
}

interface Read {
  readonly item: Item;
  readonly rev: number;
}

/** Puts a head in the place of what was read, or where nothing was. */
async function write({ table, feed }: Parts, head: DagHead, before?: Read): Promise<boolean> {
  const when = before === undefined ? ABSENT : sameNumber('rev', before.rev);
  return feed.announced({ dagId: head.dagId }, async (n) => {
    const item = {
      ...keyItem(headKey(head.dagId)),
      rev: { N: String(head.rev) },
      ...numbered(n, before?.item),
      ...docOf(head),
    };
    const { done, old } = await table.put(item, when);
    return done || wasDone(n, old);
  });
}

function versionKey(dagId: string, hash: string): ItemKey {
  return { pk: dagPartition(dagId), sk: `V#${hash}` };
}
