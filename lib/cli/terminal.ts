import { styleText } from 'node:util';

/** A style of `util.styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is where colours are off. */
export type Paint = (style: Style, text: string) => string;

/** Where a command prints. With `--json`, only {@link Terminal.json} reaches the standard output. */
export interface Terminal {
  /** True when lines may be redrawn: a person is watching. */
  readonly live: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Whether texts are coloured. */
  readonly color: boolean;
  readonly paint: Paint;
  /** Text for a person, newline added; nothing with `--json`. */
  print(text: string): void;
  /** The one document of `--json`; nothing without. */
  json(value: unknown): void;
  /** Text on the standard error, newline added. */
  warn(text: string): void;
  /** Raw text on the standard output, for redrawing. */
  write(text: string): void;
  /** Resolves when everything printed so far has left the process: a pipe takes 64 KiB at a time. */
  flush(): Promise<void>;
  /** Calls `around` for every text somebody else writes to the standard streams; gives what undoes it. */
  intercept(around: (write: () => void, text: string) => void): () => void;
}

export interface TerminalOptions {
  readonly json: boolean;
  /** @default what the terminal can, less `NO_COLOR` */
  readonly color?: boolean;
}

/** The terminal of this process. */
export function processTerminal({ json, color }: TerminalOptions): Terminal {
  const { stdout, stderr } = process;
  // Whatever a pipeline file or a task prints must not end up between the braces of the one document.
  const write = stdout.write.bind(stdout);
  if (json) stdout.write = stderr.write.bind(stderr);
  // Both streams, so that an error sent to a file is plain text; `hasColors` knows NO_COLOR and FORCE_COLOR.
  const colored =
    color !== false && !json && [stdout, stderr].every((stream) => stream.isTTY && stream.hasColors());
  return {
    live: stdout.isTTY === true && !json && process.env['CI'] === undefined && process.env['TERM'] !== 'dumb',
    get columns() {
      return stdout.columns ?? 100;
    },
    get rows() {
      return stdout.rows ?? 40;
    },
    color: colored,
    paint: (style, text) => (colored ? styleText(style, text, { validateStream: false }) : text),
    print: (text) => {
      if (!json) write(`${text}\n`);
    },
    json: (value) => {
      if (json) write(`${JSON.stringify(value, null, 2)}\n`);
    },
    warn: (text) => {
      stderr.write(`${text}\n`);
    },
    write: (text) => {
      write(text);
    },
    flush: async () => {
      const writes = [write, stderr.write.bind(stderr)];
      await Promise.all(writes.map((each) => new Promise<void>((resolve) => each('', () => resolve()))));
    },
    intercept: (around) => {
      const undo = [stdout, stderr].map((stream) => interceptStream(stream, around));
      return () => {
        for (const step of undo) step();
      };
    },
  };
}

function interceptStream(
  stream: NodeJS.WriteStream,
  around: Parameters<Terminal['intercept']>[0],
): () => void {
  const { write } = stream;
  const replace = (value: unknown) =>
    Object.defineProperty(stream, 'write', { value, configurable: true, writable: true });
  replace((...args: Parameters<typeof write>) => {
    let result = true;
    around(() => {
      result = write.apply(stream, args);
    }, String(args[0]));
    return result;
  });
  return () => {
    replace(write);
  };
}
