/** `node hammer-main.ts <file> <name>`: writes to a store beside others that do the same, and tells what it achieved. */
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, head, row, run } from '../../store/build.ts';

const [file = '', name = ''] = process.argv.slice(2);
const store = openSqliteStore(file);
const ROUNDS = 150;
const PLACES = 3;
const COUNTED = { dagId: 'sales', runId: dateOf(0) };
const done = { created: 0, updated: 0, noted: 0, headUpdated: 0, first: 0, most: 0 };

await store.dags.createHead(head('sales'));
await store.runs.create(run(0));
for (let round = 1; round <= ROUNDS; round++) {
  if (await store.runs.create(run(round, { by: name }))) done.created += 1;
  await store.taskRuns.put({ dagId: 'sales', runId: dateOf(round) }, [row(name), row('all')]);
  const counted = await store.runs.get(COUNTED);
  const expected = { states: ['queued'], rev: counted?.rev ?? 0 } as const;
  if ((await store.runs.update(COUNTED, expected, { note: name })) !== undefined) done.updated += 1;
  // Whatever revision: others write in between, and it is still what is expected.
  if ((await store.runs.update(COUNTED, { states: ['queued'] }, { by: name })) !== undefined) done.noted += 1;
  const rev = (await store.dags.head('sales'))?.rev ?? 0;
  if ((await store.dags.updateHead('sales', rev, { owner: name })) !== undefined) done.headUpdated += 1;
  if ((await store.leases.once(`key ${round}`, name, 1, 0)) === undefined) done.first += 1;
  await useLane(store, `${name} ${round}`);
}
await store.close();
process.stdout.write(JSON.stringify(done));

async function useLane({ runs }: Store, id: string): Promise<void> {
  const isIn = await runs.admit('sales', 'main', id, PLACES);
  done.most = Math.max(done.most, (await runs.admitted('sales', 'main')).length);
  if (isIn) await runs.release('sales', 'main', id);
}
