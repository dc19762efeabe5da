import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';

/** Text kept back before it is written at once, characters. */
const MAX_BUFFER = 65_536;

/**
 * A file of lines, written in whole lines at the end of each turn of the event loop: a crash leaves a
 * readable prefix, and a thousand lines of one turn cost one write.
 */
export class LineFile {
  readonly #path: string;
  /** Kept open where `hold` asks for it: a thousand logs at once would use up the process's files. */
  readonly #fd: number | undefined;
  readonly #onError: (error: unknown) => void;
  #buffer = '';
  #scheduled: NodeJS.Immediate | undefined;
  #state: 'open' | 'dropping' = 'open';

  /** @throws the file system's error when `hold` is asked for and the file cannot be created */
  constructor(path: string, onError: (error: unknown) => void, { hold = false } = {}) {
    this.#path = path;
    this.#fd = hold ? openSync(path, 'a') : undefined;
    this.#onError = onError;
    track(this);
  }

  write(line: string): void {
    if (this.#state === 'dropping') return;
    this.#buffer += `${line}\n`;
    if (this.#buffer.length > MAX_BUFFER) this.flush();
    else this.#scheduled ??= setImmediate(() => this.flush());
  }

  /** Hands every line to the operating system now; the first failure is told once, later lines are dropped. */
  flush(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#buffer === '') return;
    const lines = this.#buffer;
    this.#buffer = '';
    try {
      if (this.#fd === undefined) appendFileSync(this.#path, lines);
      else writeAll(this.#fd, Buffer.from(lines));
    } catch (error) {
      this.#state = 'dropping';
      this.#onError(error);
    }
  }

  close(): void {
    this.flush();
    this.#state = 'dropping';
    if (open.delete(this) && this.#fd !== undefined) closeSync(this.#fd);
  }
}

/** Files whose lines must not get lost when the process exits or dies of an uncaught error. */
const open = new Set<LineFile>();
let tracking = false;

function track(file: LineFile): void {
  open.add(file);
  if (tracking) return;
  tracking = true;
  process.on('exit', () => {
    for (const each of open) each.flush();
  });
}

function writeAll(fd: number, bytes: Buffer): void {
  let from = 0;
  while (from < bytes.length) from += writeSync(fd, bytes, from);
}
