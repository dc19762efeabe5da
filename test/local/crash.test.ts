/** Real processes that are killed in the middle of a run, and others that go on with it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/base/json.ts';
import { seededRandom } from '../../lib/base/random.ts';
import type { RunEvent } from '../../lib/history/run-event.ts';
import { answersIn } from '../../lib/local/replay/answers.ts';
import type { RunEnd } from '../../lib/orchestrator/end.ts';
import { jsonLines, temporaryFolder } from './dag.ts';

const { SEED, KILLS } = process.env;
const MAIN = fileURLToPath(new URL('crash-main.ts', import.meta.url));
const NAME = '20260105T000000000Z-crash-00000001';

interface Ended extends RunEnd {
  readonly outputs: readonly (readonly [task: string, output: JsonObject])[];
}

/** Runs a process on the run, killed after so long; true where it came to its end before. */
async function lives(root: string, since: string, forMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [MAIN, root, '20', since], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = new Promise<boolean>((resolve, reject) => {
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve(code === 0);
      else reject(new Error(`the process ended with exit code ${code}`));
    });
  });
  // From when its run goes on: what it takes to start differs.
  await Promise.race([closed, untilThere(join(root, '.tutti', 'runs', NAME, 'run.json'), child.pid)]);
  await Promise.race([closed, setTimeout(forMs)]);
  child.kill('SIGKILL');
  return closed;
}

async function untilThere(file: string, pid: number | undefined): Promise<void> {
  while (!existsSync(file) || JSON.parse(readFileSync(file, 'utf8')).pid !== pid) await setTimeout(2);
}

test('a run whose process is killed again and again ends as it should, each try begun once', {
  timeout: 120_000,
}, async () => {
  const root = temporaryFolder();
  const random = seededRandom(Number(SEED ?? 42));
  const since = String(Date.now());
  let kills = 0;
  // Far enough apart that it comes to its end one day.
  while (!(await lives(root, since, kills < Number(KILLS ?? 4) ? random() * 250 : 60_000))) kills += 1;
  expect(kills).toBeGreaterThan(0);
  const { outputs, ...end }: Ended = JSON.parse(readFileSync(join(root, 'ended.json'), 'utf8'));
  expect(end).toMatchObject({ state: 'success', cells: expect.stringMatching(/^s+$/) });
  const events = jsonLines(
    join(root, '.tutti', 'runs', NAME, 'events.jsonl'),
  ) as unknown as readonly RunEvent[];
  const calls = [...answersIn(events).calls].filter(([key]) => key.startsWith('["task"'));
  // Nothing is called twice.
  expect(calls.filter(([, made]) => made.length > 1)).toEqual([]);
  const tries = Map.groupBy(
    calls.flatMap(([, made]) => made),
    ({ payload }) => String(payload['task']),
  );
  const began = Map.groupBy(
    readFileSync(join(root, 'began.txt'), 'utf8').trimEnd().split('\n'),
    (task) => task,
  );
  expect(new Set(began.keys())).toEqual(new Set(tries.keys()));
  for (const [task, made] of tries) {
    const lost = made.filter(({ end: how }) => how?.kind === 'failure' && how.error === 'Dag.TryLost').length;
    const times = began.get(task)?.length ?? 0;
    // A try may be lost before its function begins, never after it ended twice.
    expect([task, times]).toEqual([task, Math.min(times, made.length)]);
    expect([task, times >= made.length - lost]).toEqual([task, true]);
  }
  expect(outputs).toContainEqual(['sum', { names: 'abcd' }]);
});
