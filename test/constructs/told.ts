/** `tuttiApp` of a project: what it says, and what it leaves behind. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TuttiAppOptions, tuttiApp } from '../../lib/constructs/index.ts';
import { folder } from './deployed.ts';

export interface Told {
  /** What it wrote to the standard error. */
  readonly text: string;
  readonly exitCode: number;
  /** Names in its output. */
  readonly made: readonly string[];
}

export interface Project {
  /** Files by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Of `environments` in its configuration. */
  readonly environments: string;
  /** Names that the output has before. */
  readonly before?: readonly string[];
}

/** Makes the app of a project, in a folder of its own, as `cdk synth` does; started from elsewhere, it finds that. */
export async function toldBy(
  { files, environments, before = [] }: Project,
  options: TuttiAppOptions = {},
): Promise<Told> {
  const root = folder();
  const outdir = join(root, 'cdk.out');
  const config = `export const config = { environments: ${environments} };\n`;
  const earlier = before.map((name) => [`cdk.out/${name}`, 'earlier'] as const);
  for (const [path, text] of [...Object.entries(files), ['tutti.config.ts', config] as const, ...earlier]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const written: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  process.env['CDK_OUTDIR'] = outdir;
  const [, script = ''] = process.argv;
  process.argv[1] = join(root, 'bin', 'app.ts');
  const { cwd } = process;
  process.cwd = () => dirname(root);
  try {
    await tuttiApp(options);
    const exitCode = Number(process.exitCode ?? 0);
    return { text: written.join(''), exitCode, made: existsSync(outdir) ? readdirSync(outdir) : [] };
  } finally {
    process.stderr.write = write;
    process.argv[1] = script;
    process.cwd = cwd;
    process.exitCode = 0;
    delete process.env['CDK_OUTDIR'];
  }
}
