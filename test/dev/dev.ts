/** A `tutti dev` as a test sees it: the lines it says, and its API. */
import type { ChildProcess } from 'node:child_process';
import { start } from '../cli/tutti.ts';

export type Said = Readonly<Record<string, unknown>> & { readonly event: string };

export interface RunningDev {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it said so far. */
  readonly said: readonly Said[];
  /** The first line from here on of which it holds; lines are looked at once. */
  next(event: string, isMeant?: (said: Said) => boolean): Promise<Said>;
  get(path: string): Promise<unknown>;
  /** Ends it by SIGINT; gives exit code and standard error. */
  stop(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts one on a free port; resolves when it listens. */
export async function startDev(root: string, ...args: readonly string[]): Promise<RunningDev> {
  const { child, done } = start(root, 'dev', '--port', '0', '--json', ...args);
  const said: Said[] = [];
  let looked = 0;
  let text = '';
  let heard = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) said.push(JSON.parse(line));
    heard.resolve();
    heard = Promise.withResolvers();
  });
  const ended = done.then(({ stderr }) => {
    throw new Error(`tutti dev ended: ${stderr}`);
  });
  ended.catch(() => undefined);
  const next: RunningDev['next'] = async (event, isMeant = () => true) => {
    for (;;) {
      const line = said[looked];
      if (line === undefined) await Promise.race([heard.promise, ended]);
      else {
        looked += 1;
        if (line.event === event && isMeant(line)) return line;
      }
    }
  };
  const url = String((await next('listening'))['url']);
  return {
    url,
    child,
    said,
    next,
    get: async (path) => (await fetch(`${url}${path}`)).json(),
    stop: async () => {
      child.kill('SIGINT');
      const { code, stderr } = await done;
      return { code, stderr };
    },
  };
}
