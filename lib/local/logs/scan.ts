/** Goes through a file of lines from a place on, or back from it, in pieces. */
import type { FileHandle } from 'node:fs/promises';
import type { LoggedLine } from '../../orchestrator/ports.ts';
import type { Matcher } from './matcher.ts';

/** A place between two lines: bytes before it, and the number of the line after it. */
export interface Place {
  readonly offset: number;
  /** From 1. */
  readonly n: number;
}

export const START: Place = { offset: 0, n: 1 };

export interface Asked {
  readonly isMeant: Matcher;
  /** Lines. */
  readonly limit: number;
}

export interface FoundLine {
  readonly line: LoggedLine;
  readonly start: Place;
  readonly end: Place;
}

/** Bytes read at once; a longer line is read as a whole. */
const PIECE = 262_144;

/** Characters of a page: with what is around it a reply stays below a megabyte. */
const MAX_PAGE = 400_000;

/** Lines after a place, oldest first; `at`: where it stopped. */
export async function forward(
  handle: FileHandle,
  from: Place,
  asked: Asked,
): Promise<{ readonly found: readonly FoundLine[]; readonly at: Place; readonly isAtEnd: boolean }> {
  const taken = new Taken(asked);
  let at = from;
  for (;;) {
    const piece = await pieceAfter(handle, at.offset);
    if (piece === undefined) return { found: taken.found, at, isAtEnd: true };
    const lines = new Lines(piece, at);
    const left = asked.isMeant.anyIn(piece) ? taken.until(lines.each()) : undefined;
    if (left !== undefined) return { found: taken.found, at: left.start, isAtEnd: false };
    at = lines.end;
  }
}

/** Lines before a place, oldest first, the last ones there are; `at`: before the first of them, or the file's start. */
export async function backward(
  handle: FileHandle,
  to: Place,
  asked: Asked,
): Promise<{ readonly found: readonly FoundLine[]; readonly at: Place }> {
  const taken = new Taken(asked);
  let at = to;
  while (at.offset > 0) {
    const piece = await pieceBefore(handle, at.offset);
    if (piece === undefined) break;
    const lines = Lines.before(piece, at);
    const left = asked.isMeant.anyIn(piece) ? taken.until([...lines.each()].reverse()) : undefined;
    if (left !== undefined) return { found: taken.found.toReversed(), at: left.end };
    at = lines.start;
  }
  return { found: taken.found.toReversed(), at: START };
}

/** Lines that make up a page. */
class Taken {
  readonly found: FoundLine[] = [];
  readonly #asked: Asked;
  #room = MAX_PAGE;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** Takes those that are meant; gives the first one that has no place in the page. */
  until(lines: Iterable<TextLine>): TextLine | undefined {
    const { isMeant, limit } = this.#asked;
    for (const each of lines) {
      const line = isMeant.line(each.text, each.start.n);
      if (line === undefined) continue;
      this.#room -= each.text.length;
      if (this.found.length === limit || (this.#room < 0 && this.found.length > 0)) return each;
      this.found.push({ line, start: each.start, end: each.end });
    }
    return undefined;
  }
}

interface TextLine {
  readonly start: Place;
  readonly end: Place;
  readonly text: string;
}

/** Newlines in a piece. */
export function countLines(piece: Buffer): number {
  let count = 0;
  for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Whole lines from an offset on; `undefined` where there is none. */
export async function pieceAfter(handle: FileHandle, offset: number): Promise<Buffer | undefined> {
  for (let size = PIECE; ; size *= 2) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, offset);
    const read = buffer.subarray(0, bytesRead);
    const last = read.lastIndexOf(NEWLINE);
    if (last >= 0) return read.subarray(0, last + 1);
    // What has no end is still being written.
    if (bytesRead < size) return undefined;
  }
}

const NEWLINE = 10;

async function pieceBefore(handle: FileHandle, offset: number): Promise<Buffer | undefined> {
  for (let size = PIECE; ; size *= 2) {
    const from = Math.max(0, offset - size);
    const length = offset - from;
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, from);
    const read = buffer.subarray(0, bytesRead);
    if (bytesRead < length) return undefined;
    if (from === 0) return read;
    const first = read.indexOf(NEWLINE);
    if (first >= 0 && first < length - 1) return read.subarray(first + 1);
  }
}

/** Whole lines of a file, and where they are. */
class Lines {
  readonly #piece: Buffer;
  readonly start: Place;

  constructor(piece: Buffer, start: Place) {
    this.#piece = piece;
    this.start = start;
  }

  /** Those that end at a place. */
  static before(piece: Buffer, end: Place): Lines {
    return new Lines(piece, { offset: end.offset - piece.length, n: end.n - countLines(piece) });
  }

  get end(): Place {
    const { offset, n } = this.start;
    return { offset: offset + this.#piece.length, n: n + countLines(this.#piece) };
  }

  *each(): Generator<TextLine> {
    const piece = this.#piece;
    let { n } = this.start;
    for (let from = 0; from < piece.length; n++) {
      const to = piece.indexOf(NEWLINE, from);
      const offset = this.start.offset;
      yield {
        start: { offset: offset + from, n },
        end: { offset: offset + to + 1, n: n + 1 },
        text: piece.toString('utf8', from, to),
      };
      from = to + 1;
    }
  }
}
