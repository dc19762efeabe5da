/**
 * Runs a DAG's machine in virtual time, and every try of a task twice: as the laptop does it and in the DAG's function, each
 * with stores of its own. Both must answer alike, and keep and log the same.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callEngine } from '../../../lib/aws/engines/call.ts';
import { isObject, type Json, type JsonObject } from '../../../lib/base/json.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { TaskError } from '../../../lib/base/task-error.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { type Compiled, compile } from '../../../lib/compiler/compile.ts';
import type { ResourceCall, ResourceHandler } from '../../../lib/interpreter/resource.ts';
import { TaskTokens } from '../../../lib/interpreter/tokens.ts';
import { executeParts } from '../../../lib/local/execute-parts.ts';
import { fileValues } from '../../../lib/local/large-values.ts';
import { isTableCall, type LatchTable, latchTable } from '../../../lib/local/latch-table.ts';
import { runInProcess, taskRunner } from '../../../lib/local/run-task.ts';
import { simulatedInput } from '../../../lib/local/simulated-input.ts';
import { SimulatedPools } from '../../../lib/local/simulated-pools.ts';
import type { Question } from '../../../lib/model/approval.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { ConnectionConfig } from '../../../lib/model/environment.ts';
import type { LogLine } from '../../../lib/model/log-line.ts';
import type { RunInput, TaskEvent } from '../../../lib/model/run-input.ts';
import { namedError } from '../../../lib/runtime/named-error.ts';
import { questionOf } from '../../../lib/runtime/question.ts';
import { taskLog } from '../../../lib/runtime/task-log.ts';
import type { Cloud } from './cloud.ts';
import { type Rig, rig, type TestTable } from './rig.ts';

/** Engines that do their work in the function itself; the others give there what they gave here. */
const REAL: ReadonlySet<string> = new Set(['file.exists']);

/** How a try ended. */
type Outcome = { readonly reply: Json } | { readonly error: string; readonly cause: string };

/** What the two sides did that can be told apart. */
export interface Side {
  readonly outcome: Outcome;
  /** Level and message. */
  readonly lines: readonly string[];
}

/** One try. */
export interface Compared {
  readonly task: string;
  readonly kind: string;
  readonly laptop: Side;
  readonly lambda: Side;
}

export interface BothSides {
  readonly status: string;
  readonly tries: readonly Compared[];
  readonly files: { readonly laptop: Files; readonly lambda: Files };
}

type Files = Readonly<Record<string, string>>;

export interface Places {
  /** A project's folder. */
  readonly root: string;
  readonly cloud: Cloud;
  readonly table: TestTable;
  readonly connections?: Readonly<Record<string, ConnectionConfig>>;
  readonly params?: JsonObject;
  /** Of the run; `start` is its logical date. */
  readonly interval?: RunInput['run']['interval'];
}

export async function onBothSides(dag: DagNode, places: Places): Promise<BothSides> {
  const compiled = compile(dag);
  const run = new Runs(dag, compiled, places);
  const { status } = await run.toEnd();
  run.rig.close();
  const { cloud, root } = places;
  const objects = [...cloud.objects].filter(([key]) => key.startsWith('files/'));
  const lambda = Object.fromEntries(objects.map(([key, data]) => [key.slice(6), data.toString('base64')]));
  return { status, tries: run.tries, files: { laptop: filesIn(join(root, '.tutti', 'data')), lambda } };
}

class Runs {
  readonly tries: Compared[] = [];
  readonly rig: Rig;
  readonly #dag: DagNode;
  readonly #compiled: Compiled;
  readonly #places: Places;
  readonly #clock: VirtualClock;
  readonly #tokens = new TaskTokens();
  readonly #table: LatchTable = latchTable(this.#tokens);
  readonly #pools = new SimulatedPools(this.#tokens);
  readonly #values;
  readonly #lines: LogLine[] = [];
  readonly #laptop;
  #last: Promise<unknown> = Promise.resolve();
  /** What an engine gave on the laptop gives it in Lambda. */
  #engine: Outcome = { reply: null };
  /** Paths of large values there, by those here. */
  readonly #kept = new Map<string, string>();

