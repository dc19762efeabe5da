import type { Log } from '../model/context.ts';
import type { LogLevel, LogLine } from '../model/log-line.ts';

/** A log that hands its lines on. */
export function taskLog(now: () => number, write: (line: LogLine) => void): Log {
  const at = (level: LogLevel) => (message: string, fields?: object) => {
    const line = { at: new Date(now()).toISOString(), level, message: String(message) };
    write(fields === undefined ? line : { ...line, fields });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A line as text. Fields that are no JSON are shown as text: a log line never fails a task. */
export function lineText(line: LogLine): string {
  try {
    return JSON.stringify(line, plain);
  } catch {
    return JSON.stringify({ ...line, fields: { text: String(line.fields) } });
  }
}

function plain(_: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  return typeof value === 'bigint' || typeof value === 'function' ? String(value) : value;
}
