import type { LocalEngine } from './local-engine.ts';

/** Engines that really work here; each is loaded when a task first calls it. Every other one needs a stand-in. */
const ENGINES: Readonly<Record<string, (() => Promise<LocalEngine>) | undefined>> = {
  'sql.query': async () => (await import('./duckdb.ts')).sql,
  'sql.execute': async () => (await import('./duckdb.ts')).sql,
  'sql.transaction': async () => (await import('./duckdb.ts')).sql,
  'http.request': async () => (await import('./http.ts')).request,
  'dag.trigger': async () => (await import('./trigger.ts')).triggerDag,
  's3.key': async () => (await import('./s3-key.ts')).s3Key,
  'file.exists': async () => (await import('./file.ts')).exists,
};

/** True where a task of this engine runs here without a stand-in. */
export function worksHere(engine: string): boolean {
  return ENGINES[engine] !== undefined;
}

export async function localEngine(engine: string): Promise<LocalEngine | undefined> {
  return ENGINES[engine]?.();
}
