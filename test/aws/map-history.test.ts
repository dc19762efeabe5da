/**
 * Histories of distributed Maps, and of executions that ended before their first state, in the shape in which AWS gives
 * them: what is kept of them is what the same events are here.
 */
import { describe, expect, test } from 'vitest';
import { endFrom } from '../../lib/aws/recorder.ts';
import type { AwsClient } from '../../lib/aws/signed/command.ts';
import { compareTexts } from '../../lib/base/compare.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { Projector } from '../../lib/history/project.ts';
import { RecordedRunReader } from '../../lib/history/recorded-run.ts';
import type { RunEvent } from '../../lib/history/run-event.ts';
import type { Script } from '../../lib/local/script.ts';
import { simulate } from '../../lib/local/simulate.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { attemptEnd } from '../../lib/orchestrator/attempt-end.ts';
import type { RunEnd } from '../../lib/orchestrator/end.ts';
import { namedError } from '../../lib/runtime/named-error.ts';
import * as features from '../features.ts';
import { testDag } from '../local/dag.ts';
import { startingRun, versionOf } from '../local/launched.ts';

const ROOT = 'arn:aws:states:us-east-1:000000000000:execution:tutti-test-d-0:run';

/** Items of a page: more pages than AWS would make. */
const PAGE = 3;

/** Step Functions, as far as histories are read: of the run's execution and of its Maps' children. */
function stepFunctions(events: readonly RunEvent[]): AwsClient & { readonly asked: string[] } {
  const byExecution = Map.groupBy(events, ({ execution = ROOT }) => execution);
  const childrenOf = (mapRunArn: string) =>
    events.flatMap(({ execution, parent }) => {
      if (execution === undefined || parent?.index === undefined) return [];
      const starter = byExecution.get(parent.execution === own ? ROOT : parent.execution) ?? [];
      const started = starter.find(({ id }) => id === parent.eventId);
      return started?.details['mapRunArn'] === mapRunArn ? [execution] : [];
    });
  const own = events.find(({ parent }) => parent !== undefined)?.parent?.execution;
  const asked: string[] = [];
  const operations: Readonly<Record<string, (input: Input) => object>> = {
    GetExecutionHistory({ executionArn = '', nextToken }) {
      const found = byExecution.get(executionArn);
      if (found === undefined) throw namedError('ExecutionDoesNotExist', 'Execution Does Not Exist');
      return page('events', found.map(sentBy), nextToken);
    },
    DescribeMapRun: ({ mapRunArn = '' }) => ({ executionCounts: { total: childrenOf(mapRunArn).length } }),
    // The newest first.
    ListExecutions({ mapRunArn = '', nextToken }) {
      const found = childrenOf(mapRunArn).toReversed();
      return page(
        'executions',
        found.map((executionArn) => ({ executionArn })),
        nextToken,
      );
    },
  };
  return {
    asked,
    async send<Output>({ name, input }: { readonly name: string; readonly input: object }): Promise<Output> {
      asked.push(name);
      return operations[name]?.(input) as Output;
    },
  };
}

interface Input {
  readonly executionArn?: string;
  readonly mapRunArn?: string;
  readonly nextToken?: string;
}

function page(name: string, all: readonly object[], from = '0'): object {
  const to = Number(from) + PAGE;
  return { [name]: all.slice(Number(from), to), ...(to < all.length ? { nextToken: String(to) } : {}) };
}

