/** Engines that Step Functions runs itself: their states, tokens, tries, and what counts as done. */
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import type { State, TaskState } from '../../lib/asl/states.ts';
import { compareTexts } from '../../lib/base/compare.ts';
import { isObject, type Json } from '../../lib/base/json.ts';
import { boundsOf } from '../../lib/compiler/bounds/bounds.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { Projector } from '../../lib/history/project.ts';
import {
  type Call,
  dag,
  ecs,
  emrServerless,
  fn,
  glue,
  pool,
  type Retries,
  stepFunctions,
} from '../../lib/index.ts';
import { type ResourceCall, TaskError } from '../../lib/interpreter/resource.ts';
import type { Script } from '../../lib/local/script.ts';
import { type SimulateOptions, simulate } from '../../lib/local/simulate.ts';
import type { DagNode } from '../../lib/model/dag.ts';

const job = glue.startJob({ jobName: 'clean', arguments: { '--day': '2026-01-02' } });
const failed = { outcome: 'failed', error: 'States.TaskFailed' } as const;

/** Runs a DAG; `answer` takes the place of engines. */
async function run(node: DagNode, script: Script, answer?: (call: ResourceCall) => Json | undefined) {
  const compiled = compile(node);
  expect(checkDefinition(compiled.definition)).toEqual([]);
  const calls: ResourceCall[] = [];
  const options: SimulateOptions = {
    wrap: (resources) => (call) => {
      if (call.pattern !== 'sync') return resources(call);
      calls.push(call);
      return answer === undefined ? resources(call) : answer(call);
    },
  };
  const simulation = await simulate(compiled, script, options);
  const projector = new Projector(compiled.manifest);
  for (const event of simulation.events) projector.apply(event);
  return { ...simulation, calls, tasks: projector.tasks() };
}

function one(call: Call<unknown>, retries?: Retries): DagNode {
  return dag('d', {}, ({ task }) => {
    task('a', call, retries === undefined ? {} : { retries });
  });
}

function tokenOf({ arguments: sent }: ResourceCall): string {
  const args = isObject(sent) && isObject(sent['Arguments']) ? sent['Arguments'] : {};
  return String(args['--tutti-token']);
}

