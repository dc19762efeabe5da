import { resolve } from 'node:path';
import { projectFolder } from '../project/project-folder.ts';

/** The project's folder, absolute: what is given, from the working directory; else that of the app that runs. */
export function rootOf(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  return projectFolder({ script: process.argv[1], workingDirectory: process.cwd() });
}
