/** Runs a DAG for one interval, and again, and says what the second run left or gave otherwise. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../base/json.ts';
import { type Compiled, compile } from '../../compiler/compile.ts';
import { recordedRun } from '../../history/recorded-run.ts';
import type { RunEvent } from '../../history/run-event.ts';
import type { FnContext } from '../../model/context.ts';
import type { DagNode } from '../../model/dag.ts';
import { withLarge } from '../../runtime/large-values.ts';
import { type Question, writeAnswer } from '../approval-files.ts';
import { fileValues } from '../large-values.ts';
import { type RunOptions, type RunOutcome, runDag } from '../run.ts';
import { type BodyCall, runInProcess } from '../run-task.ts';
import type { Difference, Write } from './difference.ts';
import { type FileHashes, fileDifferences, fileHashes } from './file-hashes.ts';
import { copyDatabase, type Scratch } from './scratch.ts';
import { tableDifferences } from './table-differences.ts';
import { valueDifference } from './value-difference.ts';
import { writersOf } from './writers.ts';

export type TwiceOptions = Pick<RunOptions, 'params' | 'logicalDate' | 'signal' | 'onLog'> & {
  /** Only the first run. @default false */
  readonly once?: boolean;
};

export interface TwiceOutcome {
  readonly first: RunOutcome;
  /** Absent where the first did not succeed, or was the only one. */
  readonly second?: RunOutcome;
  readonly differences: readonly Difference[];
}

/**
 * Runs a DAG in a scratch copy of its project; people who are asked give the first answer that does not reject.
 *
 * @throws {RefusedError} when it cannot run here
 */
export async function runTwice(
  dag: DagNode,
  scratch: Scratch,
  { once = false, ...options }: TwiceOptions = {},
): Promise<TwiceOutcome> {
  const compiled = compile(dag);
  const one = await recordedRunOf(dag, { compiled, scratch, options });
  if (once || one.outcome.state !== 'success') return { first: one.outcome, differences: [] };
  const before = await tablesKept(scratch);
  const { logicalDate } = one.outcome.input.run;
  const other = await recordedRunOf(dag, { compiled, scratch, options: { ...options, logicalDate } });
  const tables = await Promise.all(
    [...before].map(([name, file]) => tableDifferences(name, file, scratch.databases.get(name) ?? '')),
  );
  const wrote = writersOf(dag, [...one.writes, ...other.writes]);
  const left = [...fileDifferences(one.files, other.files), ...tables.flat()].map((difference) => {
    const by = wrote(difference);
    return by.length === 0 ? difference : { ...difference, by };
  });
  const differences = [...taskDifferences(dag, one, other), ...left];
  return { first: one.outcome, second: other.outcome, differences };
}

interface Setting {
  readonly compiled: Compiled;
  readonly scratch: Scratch;
  readonly options: Omit<TwiceOptions, 'once'>;
}

/** A run with what it gave and left. */
interface Recording {
  readonly outcome: RunOutcome;
  readonly files: FileHashes;
  /** By task and instance: all that a function returned, of others what somebody reads. */
  readonly values: ReadonlyMap<string, Json>;
  readonly writes: readonly Write[];
}

async function recordedRunOf(dag: DagNode, { compiled, scratch, options }: Setting): Promise<Recording> {
  const { root, environment } = scratch;
  const writes: Write[] = [];
  const values = new Map<string, Json>();
  const runBody = async (call: BodyCall): Promise<unknown> => {
    const { context, task } = call;
    const output = await runInProcess({ ...call, context: noting(context, task.id, writes) });
    const { mapIndex } = context.run;
    const name = mapIndex === undefined ? task.id : `${task.id}[${mapIndex}]`;
    if (task.call.kind !== 'sensor') values.set(name, jsonOf(output));
    return output;
  };
  let answerAt = '';
  let folder = '';
  const outcome = await runDag(dag, {
    ...options,
    root,
    environment,
    compiled,
    runBody,
    onStart: (run) => {
      folder = run.folder;
      answerAt = run.input.run.interval.end;
    },
    onAsk: (question) => answer(folder, question, answerAt),
  });
  for (const [task, value] of await givenByOthers(outcome, compiled, root))
    if (!values.has(task) && !values.has(`${task}[0]`)) values.set(task, value);
  return { outcome, values, writes, files: await fileHashes(join(root, '.tutti', 'data')) };
}

/** The context with its writes of files noted. */
function noting(context: FnContext, task: string, writes: Write[]): FnContext {
  const { files } = context;
  const noted = {
    ...files,
    write: (path: string, data: Parameters<typeof files.write>[1]) => {
      writes.push({ task, path });
      return files.write(path, data);
    },
  };
  return Object.create(context, { files: { value: noted } }) as FnContext;
}

function answer(folder: string, question: Question, at: string): void {
  const choice = question.choices.find((each) => !question.rejects.includes(each));
  writeAnswer(folder, question, { choice: choice ?? question.choices[0] ?? '', at });
}

/** What tasks gave to others, as the history has it. */
async function givenByOthers(
  { folder, input }: RunOutcome,
  { manifest }: Compiled,
  root: string,
): Promise<ReadonlyMap<string, JsonObject>> {
  const text = await readFile(join(folder, 'events.jsonl'), 'utf8');
  const events = text.split('\n').filter(Boolean);
  const { outputs } = recordedRun(
    manifest,
    events.map((line): RunEvent => JSON.parse(line)),
  );
  const large = fileValues(root, input.run.id);
  return new Map([...outputs].map(([task, out]) => [task, withLarge(out, large)]));
}

/** Copies of the databases as they are now, by connection. */
async function tablesKept({ keep, databases }: Scratch): Promise<ReadonlyMap<string, string>> {
  const kept = new Map<string, string>();
  for (const [name, file] of databases) {
    const copy = join(keep, `first-${kept.size}.duckdb`);
    await copyDatabase(file, copy);
    kept.set(name, copy);
  }
  return kept;
}

function taskDifferences(dag: DagNode, one: Recording, other: Recording): readonly Difference[] {
  const stateOf = ({ outcome }: Recording, id: string) =>
    outcome.tasks.find((task) => task.id === id)?.state ?? 'none';
  const states = dag.tasks.flatMap(({ id }): readonly Difference[] => {
    const [before, after] = [stateOf(one, id), stateOf(other, id)];
    return before === after ? [] : [{ kind: 'state', name: id, got: `${before}, then ${after}`, by: [id] }];
  });
  // What only one of them gave is told by the states.
  const values = [...one.values].flatMap(([name, value]): readonly Difference[] => {
    const got = other.values.has(name) ? valueDifference(value, other.values.get(name)) : undefined;
    return got === undefined ? [] : [{ kind: 'value', name, got, by: [name.replace(/\[\d+\]$/, '')] }];
  });
  return [...states, ...values];
}

/** As the others are told of it. */
function jsonOf(output: unknown): Json {
  return JSON.parse(JSON.stringify(output ?? null) ?? 'null');
}
