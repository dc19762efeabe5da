import { compareTexts } from '../../base/compare.ts';
import type { Lane } from '../../model/run.ts';
import type { RunStore } from '../../store/store.ts';
import { dagPartition, goneAfter } from './item.ts';
import type { Expression, Item, ItemKey } from './requests.ts';
import type { Table } from './table.ts';

/** Places of lanes: a set of strings in one item of each. Asked twice, a run has one place. */
export function lanes(table: Table): Pick<RunStore, 'admit' | 'release' | 'admitted'> {
  return {
    async admit(dagId, lane, runId, max) {
      const { done } = await table.update(keyOf(dagId, lane), taking(lane, runId), {
        when: room(runId, max),
      });
      return done;
    },
    async release(dagId, lane, runId) {
      const change = { text: 'delete #active :place', names: NAMES, values: { ':place': { SS: [runId] } } };
      const when = { text: 'contains(#active, :run)', values: { ':run': { S: runId } } };
      await table.update(keyOf(dagId, lane), change, { when });
    },
    admitted: async (dagId, lane) => placesIn(await table.get(keyOf(dagId, lane))),
  };
}

/** Lanes of a DAG in which this has a place. */
export async function lanesOf(table: Table, dagId: string, place: string): Promise<readonly Lane[]> {
  const items = await table.all({ pk: dagPartition(dagId), prefix: PREFIX });
  return items
    .filter((item) => placesIn(item).includes(place))
    .map((item) => (item['sk']?.S ?? '').slice(PREFIX.length) as Lane);
}

const PREFIX = 'LANE#';
const NAMES = { '#active': 'active' };
/** What is left of a backfill's lane goes. */
const KEPT_DAYS = 400;

function taking(lane: Lane, runId: string): Expression {
  const place = { ':place': { SS: [runId] } };
  if (lane === 'main') return { text: 'add #active :place', names: NAMES, values: place };
  const { ttl } = goneAfter(KEPT_DAYS);
  return {
    text: 'set #ttl = :ttl add #active :place',
    names: { ...NAMES, '#ttl': 'ttl' },
    values: { ...place, ...(ttl === undefined ? {} : { ':ttl': ttl }) },
  };
}

/** It has a place, or there is one. */
function room(runId: string, max: number): Expression {
  const run = { ':run': { S: runId } };
  if (max <= 0) return { text: 'contains(#active, :run)', values: run };
  return {
    text: 'attribute_not_exists(#active) or size(#active) < :max or contains(#active, :run)',
    values: { ...run, ':max': { N: String(max) } },
  };
}

function placesIn(item: Item | undefined): readonly string[] {
  return [...(item?.['active']?.SS ?? [])].sort(compareTexts);
}

function keyOf(dagId: string, lane: Lane): ItemKey {
  return { pk: dagPartition(dagId), sk: `${PREFIX}${lane}` };
}
