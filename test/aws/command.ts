/** The command line, against the deployment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '../../lib/base/json.ts';
import { awsVariables } from './credentials.ts';
import { parseObject } from './json.ts';
import { REPOSITORY } from './project.ts';
import type { Stage } from './stage.ts';

export interface Commanded {
  readonly exitCode: number | null;
  /** The one document of the standard output. */
  readonly said: JsonObject;
  readonly warned: string;
}

/** Runs `tutti … --env dev --json` in the project's folder. @throws {Error} where it says no document */
export async function commanded(
  { project, emulator }: Pick<Stage, 'project' | 'emulator'>,
  ...args: readonly string[]
): Promise<Commanded> {
  const child = spawn(process.execPath, [`${REPOSITORY}/bin/tutti.ts`, ...args, '--env', 'dev', '--json'], {
    cwd: project.folder,
    env: awsVariables(emulator.gateway.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, warned] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { exitCode: child.exitCode, said: parseObject(said), warned };
}
