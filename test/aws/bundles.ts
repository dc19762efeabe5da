/** The bundles that are deployed, put where Lambda would: in a folder of their own, the file of their environment beside them. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CORE_FILE, type CoreFile, DAG_FILE, type DagFile } from '../../lib/deployment/files.ts';

export interface Bundles {
  /** Of Core's handlers: `tick.mjs` … */
  readonly core: string;
  /** Of a DAG's function, `index.mjs`, and the door that it imports, `runtime.mjs`. */
  readonly dag: string;
  readonly remove: () => void;
}

export interface Deployed {
  readonly core: CoreFile;
  readonly dag?: { readonly file: DagFile; readonly code: string };
}

export function bundles({ core: file, dag: own }: Deployed): Bundles {
  const root = mkdtempSync(join(tmpdir(), 'tutti-bundles-'));
  // Below a folder of packages files are loaded as they are.
  const folder = join(root, 'node_modules/lambdas');
  const [core, dag] = [join(folder, 'core'), join(folder, 'dag')];
  cpSync(resolve('dist/lambdas'), folder, { recursive: true });
  writeFileSync(join(core, CORE_FILE), JSON.stringify(file));
  if (own !== undefined) {
    writeFileSync(join(dag, DAG_FILE), JSON.stringify(own.file));
    writeFileSync(join(dag, 'index.mjs'), own.code);
  }
  return { core, dag, remove: () => rmSync(root, { recursive: true, force: true }) };
}
