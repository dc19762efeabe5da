/** What `cdk synth` would refuse, asked without making anything that stays. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefinitionError, type Problem } from '../base/errors.ts';
import type { Loaded } from '../project/load.ts';
import { NO_CONTENT } from './code/assets.ts';
import { synthesize } from './synthesize.ts';

/**
 * Everything that keeps the app of a project from being synthesized, in its very words: all of its environments, since the
 * app is one whichever of them is deployed. Its templates go into a folder that is gone afterwards.
 *
 * @throws {RefusedError} `not-built`
 */
export function deployProblems(loaded: Loaded, root: string): readonly Problem[] {
  const outdir = mkdtempSync(join(tmpdir(), 'tutti-synth-'));
  try {
    synthesize(loaded, {
      root,
      app: { outdir, context: { [NO_CONTENT]: true }, builtinCloudFormationValidation: false },
    });
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
