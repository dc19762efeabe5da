/** What engines do on AWS. Adding one is adding its file here and in `lib/engines`, and a line in each `all.ts`. */
import { engineError, REFUSED } from './errors.ts';
import type { EngineHere, EnginePlace } from './place.ts';

/** Each is loaded when a task first calls it. */
const ENGINES: Readonly<
  Record<string, ((place: Pick<EnginePlace, 'call' | 'file'>) => Promise<EngineHere>) | undefined>
> = {
  'http.request': async () => (await import('./http.ts')).request,
  'file.exists': async () => (await import('./file.ts')).exists,
  'dag.trigger': async () => (await import('./trigger.ts')).triggerDag,
};

/** @throws {Error} `Engine.Refused` for one that a DAG's function cannot run */
export async function engineHere(place: Pick<EnginePlace, 'call' | 'file'>): Promise<EngineHere> {
  const engine = await ENGINES[place.call.engine]?.(place);
  if (engine !== undefined) return engine;
  throw engineError(REFUSED, `${place.call.engine}: must be an engine that a function calls, got none such`);
}
