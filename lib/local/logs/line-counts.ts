import type { FileHandle } from 'node:fs/promises';
import { RecentMap } from '../../base/recent-map.ts';
import { countLines, type Place, pieceAfter, START } from './scan.ts';

/** Files whose lines were counted: of one that grew only what is new is counted. */
const MAX_KNOWN = 100;

export class LineCounts {
  readonly #known = new RecentMap<string, Place>(MAX_KNOWN);

  /** After the last whole line of a file. */
  async of(file: string, handle: FileHandle): Promise<Place> {
    const { size } = await handle.stat();
    const known = this.#known.get(file);
    let at = known === undefined || known.offset > size ? START : known;
    for (let piece = await pieceAfter(handle, at.offset); piece !== undefined; ) {
      at = { offset: at.offset + piece.length, n: at.n + countLines(piece) };
      piece = at.offset < size ? await pieceAfter(handle, at.offset) : undefined;
    }
    this.#known.set(file, at);
    return at;
  }
}