  constructor(dag: DagNode, compiled: Compiled, places: Places) {
    const { root, cloud, table, connections = {}, interval } = places;
    this.#dag = dag;
    this.#compiled = compiled;
    this.#places = places;
    this.#clock = new VirtualClock(Date.parse(interval?.end ?? '2026-01-02T00:00:00Z'));
    this.#values = fileValues(root, 'run');
    const nowMs = () => this.#clock.now();
    this.rig = rig(dag, {
      cloud,
      table,
      connections,
      nowMs,
      callEngine: (context) => (REAL.has(context.call.engine) ? callEngine(context) : this.#engineGives()),
    });
    this.#laptop = taskRunner({
      dag,
      place: {
        root,
        filesFolder: join(root, '.tutti', 'data'),
        environment: { name: 'test', connections },
        secret: () => undefined,
        variables: () => ({}),
      },
      clock: this.#clock,
      table: this.#table,
      runBody: runInProcess,
      openLog: () => ({ log: taskLog(nowMs, (line) => this.#lines.push(line)), close: () => undefined }),
      approvals: {
        ask: (event, args, { log }) => {
          const question = questionOf(event, args, new Date(nowMs()).toISOString());
          log.info(`asks: ${question.message}`, { choices: question.choices });
          this.#answer(event, question);
        },
      },
      values: this.#values,
    });
  }

  toEnd() {
    const { params = {}, interval } = this.#places;
    const made = simulatedInput(this.#compiled.manifest, Object.keys(this.#compiled.parts ?? {}), { params });
    const facts = {
      ...made.run,
      table: this.#places.table.name,
      ...(interval === undefined ? {} : { interval, logicalDate: interval.start }),
    };
    const execution = executeParts(
      this.#compiled,
      { ...made, run: facts },
      {
        clock: this.#clock,
        random: seededRandom(1),
        tokens: this.#tokens,
        resources: this.#resources,
      },
    );
    return this.#clock.drive(execution);
  }

  readonly #resources: ResourceHandler = (call) => {
    if (isTableCall(call.resource)) return this.#clock.hold(this.#tableCall(call));
    const payload = isObject(call.arguments) ? call.arguments['Payload'] : undefined;
    const served = this.#pools.handle(payload);
    if (served !== undefined) return { Payload: served };
    // One after the other: their lines are told apart so.
    const mine = this.#last.then(() => this.#tried(call, payload as TaskEvent));
    this.#last = mine.catch(() => undefined);
    return this.#clock.hold(mine);
  };

  /** What the machine itself records is in both tables. */
  async #tableCall(call: ResourceCall): Promise<Json> {
    const answer = this.#table.handle(call);
    const items = Object.values(this.#table.dump()).flat();
    for (const { pk, sk, out } of items) {
      const [key, text] = [String(sk?.['S']), out?.['S']];
      if (!key.startsWith('O#') || typeof text !== 'string') continue;
      const place = { pk: String(pk?.['S']), sk: key };
      const [found] = await this.rig.table.get([place]);
      if (found === undefined) await this.rig.table.put({ ...place, out: this.#there(text) });
    }
    return answer ?? null;
  }

  async #tried(call: ResourceCall, event: TaskEvent): Promise<Json> {
    this.#lines.length = 0;
    const task = this.#dag.tasks.find(({ id }) => id === event.task);
    const outcome = await outcomeOf(this.#laptop(call, () => undefined));
    const laptop = { outcome: this.#plain(outcome), lines: this.#lines.map(lineOf) };
    this.#engine = outcome;
    const before = this.rig.lines().length;
    const sent = JSON.parse(this.#there(JSON.stringify(event)));
    const isAsked = task?.call.kind === 'approve';
    const there = await outcomeOf(
      this.rig.call(sent).then((reply) => (isAsked ? reply : { Payload: reply })),
    );
    this.#pair(outcome, there);
    const lambda = { outcome: this.#plain(there), lines: this.rig.lines().slice(before).map(lineOf) };
    this.tries.push({ task: event.task, kind: task?.call.kind ?? '', laptop, lambda });
    if ('reply' in outcome) return outcome.reply;
    throw new TaskError(outcome.error, outcome.cause);
  }

  async #engineGives(): Promise<Json> {
    if ('error' in this.#engine) throw namedError(this.#engine.error, this.#engine.cause);
    const payload = isObject(this.#engine.reply) ? this.#engine.reply['Payload'] : null;
    const out = isObject(payload) && isObject(payload['out']) ? payload['out'] : {};
    return nested(this.#plain(out) as JsonObject);
  }

  #answer(event: TaskEvent, { choices, rejects, askedAt }: Question): void {
    const choice = choices.find((each) => !rejects.includes(each)) ?? '';
    setImmediate(() => this.#tokens.success(event.token ?? '', { choice, at: askedAt }));
  }

  /** Where both keep a large value, their paths are a pair. */
  #pair(here: unknown, there: unknown): void {
    if (!isObject(here) || !isObject(there)) return;
    const [path, other] = [here['$file'], there['$file']];
    if (typeof path === 'string' && typeof other === 'string') this.#kept.set(path, other);
    for (const [name, value] of Object.entries(here)) this.#pair(value, there[name]);
  }

  /** JSON text with the paths of large values as they are there. */
  #there(text: string): string {
    let changed = text;
    for (const [here, there] of this.#kept)
      changed = changed.replaceAll(JSON.stringify(here), JSON.stringify(there));
    return changed;
  }

  /** With large values in place of references to them. */
  #plain<T>(value: T): T {
    const text = JSON.stringify(value, (_, each: unknown) => {
      if (!isObject(each) || typeof each['$file'] !== 'string') return each;
      const path = each['$file'];
      if (path.startsWith(this.#values.folder)) return this.#values.read(path);
      return path.startsWith('values/') ? JSON.parse(this.#places.cloud.text(path) ?? '') : each;
    });
    return JSON.parse(text);
  }
}

async function outcomeOf(work: Promise<Json>): Promise<Outcome> {
  try {
    return { reply: await work };
  } catch (thrown) {
    if (thrown instanceof TaskError) return { error: thrown.error, cause: thrown.causeText };
    return thrown instanceof Error
      ? { error: thrown.name, cause: thrown.message }
      : { error: '', cause: String(thrown) };
  }
}

function lineOf({ level, message }: LogLine): string {
  return `${level} ${message}`;
}

/** `{ 'a.b': 1 }` as `{ a: { b: 1 } }`. */
function nested(fields: JsonObject): Json {
  if (fields[''] !== undefined) return fields[''];
  const made: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    const names = name.split('.');
    const last = names.pop() ?? '';
    let at = made;
    for (const each of names) {
      at[each] ??= {};
      at = at[each] as Record<string, Json>;
    }
    at[last] = value ?? null;
  }
  return made;
}

function filesIn(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [file.slice(folder.length + 1), readFileSync(file).toString('base64')]),
  );
}
