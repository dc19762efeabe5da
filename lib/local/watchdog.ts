/** Notices a function that keeps this process busy: no timer, no signal and no other task gets its turn meanwhile. */
import { Worker } from 'node:worker_threads';
import { toSeconds } from '../base/duration.ts';
import type { Log } from '../model/context.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../model/task.ts';
import { runningLog } from '../runtime/captured-console.ts';
import { systemPlatform } from './platform.ts';
import { type BodyCall, type RunBody, runInProcess } from './run-task.ts';
import { BEAT_MS, threadSource, WATCHDOG_HOOK } from './watchdog-thread.ts';

/** What keeps the process busy. */
export interface Busy {
  readonly dag: string;
  readonly task: string;
  /** For how long nothing else got its turn. */
  readonly busyMs: number;
  /** Seconds the task may take. */
  readonly timeout: number;
  /** The task should have ended: no timer can end it. */
  readonly overdue: boolean;
  /** Where in the author's files it is just now: `file:line:column`. */
  readonly at?: string;
}

export interface WatchdogOptions {
  /** Called in the middle of the busy code, every half second from two seconds on. */
  readonly onBusy: (busy: Busy) => void;
  /** The process came back to itself. */
  readonly onFree: () => void;
}

export interface Watchdog {
  /** Runs functions in this process, watched. */
  readonly runBody: RunBody;
  readonly close: () => void;
}

/** How long after its timeout a task may still end by itself. */
const GRACE_MS = 1000;

interface Running {
  readonly dag: string;
  readonly task: string;
  readonly timeout: number;
  readonly startMs: number;
}

/** Watches from the first function on; nothing is started before. */
export function watchdog({ onBusy, onFree }: WatchdogOptions): Watchdog {
  const running = new Map<Log, Running>();
  let busy = false;
  let stop: (() => void) | undefined;
  const beat = () => {
    if (busy) onFree();
    busy = false;
  };
  const hook = (busyMs: number) => {
    const found = running.get(runningLog() ?? NOBODY) ?? [...running.values()][0];
    if (found === undefined) return;
    busy = true;
    onBusy(busyOf(found, busyMs));
  };
  return {
    runBody(call) {
      stop ??= startThread(beat, hook);
      running.set(call.context.log, runningOf(call));
      return untilEnd(
        () => runInProcess(call),
        () => running.delete(call.context.log),
      );
    },
    close: () => stop?.(),
  };
}

const NOBODY: Log = { debug() {}, info() {}, warn() {}, error() {} };

function runningOf({ dag, task }: BodyCall): Running {
  const timeout = toSeconds(task.timeout) ?? FUNCTION_TIMEOUT_SECONDS;
  return { dag: dag.id, task: task.id, timeout, startMs: systemPlatform.clock.now() };
}

function busyOf({ startMs, ...found }: Running, busyMs: number): Busy {
  const overdue = systemPlatform.clock.now() - startMs > found.timeout * 1000 + GRACE_MS;
  const at = busyPlace(new Error().stack ?? '');
  return { ...found, busyMs, overdue, ...(at === undefined ? {} : { at }) };
}

/** The innermost place below the call from outside, which has no file. */
function busyPlace(stack: string): string | undefined {
  const frames = stack.split('\n').map((line) => line.trim());
  const own = frames.findIndex((frame) => /^at <anonymous>:\d+:\d+$/.test(frame));
  const [, place] = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(frames[own + 1] ?? '') ?? [];
  return own < 0 ? undefined : place;
}

/** Calls `end` when the work is over, now or later. */
function untilEnd(work: () => unknown, end: () => void): unknown {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end);
  end();
  return result;
}

function startThread(beat: () => void, hook: (busyMs: number) => void): () => void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  Reflect.set(globalThis, Symbol.for(WATCHDOG_HOOK), hook);
  const thread = new Worker(threadSource(), { eval: true, workerData: beats.buffer });
  thread.unref();
  // Without it a run is only less well guarded.
  thread.on('error', () => undefined);
  const timer = setInterval(() => {
    Atomics.add(beats, 0, 1);
    beat();
  }, BEAT_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    Reflect.deleteProperty(globalThis, Symbol.for(WATCHDOG_HOOK));
    void thread.terminate();
  };
}
