import { fileURLToPath } from 'node:url';
import type { SourceLocation } from '../base/errors.ts';

/** A frame of the author's code; the place is that of the code that runs, before source maps. */
type Frame = SourceLocation | undefined;

/** Frames between a trap of a Ref and the author's code, and some more. */
const NEAR = 8;

/** Where the author called `api`: the first frame above it. */
export function callerOf(api: (...args: never) => unknown): Frame {
  return sitesAbove(api, 1).map(locationOf)[0];
}

/** Where code outside of the module with this URL called into it, as a part of a problem. */
export function callerPlace(moduleUrl: string): { readonly at?: SourceLocation } {
  const own = pathOf(moduleUrl);
  const frames = sitesAbove(callerPlace, NEAR).map(locationOf);
  const at = frames.find((frame) => frame !== undefined && frame.file !== own);
  return at === undefined ? {} : { at };
}

/** Where `error` was thrown, read from its stack; `undefined` for what has none. */
export function thrownAt(error: unknown): SourceLocation | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const [, file = '', line, column] of (error.stack ?? '').matchAll(
    /^\s+at .*?([^\s(]+):(\d+):(\d+)\)?$/gm,
  )) {
    if (!file.startsWith('node:')) return { file: pathOf(file), line: Number(line), column: Number(column) };
  }
  return undefined;
}

function sitesAbove(api: (...args: never) => unknown, count: number): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = count;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, api);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function locationOf(site: NodeJS.CallSite | undefined): SourceLocation | undefined {
  const file = site?.getFileName();
  const line = site?.getLineNumber();
  if (!file || !line) return undefined;
  return { file: pathOf(file), line, column: site?.getColumnNumber() ?? 1 };
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
