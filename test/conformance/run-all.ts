import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite, SuiteResult } from './suite.ts';

/** Every suite of `suites/` on every folder of the shared layout at or below `dir`. */
export async function runAll(
  dir: string,
  report: (result: SuiteResult) => void = () => {},
): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const root of rootsIn(dir)) {
    for (const suite of await loadSuites()) {
      const result = await suite(root);
      if (result === undefined) continue;
      results.push(result);
      report(result);
    }
  }
  return results;
}

/** Suites in the order of their files; adding one is adding a file that exports `suite`. */
async function loadSuites(): Promise<readonly Suite[]> {
  const folder = join(import.meta.dirname, 'suites');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort();
  return Promise.all(
    files.map(async (file) => ((await import(join(folder, file))) as { suite: Suite }).suite),
  );
}

const KINDS: ReadonlySet<string> = new Set(['asl', 'dags', 'scheduling', 'semantics']);

/** The folder itself where it has one of the kinds in it, else those below it that have. */
function rootsIn(dir: string): readonly string[] {
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (folders.some(({ name }) => KINDS.has(name))) return [dir];
  return folders.flatMap(({ name }) => rootsIn(join(dir, name)));
}
