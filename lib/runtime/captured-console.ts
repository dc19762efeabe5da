import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log } from '../model/context.ts';
import type { LogLevel } from '../model/log-line.ts';

/** The try whose code is running, across every `await` in it. */
const current = new AsyncLocalStorage<Log>();

const METHODS: readonly (readonly [method: 'debug' | 'log' | 'info' | 'warn' | 'error', level: LogLevel])[] =
  [
    ['debug', 'debug'],
    ['log', 'info'],
    ['info', 'info'],
    ['warn', 'warn'],
    ['error', 'error'],
  ];

let users = 0;
let undo: (() => void) | undefined;

/** Runs a task's code; what it prints with `console` becomes lines of its log while {@link captureConsole} holds. */
export function withConsole<T>(log: Log, work: () => T): T {
  return current.run(log, work);
}

/** The log of the try whose code is running. */
export function runningLog(): Log | undefined {
  return current.getStore();
}

/** From here on `console` writes into the log of the task that calls it, until the result is called. */
export function captureConsole(): () => void {
  users += 1;
  undo ??= patched();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    users -= 1;
    if (users > 0) return;
    undo?.();
    undo = undefined;
  };
}

function patched(): () => void {
  const { console } = globalThis;
  const restores = METHODS.map(([method, level]) => {
    const original = console[method];
    console[method] = (...args: unknown[]) => {
      const log = current.getStore();
      if (log === undefined) original.apply(console, args);
      else log[level](formatted(args));
    };
    return () => {
      console[method] = original;
    };
  });
  return () => {
    for (const restore of restores) restore();
  };
}

/** Loads what it needs by its first line: an import of `node:util` makes streams, a tenth of what a function loads. */
function formatted(args: readonly unknown[]): string {
  return process.getBuiltinModule('node:util').formatWithOptions({ colors: false }, ...args);
}
