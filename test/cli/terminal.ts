import type { Terminal } from '../../lib/cli/terminal.ts';

/** A terminal without colours that keeps what is printed on it. */
export function fakeTerminal(size: { readonly columns?: number; readonly rows?: number } = {}) {
  let text = '';
  let around: Parameters<Terminal['intercept']>[0] | undefined;
  const terminal: Terminal = {
    live: true,
    columns: size.columns ?? 80,
    rows: size.rows ?? 24,
    color: false,
    paint: (_, plain) => plain,
    print: (line) => {
      text += `${line}\n`;
    },
    json: () => {},
    warn: () => {},
    write: (raw) => {
      text += raw;
    },
    flush: async () => {},
    intercept: (listener) => {
      around = listener;
      return () => {
        around = undefined;
      };
    },
  };
  return {
    terminal,
    /** Everything printed so far, forgotten then. */
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
    /** A write of somebody else. */
    stray: (raw: string) => {
      const write = () => {
        text += raw;
      };
      if (around === undefined) write();
      else around(write, raw);
    },
    /** What a person sees after these writes. */
    screen: () => screenOf(text),
  };
}

/** The lines that stand after cursor movements: `ESC[nA` goes up, `ESC[0J` clears below. */
function screenOf(raw: string): readonly string[] {
  const lines = [''];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is played here
  for (const part of raw.split(/(\u001b\[\d*A|\u001b\[0J|\u001b\[\?25[lh]|\n)/)) {
    const up = /^.\[(\d+)A$/.exec(part);
    if (up !== null) lines.splice(lines.length - 1 - Number(up[1]), Number(up[1]) + 1, '');
    else if (part === '\n') lines.push('');
    else if (!part.startsWith('\u001b')) lines[lines.length - 1] += part;
  }
  return lines.slice(0, -1);
}
