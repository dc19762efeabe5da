/** What people are told of a run that ended: that it failed, that the DAG has recovered, that it succeeded. */
import type { DagVersion } from '../../model/dag-version.ts';
import type { FailedTask, Run } from '../../model/run.ts';
import { stateOfChar } from '../../model/state-chars.ts';
import { looksAtPast } from '../../schedule/depends-on-past.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { againCommand } from '../code-here.ts';
import { dagOf, versionOfRun } from '../known.ts';
import type { Message, World } from '../ports.ts';
import { isOut, type Said, say } from './say.ts';
import { sayTasks } from './tasks.ts';

/** Most characters of an error that are told. */
const MOST_OF_LINE = 300;

/** An attempt has ended just now: programs are told, then people. */
export async function tellEnded(world: World, run: Run): Promise<void> {
  await world.notifier.ended?.(run);
  await notifyRunEnded(world, run);
}

/**
 * Tells what is to be told of a run that has ended, each message once, however often it is called. Gives whether all
 * of it is out.
 */
export async function notifyRunEnded(world: World, run: Run): Promise<boolean> {
  const { version } = await dagOf(world, run.dagId);
  const said: Said[] = [...(await sayTasks(world, version, run))];
  for (const message of await messagesOf(world, version, run))
    said.push(await say(world, `${keyOf(run, run.attempt)} ${message.kind}`, message));
  return isOut(said);
}

function keyOf({ dagId, id }: Run, attempt: number): string {
  return `${dagId} ${id} ${attempt}`;
}

async function messagesOf(world: World, version: DagVersion, run: Run): Promise<readonly Message[]> {
  const { callbacks } = version.dag;
  if (run.state === 'failed') return [await failedMessage(world, version, run)];
  if (run.state !== 'success') return [];
  const success = callbacks?.onSuccess;
  const recovered = await hasRecovered(world, run);
  return [
    ...(recovered === undefined ? [] : [recoveredMessage(world, version, run, recovered)]),
    ...(success === undefined ? [] : [successMessage(world, version, run, success)]),
  ];
}

async function failedMessage(world: World, version: DagVersion, run: Run): Promise<Message> {
  const { failed = [], error = 'Dag.Failed', cause } = run;
  const [first] = failed;
  const what = first === undefined ? error : `${nameOf(first)}: ${first.error}${causeOf(first, 80)}`;
  const command = againCommand(run, version.manifest.hash);
  const lines = [
    ...(failed.length === 0
      ? [`${error}${cause === undefined ? '' : `: ${oneLine(cause)}`}`]
      : failed.map(lineOf)),
    ...(await blockedLines(world, version, run)),
    `Run it again: ${command}`,
  ];
  return {
    ...headOf(world, version, run),
    kind: 'failed',
    to: version.dag.callbacks?.onFailure ?? [],
    subject: `${run.dagId} ${run.logicalDate} failed: ${what}`,
    text: lines.join('\n'),
    ...(run.failed === undefined ? {} : { failed }),
    command,
  };
}

/** What did not run because of it: tasks of the run, and runs after it. */
async function blockedLines(world: World, version: DagVersion, run: Run): Promise<readonly string[]> {
  const { manifest } = await versionOfRun(world, run);
  const below = manifest.tasks
    .filter((_, index) => stateOfChar(run.cells[index] ?? '-') === 'upstream_failed')
    .map(({ id }) => id);
  const tasks = below.length === 0 ? [] : [`Not run because of it: ${listed(below)}`];
  if (!looksAtPast(version.dag) || run.id !== run.logicalDate) return tasks;
  const open = await world.store.runs.open({ dagId: run.dagId });
  const waiting = open.filter((other) => other.state === 'queued' && other.logicalDate > run.logicalDate);
  const held = waiting.length === 0 ? 'the next run' : listed(waiting.map(({ id }) => id));
  return [...tasks, `It holds back ${held}, which depends on the past`];
}

/** The failure that is over; `undefined` where there was none. Runs of backfills are told by attempts alone. */
async function hasRecovered({ store, clock }: World, run: Run): Promise<string | undefined> {
  if (run.attempt > 1) {
    const nowMs = clock.now();
    const key = `message ${keyOf(run, run.attempt - 1)} failed`;
    // Kept for a moment where there is none: nothing is said of an attempt that is over.
    const failed = await store.leases.once(key, { sent: true, none: true }, nowMs + 1, nowMs);
    return failed === undefined ? undefined : `attempt ${run.attempt - 1} failed`;
  }
  if (run.lane !== 'main') return undefined;
  const { items } = await store.runs.list({
    dagId: run.dagId,
    states: ['success', 'failed'],
    to: run.logicalDate,
    limit: 5,
  });
  const before = items.find((other) => other.lane === 'main' && other.id < run.id);
  return before?.state === 'failed' ? `${before.id} failed` : undefined;
}

function recoveredMessage(world: World, version: DagVersion, run: Run, because: string): Message {
  return {
    ...headOf(world, version, run),
    kind: 'recovered',
    to: version.dag.callbacks?.onFailure ?? [],
    subject: `${run.dagId} ${run.logicalDate} succeeded: it has recovered`,
    text: `It succeeded after ${because}.`,
  };
}

function successMessage(world: World, version: DagVersion, run: Run, to: readonly string[]): Message {
  const took =
    run.startedAt === undefined || run.endedAt === undefined
      ? ''
      : ` from ${run.startedAt} to ${run.endedAt}`;
  return {
    ...headOf(world, version, run),
    kind: 'success',
    to,
    subject: `${run.dagId} ${run.logicalDate} succeeded`,
    text: `Attempt ${run.attempt} ran${took}.`,
  };
}

/** What every message of a run says. */
export function headOf(
  { clock }: World,
  { dag }: DagVersion,
  run: Run,
): Pick<Message, 'dagId' | 'runId' | 'owner' | 'at'> {
  const owner = dag.owner === undefined ? {} : { owner: dag.owner };
  return { dagId: run.dagId, runId: run.id, ...owner, at: isoText(clock.now()) };
}

function lineOf(task: FailedTask): string {
  return `Task "${nameOf(task)}" failed in try ${task.try}: ${task.error}${causeOf(task)}`;
}

function causeOf({ cause }: FailedTask, most = MOST_OF_LINE): string {
  if (cause === undefined) return '';
  const line = oneLine(cause);
  return `: ${line.length > most ? `${line.slice(0, most - 1)}…` : line}`;
}

function nameOf({ task, instance }: FailedTask): string {
  return instance === undefined ? task : `${task}[${instance}]`;
}

/** The first line of an error's text; of a function's cause, which is JSON, that of the message in it. */
function oneLine(cause: string): string {
  const [, message] = /"errorMessage":("(?:[^"\\]|\\.)*")/.exec(cause) ?? [];
  const text: unknown = message === undefined ? cause : JSON.parse(message);
  return (String(text).split('\n')[0] ?? '').slice(0, MOST_OF_LINE);
}

function listed(names: readonly string[]): string {
  const more = names.length - 8;
  return `${names.slice(0, 8).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
