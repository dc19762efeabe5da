/** What `cdk synth` would make or refuse, asked without making anything that stays. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefinitionError, type Problem } from '../base/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Loaded } from '../project/load.ts';
import { NO_CONTENT } from './code/assets.ts';
import { synthesize } from './synthesize.ts';

export interface TriedSynthesis {
  /** Everything that keeps the app from being synthesized, in its very words. */
  readonly problems: readonly Problem[];
  /** What an environment would have registered of each DAG, by its id. None where anything is refused. */
  readonly manifests: (environment: string) => ReadonlyMap<string, Manifest>;
}

/**
 * Of all environments of a project, since the app is one whichever of them is deployed. Its templates go into a folder
 * that is gone afterwards.
 *
 * @throws {RefusedError} `not-built`
 */
export function trySynthesis(loaded: Loaded, root: string): TriedSynthesis {
  const outdir = mkdtempSync(join(tmpdir(), 'tutti-synth-'));
  try {
    const stages = synthesize(loaded, {
      root,
      app: { outdir, context: { [NO_CONTENT]: true }, builtinCloudFormationValidation: false },
    });
    return { problems: [], manifests: (environment) => stages.get(environment)?.manifests ?? new Map() };
  } catch (error) {
    if (error instanceof DefinitionError) return { problems: error.problems, manifests: () => new Map() };
    throw error;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
