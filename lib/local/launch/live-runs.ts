/** Executions that begin here, and those that go on here after another process began them. */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { RefusedError } from '../../base/errors.ts';
import { shortHash } from '../../base/hash.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import type { Compiled } from '../../compiler/compile.ts';
import type { RecordedRun } from '../../history/recorded-run.ts';
import type { RunEvent } from '../../history/run-event.ts';
import type { DagNode } from '../../model/dag.ts';
import type { RecordedOutput, Rerun } from '../../model/run-input.ts';
import { executionInput } from '../../orchestrator/execution-input.ts';
import type { ExecutionStart } from '../../orchestrator/ports.ts';
import { claimRunFolder } from '../claimed-folder.ts';
import type { Surroundings } from '../context/fn-context.ts';
import { Broken } from '../local-execution.ts';
import { simulatedTasks } from '../preflight.ts';
import { thisProcess } from '../process-alive.ts';
import { answersIn } from '../replay/answers.ts';
import { Replay } from '../replay/replay.ts';
import { notWritable, openRunFolder, type RunRecord } from '../run-folder.ts';
import { placeFacts } from '../run-input.ts';
import type { RunBody } from '../run-task.ts';
import type { Ledger } from './ledger.ts';
import { LiveRun } from './live-run.ts';
import { close, type PastAttempt } from './past-attempt.ts';
import { EVENTS_FILE } from './past-events.ts';
import { WatchedAttempt } from './watched-attempt.ts';

/** What all executions of a launcher share. */
export interface LaunchWorld {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly runBody: RunBody;
}

/** What one execution needs, made ready. */
export interface Made {
  readonly dag: DagNode;
  readonly compiled: Compiled;
  readonly place: Surroundings;
  readonly before: RecordedRun | undefined;
  readonly rerun: Rerun | undefined;
  readonly records: readonly RecordedOutput[] | undefined;
  /** Lets go of what was held for it. */
  readonly release: () => Promise<void>;
}

export interface BegunRun extends LaunchWorld {
  readonly start: ExecutionStart;
  readonly name: string;
  readonly made: Made;
}

/** The execution `name`, about to begin; `undefined` where somebody has begun it before. */
export function begunRun({ start: { run }, name, made, ...world }: BegunRun): LiveRun | undefined {
  const { clock } = world;
  const { dag, compiled, place, rerun, before, records, release } = made;
  const startMs = clock.now();
  const facts = placeFacts(startMs, Object.keys(compiled.parts ?? {}));
  const input = executionInput(dag, run, { place: facts, rerun });
  const record: RunRecord = {
    id: name,
    dagId: dag.id,
    state: 'running',
    input,
    startedAt: new Date(startMs).toISOString(),
    ...thisProcess(),
    simulated: simulatedTasks(dag),
  };
  const broken = new Broken();
  const { manifest } = compiled;
  const folder = claimRunFolder({ root: place.root, name, manifest, record, onError: broken.tell });
  if (folder === undefined) return undefined;
  const watched = new WatchedAttempt({ run, manifest, before, ledger: world.ledger, now: () => clock.now() });
  const { runBody } = world;
  const random = randomOf(name);
  const execution = { dag, compiled, input, place, clock, random, startMs, runBody, records };
  return new LiveRun({ folder, broken, record, watched, execution, release });
}

export interface ResumedRun extends LaunchWorld {
  readonly past: PastAttempt;
  readonly made: Made;
  readonly events: readonly RunEvent[];
}

/**
 * An execution that another process began, about to be led to where it was.
 *
 * @throws {RefusedError} `other-version` where its machine is not what it was
 */
export function resumedRun({ past, made, events, ...world }: ResumedRun): LiveRun {
  const { record, run, before } = past;
  const { dag, compiled, place, records, release } = made;
  const { clock, runBody, ledger } = world;
  assertSameMachine(past, compiled);
  const path = past.folder;
  const draft = `${EVENTS_FILE}.new`;
  rmSync(join(path, draft), { force: true });
  const broken = new Broken();
  const folder = openRunFolder(path, {
    events: draft,
    onError: (error) => broken.tell(notWritable(path, error)),
  });
  const startMs = Date.parse(record.startedAt);
  const watched = new WatchedAttempt({
    run,
    manifest: compiled.manifest,
    before,
    ledger,
    now: () => clock.now(),
  });
  const random = randomOf(basename(path));
  const execution = {
    dag,
    compiled,
    input: record.input,
    place,
    clock,
    random,
    startMs,
    runBody,
    records,
  };
  let isPlaced = false;
  const takePlace = () => {
    if (isPlaced) return;
    isPlaced = true;
    folder.events.flush();
    renameSync(join(path, draft), join(path, EVENTS_FILE));
  };
  const answers = events.length === 0 ? { ...answersIn([]), startMs, lastMs: startMs } : answersIn(events);
  const replay = new Replay({ answers, clock, onCaughtUp: takePlace });
  const giveUp = (cause: string) => {
    folder.events.close();
    rmSync(join(path, draft), { force: true });
    return close(past, { state: 'failed', cause: `it cannot go on after a crash: ${cause}` });
  };
  const resumed = { replay, takePlace, giveUp };
  return new LiveRun({ folder, broken, record, watched, execution, resumed, release });
}

/** The same for every process that executes it: delays with jitter are what they were. */
function randomOf(name: string): Random {
  return seededRandom(Number.parseInt(shortHash(name), 16));
}

function assertSameMachine({ folder, record }: PastAttempt, { manifest }: Compiled): void {
  const written = readFileSync(join(folder, 'manifest.json'), 'utf8');
  if (written === `${JSON.stringify(manifest)}\n`) return;
  throw new RefusedError(
    'other-version',
    `run "${record.input.run.id}" of "${record.dagId}": must be compiled as it was when it began, got another machine; clear it`,
  );
}
