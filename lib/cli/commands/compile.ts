import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedError } from '../../base/errors.ts';
import { type Compiled, compile } from '../../compiler/compile.ts';
import { definitionBytes } from '../../compiler/plan.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Context } from '../program.ts';
import { findDag } from '../project.ts';
import { count } from '../words.ts';

/** Prints a DAG's state machine, or writes it and its manifest into a folder. */
export async function compileDag(
  context: Context,
  dagId: string,
  options: { readonly out?: string },
): Promise<ExitCode> {
  const { dag } = await findDag(context, dagId);
  const { definition, parts = {}, manifest, plan } = compile(dag);
  const { terminal } = context;
  if (options.out === undefined) {
    terminal.json({ definition, parts, manifest, plan, bytes: definitionBytes(definition) });
    terminal.print(JSON.stringify(definition, null, 2));
    return EXIT.ok;
  }
  const rerun = compile(dag, { rerun: true });
  const files = {
    definition: join(options.out, `${dagId}.asl.json`),
    manifest: join(options.out, `${dagId}.manifest.json`),
  };
  write(options.out, [
    [files.definition, definition],
    [files.manifest, manifest],
    ...machinesOf(options.out, dagId, parts),
    [join(options.out, `${dagId}-rerun.asl.json`), rerun.definition],
    ...machinesOf(options.out, `${dagId}-rerun`, rerun.parts ?? {}),
  ]);
  terminal.json({ dag: dagId, files, plan });
  terminal.print(
    `${files.definition}  ${count(plan.states, 'state')} for ${count(plan.tasks, 'task')}, ${count(definitionBytes(definition), 'byte')}`,
  );
  terminal.print(files.manifest);
  return EXIT.ok;
}

/** Machines that the one of this name starts. */
function machinesOf(folder: string, name: string, parts: NonNullable<Compiled['parts']>) {
  return Object.entries(parts).map(
    ([part, machine]) => [join(folder, `${name}-${part}.asl.json`), machine] as const,
  );
}

function write(folder: string, contents: readonly (readonly [file: string, value: unknown])[]): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, value] of contents) writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

function notWritable(folder: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const text = `tutti compile › --out: must be a folder that can be written, got "${folder}" (${why})`;
  return new RefusedError('not-writable', text, { cause });
}