describe('a job that ends well at once', () => {
  test('is one transition', async () => {
    const { state, transitions } = await run(one(job), {});
    expect([state, transitions]).toEqual(['success', 1]);
  });

  test('is sent what the vendor calls it, its token, and a limit below the state’s', () => {
    const { definition } = compile(
      dag('d', {}, ({ task }) => {
        task('a', glue.startJob({ jobName: 'clean', numberOfWorkers: 4 }), { timeout: '1h' });
        task('b', emrServerless.startJobRun(spark), { timeout: '2h' });
      }),
    );
    const [a, b] = ['a', 'b'].map((name) => ownState(definition.States, name));
    expect(a).toMatchObject({
      Resource: 'arn:aws:states:::glue:startJobRun.sync',
      Arguments: {
        JobName: 'clean',
        NumberOfWorkers: 4,
        Timeout: 59,
        Arguments: { '--tutti-token': expect.stringMatching(/^\{% .*\$hash/) },
      },
      TimeoutSeconds: 3600,
    });
    expect(b).toMatchObject({
      Arguments: {
        ApplicationId: '00f',
        JobDriver: { SparkSubmit: { EntryPoint: 's3://b/job.py' } },
        Tags: { team: 'x' },
        ExecutionTimeoutMinutes: 119,
      },
      TimeoutSeconds: 7200,
    });
  });

  test('gives its fields by their own names', async () => {
    const seen: unknown[] = [];
    const node = dag('d', {}, ({ task }) => {
      const a = task('a', job);
      task(
        'b',
        fn({ id: a.output.jobRunId, all: a.output }, () => undefined),
      );
    });
    const answer = () => ({
      Id: 'jr_1',
      JobName: 'clean',
      JobRunState: 'SUCCEEDED',
      ExecutionTime: 7,
      More: 1,
    });
    await simulate(
      compile(node),
      {},
      {
        onTry: ({ args }) => void seen.push(args),
        wrap: (resources) => (call) => (call.pattern === 'sync' ? answer() : resources(call)),
      },
    );
    const all = { jobRunId: 'jr_1', jobName: 'clean', jobRunState: 'SUCCEEDED', executionTime: 7 };
    expect(seen).toEqual([{ id: 'jr_1', all }]);
  });

  test('a task without retries has no way back', () => {
    expect(Object.keys(compile(one(job)).definition.States)).not.toContain('a · again');
  });
});

const spark = {
  applicationId: '00f',
  executionRoleArn: 'arn:aws:iam::123456789012:role/spark',
  jobDriver: { sparkSubmit: { entryPoint: 's3://b/job.py' } },
  tags: { team: 'x' },
};

function ownState(states: Readonly<Record<string, State>>, name: string): TaskState | undefined {
  for (const [key, state] of Object.entries(states)) {
    if (key === name && state.Type === 'Task') return state;
    const inside = state.Type === 'Parallel' ? state.Branches : [];
    for (const { States } of inside) {
      const found = ownState(States, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

describe('tries', () => {
  test('each has another token; calls of one try have the same', async () => {
    let calls = 0;
    const busy = new TaskError('Glue.ConcurrentRunsExceededException', 'one at a time');
    const {
      calls: sent,
      tasks,
      state,
    } = await run(one(job, { attempts: 2, delay: '1s' }), {}, () => {
      calls += 1;
      if (calls < 3) throw busy;
      if (calls === 3) throw new TaskError('States.TaskFailed', '{"JobRunState":"FAILED"}');
      return { Id: 'jr', JobRunState: 'SUCCEEDED' };
    });
    expect(state).toBe('success');
    const [first, second, third, fourth] = sent.map(tokenOf);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
    expect([first, fourth].map((token) => token?.length)).toEqual([64, 64]);
    expect([first, fourth].map((token) => token?.slice(0, 2))).toEqual(['1-', '2-']);
    expect(tasks[0]).toMatchObject({
      state: 'success',
      tries: [{ state: 'failed', error: 'States.TaskFailed' }, { state: 'success' }],
    });
  });

  test('each rule counts by itself, waits as it says, and the first that is for the error decides', async () => {
    const retries: Retries = [
      { on: 'Throttled', attempts: 1, delay: '7s' },
      { attempts: 2, delay: '10s', backoff: 3, maxDelay: '20s' },
    ];
    const script = { a: [failed, { ...failed, error: 'Throttled' }, failed, failed] };
    const { tasks, state, endSec } = await run(one(job, retries), script);
    expect(state).toBe('failed');
    expect(tasks[0]?.tries.map(({ error }) => error)).toEqual([
      'States.TaskFailed',
      'Throttled',
      'States.TaskFailed',
      'States.TaskFailed',
    ]);
    // Four tries of a second; 10, 7 and 20 between them.
    expect(endSec).toBe(41);
  });

  test('what is refused is not tried again, unless a rule names it', async () => {
    const refused = { a: [{ outcome: 'failed', error: 'Glue.EntityNotFoundException' }] } as const;
    const any = await run(one(job, { attempts: 3, delay: '1s' }), refused);
    expect(any.tasks[0]?.tries).toHaveLength(1);
    const named: Retries = [
      { on: 'Glue.EntityNotFoundException', attempts: 1, delay: '1s' },
      { attempts: 3 },
    ];
    expect((await run(one(job, named), refused)).tasks[0]?.tries).toHaveLength(2);
  });

  test('names that hold for any engine are known', async () => {
    const script = { a: [failed, {}] };
    const retries: Retries = [{ on: 'Engine.JobFailed', attempts: 1, delay: '1s' }];
    expect((await run(one(job, retries), script)).state).toBe('success');
  });

  test('while it waits for another try it is up for retry; stopped then, it is cut', async () => {
    const compiled = compile(one(job, { attempts: 1, delay: '1h' }));
    const projector = new Projector(compiled.manifest);
    const { events } = await simulate(compiled, { a: [failed, {}] });
    for (const event of events) {
      projector.apply(event);
      if (event.type === 'WaitStateEntered') break;
    }
    expect(projector.tasks()).toMatchObject([{ state: 'up_for_retry', tries: [{ state: 'failed' }] }]);
    const [last] = events.slice(-1);
    if (last !== undefined) projector.apply({ ...last, type: 'ExecutionAborted', details: {} });
    expect(projector.tasks()).toMatchObject([{ state: 'cancelled', tries: [{ state: 'failed' }] }]);
  });
});

describe('what Step Functions takes for done', () => {
  const container = ecs.runTask({ taskDefinition: 'train' });
  const never = { TaskArn: 'arn', Containers: [{ Name: 'main' }], StopCode: 'TaskFailedToStart' };

  test('is none without an exit code: the try has failed, and is tried again', async () => {
    let calls = 0;
    const answer = () => (++calls === 1 ? never : { ...never, Containers: [{ Name: 'main', ExitCode: 0 }] });
    const { state, tasks } = await run(one(container, { attempts: 1, delay: '1s' }), {}, answer);
    expect(state).toBe('success');
    expect(tasks[0]?.tries).toMatchObject([
      { state: 'failed', cause: expect.stringContaining('it never started: TaskFailedToStart') },
      { state: 'success' },
    ]);
  });

  test.each([
    ['a stopped Glue job', job, { Id: 'jr', JobRunState: 'STOPPED' }],
    ['a cancelled Spark job', emrServerless.startJobRun(spark), { JobRun: { State: 'CANCELLED' } }],
  ])('%s has failed', async (_, call, result) => {
    const { state, tasks } = await run(one(call), {}, () => result);
    expect([state, tasks[0]?.state, tasks[0]?.tries[0]?.state]).toEqual(['failed', 'failed', 'failed']);
  });

  test('arguments that cannot be evaluated are no failed job: nothing is tried again', async () => {
    const node = dag('d', {}, ({ task }) => {
      const before = task(
        'before',
        fn(() => ({ name: 'x' as string | undefined })),
      );
      task('a', glue.startJob({ jobName: before.output.name as never }), {
        retries: { attempts: 3, delay: '1s' },
      });
    });
    const { state, calls, tasks } = await run(node, { before: [{ output: {} }] });
    expect([state, calls.length, tasks[1]?.state]).toEqual(['failed', 0, 'failed']);
  });

  test('what a machine gives is at most 64 KiB', async () => {
    const stateMachineArn = 'arn:aws:states:eu-central-1:123456789012:stateMachine:score';
    const child = stepFunctions.startExecution({ stateMachineArn, input: { day: 'x' } });
    const answer = () => ({ Status: 'SUCCEEDED', Output: { text: 'x'.repeat(70_000) } });
    const { state, calls } = await run(one(child), {}, answer);
    expect(state).toBe('failed');
    expect(calls[0]?.arguments).toMatchObject({
      StateMachineArn: stateMachineArn,
      Name: expect.stringMatching(/^1-[0-9a-f]{62}$/),
      Input: { day: 'x', AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: expect.any(String) },
    });
  });
});

describe('elsewhere', () => {
  test('instances have tokens of their own, and tries of their own', async () => {
    const node = dag('d', {}, ({ group }) => {
      group.map('each', ['x', 'y'], ({ task }, item) => {
        task('job', glue.startJob({ jobName: item }), { retries: { attempts: 1, delay: '1s' } });
        return {};
      });
    });
    const { state, calls, tasks } = await run(node, { 'each.job@1': [failed, {}] });
    expect(state).toBe('success');
    expect(new Set(calls.map(tokenOf)).size).toBe(3);
    expect(calls.map((call) => tokenOf(call).slice(0, 4)).toSorted(compareTexts)).toEqual([
      '1-0-',
      '1-1-',
      '2-1-',
    ]);
    expect(tasks[0]?.instances?.map(({ tries }) => tries.length)).toEqual([1, 2]);
  });

  test('places of a pool are held between two tries', async () => {
    const node = dag('d', {}, ({ task }) => {
      const slots = pool('glue', { slots: 1 });
      task('a', job, { pool: slots, retries: { attempts: 1, delay: '30s' } });
      task('b', job, { pool: slots });
    });
    const { tasks, state } = await run(node, { a: [failed, {}] });
    expect(state).toBe('success');
    const [a, b] = tasks;
    const isApart = (a?.endMs ?? 0) <= (b?.startMs ?? 0) || (b?.endMs ?? 0) <= (a?.startMs ?? 0);
    expect(isApart).toBe(true);
  });

  test('bounds know the way back, and leave busy services out', () => {
    const node = one(job, { attempts: 2, delay: '1s' });
    const { worst, expected } = boundsOf(node, compile(node));
    // Three times the task, its question and its wait; then the end.
    expect(expected.transitions).toBe(1);
    expect(worst.transitions).toBe(3 * 3 + 1);
  });
});
