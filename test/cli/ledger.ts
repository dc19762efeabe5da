/** What tests of the ledger's commands share. */
import { expect } from 'vitest';
import { SALES } from './sales.ts';
import { project, tutti } from './tutti.ts';

/** Runs it with `--json`: its one document, and its exit code. */
export async function json(root: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await tutti(root, ...args, '--json');
  return { code, stderr, document: JSON.parse(stdout) };
}

/** A project of one DAG, scheduled daily since 2026. */
export const sales = () => project({ 'pipelines/sales.ts': SALES });

/** Commands, all at once, each with its exit code and a part of what it says. */
export async function refused(
  root: string,
  cases: readonly (readonly [args: string, code: number, text: string])[],
): Promise<void> {
  const got = await Promise.all(cases.map(([args]) => tutti(root, ...args.split(' '))));
  for (const [index, [args, code, text]] of cases.entries())
    expect([args, got[index]]).toEqual([args, { code, stdout: '', stderr: expect.stringContaining(text) }]);
}