/** An event as the SDK gives it: its details in the one member that is named after what it tells. */
function sentBy({ id, previousEventId, timestampMs, type, details }: RunEvent): object {
  const member = `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
  return {
    id,
    previousEventId,
    timestamp: new Date(timestampMs),
    type,
    ...(Object.keys(details).length === 0 ? {} : { [member]: details }),
  };
}

async function endThere(dag: DagNode, events: readonly RunEvent[]) {
  const sfn = stepFunctions(events);
  const table = { client: sfn, name: 'none' };
  const compiled = compile(dag, APART);
  const version = { ...versionOf(dag), manifest: compiled.manifest };
  const run = startingRun(dag);
  const end = await endFrom({ sfn, table, recorded: async () => undefined }, { arn: ROOT, run, version });
  if (typeof end === 'string') throw new Error(end);
  return { end, asked: sfn.asked };
}

/** Of the same events as they came. */
function endHere(dag: DagNode, events: readonly RunEvent[], transitions: number): RunEnd {
  const { manifest } = compile(dag, APART);
  const projector = new Projector(manifest);
  const reader = new RecordedRunReader(manifest, undefined);
  for (const event of events) {
    projector.apply(event);
    reader.apply(event);
  }
  const last = events.at(-1);
  const { error, cause } = last?.details ?? {};
  return attemptEnd(
    { run: startingRun(dag), manifest, projector, recorded: reader.read(projector) },
    {
      endMs: last?.timestampMs ?? 0,
      transitions,
      ...(typeof error === 'string' ? { error } : {}),
      ...(typeof cause === 'string' ? { cause } : {}),
    },
  );
}

/** What was recorded in one millisecond is in no order. */
function inOrder({ recorded, ...rest }: RunEnd) {
  const texts = (values: Iterable<unknown> = []) =>
    [...values].map((value) => JSON.stringify(value)).sort(compareTexts);
  return {
    ...rest,
    outputs: texts(recorded?.outputs),
    records: texts(recorded?.records),
    states: texts(recorded?.states),
  };
}

/** A Map of more than one item is apart: its instances are executions. */
const APART = { limits: { inlineItems: 1 } };

const FAILED = { outcome: 'failed', error: 'Throttled' } as const;

describe('a distributed Map is kept as the Map that it is here', () => {
  test.each<[string, DagNode, Script, string]>([
    ['of a task', features.mapping, {}, 'success'],
    ['of a task, an instance tried again', features.mapping, { 'regions@1': [FAILED, {}] }, 'success'],
    ['of a task, one failed', features.mapping, { 'loaded@2': [FAILED, FAILED] }, 'failed'],
    ['of a group', features.mappedGroup, {}, 'success'],
    ['of a group, one task failed', features.mappedGroup, { 'each.clean@1': [FAILED] }, 'failed'],
  ])('%s', async (_, dag, given, state) => {
    const files = ['a.json', 'b.json', 'c.json'];
    const script: Script = { listed: [{ output: { files, rows: 3 } }], ...given };
    const { events, transitions, status } = await simulate(compile(dag, APART), script);
    expect(status).toBe(state === 'success' ? 'SUCCEEDED' : 'FAILED');
    expect(events.filter(({ parent }) => parent?.index !== undefined).length).toBeGreaterThan(2);
    const { end, asked } = await endThere(dag, events);
    expect(inOrder(end)).toEqual(inOrder(endHere(dag, events, transitions)));
    expect(end.state).toBe(state);
    expect(asked).toContain('ListExecutions');
  });
});

describe('an execution that ended before its first state', () => {
  const dag = testDag({ a: { body: () => 1 }, b: { body: () => 1, after: ['a'] } });
  const event = (id: number, type: RunEvent['type'], details = {}): RunEvent => ({
    ...{ id, previousEventId: id - 1, timestampMs: 1_767_571_200_000 + id, type, details },
  });
  const started = event(1, 'ExecutionStarted', { input: '{"run":{}}' });

  test.each([
    ['timed out', event(2, 'ExecutionTimedOut'), { error: 'States.Timeout' }],
    [
      'failed',
      event(2, 'ExecutionFailed', { error: 'States.Runtime', cause: 'no such state' }),
      { error: 'States.Runtime', cause: 'no such state' },
    ],
  ])('%s: nothing of it ran, and all that waited for it has failed with it', async (_, last, why) => {
    const { end } = await endThere(dag, [started, last]);
    expect(end).toMatchObject({ state: 'failed', cells: 'uu', transitions: 0, ...why });
    expect(end.rows.flatMap(({ tries }) => tries)).toEqual([]);
    expect(end.recorded?.outputs.size ?? 0).toBe(0);
  });
});
