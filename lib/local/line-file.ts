import { closeSync, openSync, writeSync } from 'node:fs';

/** Text kept back before it is written at once, characters. */
const MAX_BUFFER = 65_536;

/**
 * A file of lines, written in whole lines at the end of each turn of the event loop: a crash leaves a
 * readable prefix, and a thousand lines of one turn cost one write.
 */
export class LineFile {
  readonly #fd: number;
  readonly #onError: (error: unknown) => void;
  #buffer = '';
  #scheduled: NodeJS.Immediate | undefined;
  #state: 'open' | 'dropping' = 'open';

  /** @throws the file system's error when the file cannot be created */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#fd = openSync(path, 'a');
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
      writeAll(this.#fd, Buffer.from(lines));
    } catch (error) {
      this.#state = 'dropping';
      this.#onError(error);
    }
  }

  close(): void {
    this.flush();
    this.#state = 'dropping';
    if (!open.delete(this)) return;
    closeSync(this.#fd);
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
