/** LocalStack's pinned parts, in a folder of this project outside git: Python packages, JSONata's jars, DynamoDB Local. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PINS = join(import.meta.dirname, 'localstack');
const CACHE = resolve(import.meta.dirname, '../../.tutti/emulator');

/** Where everything is. */
export interface Installed {
  readonly python: string;
  readonly javaHome: string;
  readonly jsonataJars: string;
  readonly dynamodbJars: string;
}

/** It cannot be installed here; the message is one line that says why. */
export class NotInstallable extends Error {
  override readonly name = 'NotInstallable';
}

/**
 * Installs what is not there yet, about a minute and 400 MB.
 *
 * @throws {NotInstallable} without Python, Java, Maven, or a network
 */
export async function install(): Promise<Installed> {
  await needed(
    'python3',
    ['-c', 'import sys; print(sys.version_info >= (3, 11))'],
    /True/,
    'Python 3.11 or newer',
  );
  await needed('java', ['-version'], /version "(1[7-9]|[2-9]\d)/, 'Java 17 or newer');
  await needed('mvn', ['--version'], /Apache Maven/, 'Maven');
  const folder = join(CACHE, digest());
  const installed: Installed = {
    python: join(folder, 'python', 'bin', 'python'),
    javaHome: await javaHome(),
    jsonataJars: join(folder, 'jsonata'),
    dynamodbJars: join(folder, 'dynamodb'),
  };
  const mark = join(folder, 'complete');
  if (existsSync(mark)) return installed;
  rmSync(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    packages(join(folder, 'python'), installed.python),
    jars('jsonata', installed.jsonataJars).then(() => jars('dynamodb', installed.dynamodbJars)),
  ]);
  writeFileSync(mark, '');
  return installed;
}

async function needed(tool: string, args: readonly string[], wanted: RegExp, name: string): Promise<void> {
  const { stdout, stderr } = await run(tool, args).catch(() => ({ stdout: '', stderr: '' }));
  if (!wanted.test(stdout + stderr)) throw new NotInstallable(`it needs ${name}`);
}

/** The JDK or JRE of the `java` in the path. */
async function javaHome(): Promise<string> {
  const { stdout, stderr } = await run('java', ['-XshowSettings:properties', '-version']);
  const [, home = ''] = /java\.home = (.+)/.exec(stdout + stderr) ?? [];
  return realpathSync(home.trim());
}

/** Everything is named in the list, so that nothing is resolved anew. */
async function packages(folder: string, python: string): Promise<void> {
  await step('python3', ['-m', 'venv', folder]);
  const list = join(PINS, 'requirements.txt');
  await step(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '-r', list]);
}

async function jars(name: string, folder: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`];
  await step('mvn', ['--quiet', '--batch-mode', '--file', join(PINS, `${name}.xml`), ...goal]);
}

async function step(tool: string, args: readonly string[]): Promise<void> {
  await run(tool, args, { maxBuffer: 1e8 }).catch((thrown: { stdout?: string; stderr?: string }) => {
    const said = `${thrown.stdout ?? ''}\n${thrown.stderr ?? ''}`
      .split('\n')
      .filter((line) => /^\[?ERROR/.test(line));
    throw new NotInstallable(`${tool} could not install its part: ${said[0] ?? String(thrown)}`, {
      cause: thrown,
    });
  });
}

/** Changes with any pin. */
function digest(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(PINS)
    .filter((file) => !file.endsWith('.py'))
    .sort()) {
    hash.update(readFileSync(join(PINS, name)));
  }
  return hash.digest('hex').slice(0, 12);
}
