import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { awsLauncher } from '../../lib/aws/launcher.ts';
import type { compile } from '../../lib/compiler/compile.ts';
import type { RecordedRun } from '../../lib/history/recorded-run.ts';
import type { FnContext } from '../../lib/model/context.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import type { Run } from '../../lib/model/run.ts';
import { SkipTask } from '../../lib/model/task-errors.ts';
import type { RunEnd } from '../../lib/orchestrator/end.ts';
import type { ExecutionStart } from '../../lib/orchestrator/ports.ts';
import { output, temporaryFolder, testDag } from '../local/dag.ts';
import { launcherIn, startingRun, versionOf } from '../local/launched.ts';
import { type Account, account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

function table() {
  return newTable();
}

/** One attempt on AWS, to its end. */
async function awsEnd(there: Account, start: ExecutionStart, recorded?: RecordedRun): Promise<RunEnd> {
  const ends: RunEnd[] = [];
  const launcher = awsLauncher({
    sfn: there.states,
    table: await table(),
    clock: { now: () => Date.now() },
    pool: 'pool',
    runOf: async () => start.run,
    versionOf: async () => start.version,
    recorded: async () => recorded,
    ended: async (end) => void ends.push(end),
    cancelJobs: async () => undefined,
  });
  const run: Run = { ...start.run, execution: launcher.nameFor(start.run, 0) };
  await launcher.start({ ...start, run });
  const machine = start.rerun === undefined ? 'machine' : 'rerun';
  const arn = `${start.version.deployment?.[machine].replace(':stateMachine:', ':execution:').replace(/:\d+$/, '')}:${run.execution}`;
  await there.ended(arn);
  expect(await launcher.describe(run.execution ?? '', { dagId: run.dagId, runId: run.id })).toBe('ended');
  expect(await launcher.settle?.({ ...start, run })).toBe(true);
  const [end] = ends;
  if (end === undefined || ends.length > 1) throw new Error(`${ends.length} ends`);
  return end;
}

async function localEnd(dag: DagNode, run: Partial<Run> = {}): Promise<RunEnd> {
  const { launcher, ended } = launcherIn(temporaryFolder(), [dag]);
  await launcher.start({ run: startingRun(dag, run), version: versionOf(dag) });
  await launcher.idle();
  const [end] = ended;
  if (end === undefined) throw new Error('no end');
  return end;
}

/** What does not depend on the time, and causes as functions give them here and there. */
function comparable(end: RunEnd) {
  const { endedAt: _, rows, recorded, cause, failed, ...rest } = end;
  return {
    ...rest,
    cause: causeIn(cause),
    failed: failed?.map((task) => ({ ...task, cause: causeIn(task.cause) })),
    rows: rows.map(({ startMs, endMs, tries, ...row }) => ({
      ...row,
      ran: [startMs !== undefined, endMs !== undefined],
      tries: tries.map(({ startMs: _start, endMs: _end, ...one }) => ({ ...one, cause: causeIn(one.cause) })),
    })),
    recorded: recorded && {
      ...recorded,
      states: [...recorded.states],
      outputs: [...recorded.outputs].sort(([a], [b]) => (a < b ? -1 : 1)),
      records: [...recorded.records].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    },
  };
}

/** Lambda wraps what a function threw. */
function causeIn(cause: string | undefined): string | undefined {
  if (cause?.startsWith('{"errorType"') !== true) return cause;
  return String(JSON.parse(cause).errorMessage);
}

/** `limits`: what of it is divided there. */
async function bothEnds(
  dag: DagNode,
  limits?: NonNullable<Parameters<typeof compile>[1]>['limits'],
): Promise<readonly [RunEnd, RunEnd]> {
  const there = await account();
  const deployed = await there.deploy(dag, limits === undefined ? {} : { options: { limits } });
  if (limits !== undefined) expect(deployed.deployment?.parts).toBeDefined();
  const { hash } = versionOf(dag).manifest;
  const version: DagVersion = { ...deployed, manifest: { ...deployed.manifest, hash } };
  const run = startingRun(dag);
  return Promise.all([localEnd(dag), awsEnd(there, { run, version })]);
}

const boom = () => Promise.reject(new Error('broken'));
const fine = () => undefined;
const quick = { attempts: 1, delay: '1s' } as const;

describe.skipIf(!hasTables)('the end of an execution is what it is here', () => {
  test('where a task fails, with outputs', async () => {
    const dag = testDag({
      a: { body: () => ({ n: 1, list: [1, 2] }) },
      b: { inputs: { n: output('a', 'n') }, body: boom },
      c: { after: ['b'], body: fine },
      d: { inputs: { n: output('a', 'list', 1) }, body: () => ({ ok: true }) },
    });
    const [here, there] = await bothEnds(dag);
    expect(here.state).toBe('failed');
    expect(comparable(there)).toEqual(comparable(here));
  });

  test('where tasks are tried again, skipped, and wait for each other', async () => {
    const dag = testDag({
      a: { body: ({ run }: FnContext) => (run.try === 1 ? boom() : { n: run.try }), retries: [quick] },
      b: { after: ['a'], body: () => Promise.reject(new SkipTask('no data')) },
      c: { after: ['a', 'x'], body: fine },
      x: { body: () => ({ v: 'w' }) },
      y: { inputs: { v: output('x', 'v') }, after: ['b', 'c'], triggerRule: 'all_done', body: fine },
    });
    const [here, there] = await bothEnds(dag);
    expect(here).toMatchObject({ state: 'success', cells: expect.stringContaining('s') });
    expect(comparable(there)).toEqual(comparable(here));
  });

  test('where the DAG is divided into machines that start each other', async () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `t${index}`,
        {
          body: index === 7 ? boom : () => ({ index }),
          after: index === 0 ? [] : [`t${index - 1}`],
          ...(index === 9 ? { triggerRule: 'all_done' as const } : {}),
        },
      ]),
    );
    const [here, there] = await bothEnds(testDag(tasks), { tasks: 5 });
    // What starts a part is a transition more.
    const { transitions: _here, ...own } = comparable(here);
    const { transitions: _there, ...divided } = comparable(there);
    expect(divided).toEqual(own);
  });

  test('where its time is over, with what ran and what did not', async () => {
    const slow = () => sleep(5_000, undefined, { ref: false });
    const dag = testDag(
      { a: { body: slow }, b: { body: fine }, c: { body: fine, after: ['a'] } },
      { runTimeout: '1s' },
    );
    const [here, there] = await bothEnds(dag);
    expect(here).toMatchObject({ state: 'failed', error: 'States.Timeout', cells: 'fsu' });
    expect(comparable(there)).toEqual(comparable(here));
  });
});
