/** Executions that were started: they outlive the processes that start them. */
import { existsSync, linkSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortHash } from '../../../lib/base/hash.ts';
import type { Run } from '../../../lib/model/run.ts';

export interface Execution {
  readonly name: string;
  /** As it was when it was started. */
  readonly run: Run;
  readonly state: 'running' | 'ended' | 'lost';
}

export interface Executions {
  all(): readonly Execution[];
  get(name: string): Execution | undefined;
  /** False where there is one of this name. */
  start(name: string, run: Run): boolean;
  /** Nothing where it does not run. */
  end(name: string, state: 'ended' | 'lost'): void;
}

/** Of processes that live in this one. */
export function memoryExecutions(): Executions {
  const known = new Map<string, Execution>();
  return {
    all: () => [...known.values()],
    get: (name) => known.get(name),
    start(name, run) {
      if (known.has(name)) return false;
      known.set(name, { name, run, state: 'running' });
      return true;
    },
    end(name, state) {
      const execution = known.get(name);
      if (execution?.state === 'running') known.set(name, { ...execution, state });
    },
  };
}

/** Of processes that share a folder: one file for each, and one more for its end. */
export function fileExecutions(folder: string): Executions {
  const fileOf = (name: string, kind: string) => join(folder, `${shortHash(name)}.${kind}`);
  const read = (file: string): Execution => {
    const { name, run } = JSON.parse(readFileSync(file, 'utf8')) as Execution;
    const end = (['ended', 'lost'] as const).find((state) => existsSync(fileOf(name, state)));
    return { name, run, state: end ?? 'running' };
  };
  const all = () =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.started'))
      .sort()
      .map((file) => read(join(folder, file)));
  return {
    all,
    get: (name) => (existsSync(fileOf(name, 'started')) ? read(fileOf(name, 'started')) : undefined),
    start(name, run) {
      // Whole from the moment on that others see it.
      const draft = fileOf(`${name} by ${process.pid}`, 'draft');
      writeFileSync(draft, JSON.stringify({ name, run }));
      try {
        linkSync(draft, fileOf(name, 'started'));
        return true;
      } catch {
        return false;
      } finally {
        unlinkSync(draft);
      }
    },
    end: (name, state) => writeFileSync(fileOf(name, state), ''),
  };
}
