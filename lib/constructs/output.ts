/** What an app wrote before it was refused. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What CDK writes anew at each synthesis; everything else is named by its content. */
const ASSEMBLY = /^(assembly-.*|manifest\.json|tree\.json|cdk\.out)$/;

/**
 * Does `work`; where it throws, the folder is as it was before, and without an assembly where `work` has begun to write
 * over one: nobody deploys half of it.
 */
export function orNothing<T>(folder: string, work: (begins: () => void) => T): T {
  const before = new Set(namesIn(folder));
  let hasBegun = false;
  try {
    return work(() => {
      hasBegun = true;
    });
  } catch (error) {
    const ours = namesIn(folder).filter((name) => !before.has(name) || (hasBegun && ASSEMBLY.test(name)));
    for (const name of ours) rmSync(join(folder, name), { recursive: true, force: true });
    if (existsSync(folder) && namesIn(folder).length === 0) rmdirSync(folder);
    throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
