/** Where a project begins: all its paths are from there. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { CONFIG_FILE } from './config-file.ts';

/** What marks a project's folder. */
const MARKS = [CONFIG_FILE, 'cdk.json'];

export interface AppPlace {
  /** The file that node was started with. Absent: none, as in a console. */
  readonly script: string | undefined;
  readonly workingDirectory: string;
}

/**
 * The folder of the project whose app runs, absolute: the working directory where that has a `tutti.config.ts`; else the
 * nearest one, from the app's file upwards, with a `tutti.config.ts` or `cdk.json`, wherever it was started. Where a tool of
 * `node_modules` runs the app, a test perhaps, it is looked for from the working directory upwards; without one it is that.
 */
export function projectFolder({ script, workingDirectory }: AppPlace): string {
  if (existsSync(join(workingDirectory, CONFIG_FILE))) return workingDirectory;
  const isTool = script === undefined || script.split(sep).includes('node_modules');
  const from = isTool ? workingDirectory : dirname(resolve(workingDirectory, script));
  return nearestMarked(from) ?? workingDirectory;
}

function nearestMarked(folder: string): string | undefined {
  if (MARKS.some((name) => existsSync(join(folder, name)))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : nearestMarked(above);
}
