/** What ran before, as `tutti dev` treats it: taken in at the start, and kept for as long as the project says. */
import { importRuns } from '../../local/import-runs.ts';
import { pruneHere } from '../../local/prune.ts';
import type { RetentionConfig } from '../../model/environment.ts';
import { SCHEDULER } from '../../orchestrator/note.ts';
import type { World } from '../../orchestrator/ports.ts';
import { count } from '../words.ts';
import type { DevConsole } from './console.ts';

export interface Past {
  readonly world: World;
  /** The project's folder. */
  readonly root: string;
  readonly console: DevConsole;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
}

/** What `tutti run` left is history, too. */
export async function takePast({ world, root, console, signal, onError }: Past): Promise<void> {
  const { imported, problems } = await importRuns(world, root, signal);
  const { length } = imported;
  if (length > 0) console.say('imported', { runs: length }, `${count(length, 'run')} of before imported`);
  for (const problem of problems) onError(new Error(`import › ${problem}`));
}

const DAY_MS = 86_400_000;

/** Removes what is not kept now, and once a day until the signal. `policy` gives none while it is not known. */
export async function keepPast(past: Past, policy: () => RetentionConfig | undefined): Promise<void> {
  const { world, signal, onError } = past;
  while (!signal.aborted) {
    const beganMs = world.clock.now();
    try {
      const now = policy();
      if (now !== undefined) await removePast(past, now);
    } catch (error) {
      onError(error);
    }
    await world.clock.until(beganMs + DAY_MS, signal).catch(() => undefined);
  }
}

async function removePast({ world, root, console, signal }: Past, policy: RetentionConfig): Promise<void> {
  const { runs, orphans } = await pruneHere(world, policy, { root, actor: SCHEDULER, signal });
  if (runs.length + orphans.length === 0) return;
  const text = `${count(runs.length, 'run')} and ${count(orphans.length, 'folder')} of no run removed: environments.local.retention keeps no more`;
  console.say('pruned', { runs: runs.length, folders: orphans.length }, text);
}
