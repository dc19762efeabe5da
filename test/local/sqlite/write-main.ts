/** `node write-main.ts <file> <from>`: runs one after the other, each by four writes, told when done; it ends by being killed. */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../lib/local/sqlite/store.ts';
import { keyOfRun } from '../../../lib/model/run.ts';
import { row, run } from '../../store/build.ts';

const [file = '', from = ''] = process.argv.slice(2);
const { runs, taskRuns } = openSqliteStore(file);
for (let day = Number(from); ; day++) {
  const key = keyOfRun(run(day));
  await runs.create(run(day));
  await runs.update(key, { states: ['queued'] }, { state: 'running' });
  await taskRuns.put(key, [row('a'), row('b'), row('c')]);
  await runs.update(key, { states: ['running'] }, { state: 'success' });
  writeSync(1, `${day}\n`);
}
