import { isObject, type Json } from '../../base/json.ts';
import type { LoggedLine, LogLevel, LogQuery } from '../../orchestrator/ports.ts';

/** Finds the lines that a query is about. */
export interface Matcher {
  /** False where no line of a piece can be meant: it is not looked at line by line. */
  readonly anyIn: (piece: Buffer) => boolean;
  /** The line, where it is meant. */
  readonly line: (text: string, n: number) => LoggedLine | undefined;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Characters of a message, or of fields as JSON; more of them is left out. */
const MAX_SHOWN = 32_768;

export function matcher({ level = 'debug', text = '' }: Pick<LogQuery, 'level' | 'text'>): Matcher {
  const wanted = LEVELS.slice(LEVELS.indexOf(level));
  const marks = wanted.map((each) => `"level":"${each}"`);
  const needle = text.toLowerCase();
  // As it stands in the JSON of a line.
  const escaped = JSON.stringify(text).slice(1, -1).toLowerCase();
  // Bytes as characters: three times as fast, and no letter of an ASCII text gets lost.
  const encoding = /^[\u0020-\u007e]*$/.test(text) ? 'latin1' : 'utf8';
  const holds = (raw: string) => {
    const lower = raw.toLowerCase();
    return lower.includes(needle) || (escaped !== needle && lower.includes(escaped));
  };
  const isLevel = (raw: string) => level === 'debug' || marks.some((mark) => raw.includes(mark));
  return {
    anyIn(piece) {
      if (needle === '' && level === 'debug') return true;
      const raw = piece.toString(encoding);
      return isLevel(raw) && holds(raw);
    },
    line(raw, n) {
      if (!isLevel(raw) || (needle !== '' && !holds(raw))) return undefined;
      const line = lineIn(raw, n);
      if (!wanted.includes(line.level)) return undefined;
      const { message, fields } = line;
      const isMeant =
        needle === '' || holds(message) || (fields !== undefined && holds(JSON.stringify(fields)));
      return isMeant ? shown(line) : undefined;
    },
  };
}

/** What is no line of ours is shown as it is. */
function lineIn(raw: string, n: number): LoggedLine {
  try {
    const line: unknown = JSON.parse(raw);
    if (!isObject(line)) return { n, at: '', level: 'info', message: raw };
    const { at, level, message, fields } = line;
    return {
      n,
      at: String(at ?? ''),
      level: LEVELS.find((each) => each === level) ?? 'info',
      message: String(message ?? ''),
      ...(fields === undefined ? {} : { fields }),
    };
  } catch {
    return { n, at: '', level: 'info', message: raw };
  }
}

function shown(line: LoggedLine): LoggedLine {
  const { message, fields, ...rest } = line;
  return {
    ...rest,
    message: clipped(message),
    ...(fields === undefined ? {} : { fields: shownFields(fields) }),
  };
}

function shownFields(fields: Json): Json {
  const text = JSON.stringify(fields);
  return text.length <= MAX_SHOWN ? fields : { text: clipped(text) };
}

function clipped(text: string): string {
  if (text.length <= MAX_SHOWN) return text;
  return `${text.slice(0, MAX_SHOWN)}… (${text.length - MAX_SHOWN} more characters)`;
}
