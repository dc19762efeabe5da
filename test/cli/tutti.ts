/** Starts the built command line as a user does, in a project of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** What a finished command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Finished>;
  /** Resolves when the standard output holds `text`. */
  printed(text: string): Promise<void>;
}

const BIN = resolve('dist/tutti.js');

/** A folder with these files, removed when the test ends. */
export function project(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'tutti-cli-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** Runs a command to its end. */
export function tutti(root: string, ...args: readonly string[]): Promise<Finished> {
  return start(root, ...args).done;
}

/** Starts a command. */
export function start(root: string, ...args: readonly string[]): Started {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { cwd: root, env: { ...env, CI: '1' } });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    for (const waiter of waiting) if (stdout.includes(waiter.text)) waiter.resolve();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const done = new Promise<Finished>((resolved) => {
    child.on('close', (code) => resolved({ code, stdout, stderr }));
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    child,
    done,
    printed: (text) =>
      new Promise((resolved) => {
        if (stdout.includes(text)) resolved();
        else waiting.push({ text, resolve: resolved });
      }),
  };
}
