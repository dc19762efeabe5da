/** DuckDB's native code for the architecture of functions. */
import { existsSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { Problem } from '../../base/errors.ts';

export type Architecture = 'arm64' | 'x86_64';

const BINDINGS: Readonly<Record<Architecture, string>> = {
  arm64: '@duckdb/node-bindings-linux-arm64',
  x86_64: '@duckdb/node-bindings-linux-x64',
};

/** Folders of packages that go beside the code of functions that use DuckDB; a problem where one is not installed. */
export function duckdbFolders(
  environment: string,
  architecture: Architecture,
): { readonly folders: readonly string[]; readonly problems: readonly Problem[] } {
  const api = packageFolder('@duckdb/node-api', import.meta.url);
  const bindings = api && packageFolder('@duckdb/node-bindings', join(api, 'package.json'));
  const native = bindings && packageFolder(BINDINGS[architecture], join(bindings, 'package.json'));
  if (api !== undefined && bindings !== undefined && native !== undefined)
    return { folders: [api, bindings, native], problems: [] };
  return { folders: [], problems: [missing(environment, architecture, bindings)] };
}

function missing(environment: string, architecture: Architecture, bindings: string | undefined): Problem {
  const version = bindings === undefined ? 'latest' : versionOf(bindings);
  const cpu = architecture === 'arm64' ? 'arm64' : 'x64';
  const name = BINDINGS[architecture];
  return {
    code: 'no-binding',
    path: `environment "${environment}" › architecture`,
    message: `must be one that DuckDB's native code is installed for, got "${architecture}" without ${name}`,
    remedy: `run npm install --no-save --force --os=linux --cpu=${cpu} ${name}@${version}, or bind its connections to Athena`,
  };
}

function versionOf(folder: string): string {
  const { version }: { readonly version: string } = createRequire(import.meta.url)(
    join(folder, 'package.json'),
  );
  return version;
}

/** Where a package is that a file may import; looked up by its `package.json`: native packages cannot be resolved otherwise. */
function packageFolder(name: string, from: string): string | undefined {
  try {
    const file = findPackageJSON(name, from);
    return file !== undefined && existsSync(file) ? dirname(file) : undefined;
  } catch {
    return undefined;
  }
}
