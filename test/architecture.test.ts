/**
 * What may import what. This table is the diagram's source of truth: a layer imports
 * itself and the layers named beside it, nothing else, types included.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  asl: ['base'],
  schedule: ['base', 'model'],
  engines: ['base', 'model', 'asl'],
  dsl: ['base', 'model', 'engines'],
  compiler: ['base', 'model', 'asl', 'engines', 'schedule', 'deployment'],
  interpreter: ['base', 'asl'],
  history: ['base', 'model', 'asl'],
  // history: what a run recorded, and the states of its tasks.
  store: ['base', 'model', 'history'],
  orchestrator: ['base', 'model', 'schedule', 'history', 'store'],
  api: ['base', 'model', 'schedule', 'history', 'store', 'orchestrator'],
  // Names, events, files and rights that deployed parts share: neither SDK nor CDK. asl, engines: what machines call, and
  // what engines are allowed, is in policies.
  deployment: ['base', 'model', 'asl', 'engines'],
  // One try of a task, wherever it runs.
  runtime: ['base', 'model', 'engines'],
  // What those ports are on AWS: DynamoDB, Step Functions, S3, SNS; asl: the events of a history.
  aws: [
    'base',
    'model',
    'asl',
    'schedule',
    'engines',
    'history',
    'store',
    'orchestrator',
    'api',
    'deployment',
    'runtime',
  ],
  // asl: the events that a run is written as and shown from.
  local: [
    'base',
    'model',
    'asl',
    'engines',
    'compiler',
    'interpreter',
    'history',
    'schedule',
    'store',
    'orchestrator',
    'api',
    'runtime',
  ],
  // local: its clock, and the table that latches are kept in.
  sfn: ['base', 'asl', 'interpreter', 'local'],
  // dsl and the door: it loads pipeline files, which must meet the very instance that runs.
  // deployment: how environments and functions may be called.
  project: ['base', 'model', 'dsl', 'compiler', 'deployment', 'lib/index.ts'],
  // constructs: what cdk synth would refuse, asked by commands before a deployment.
  cli: [
    'base',
    'model',
    'asl',
    'schedule',
    'history',
    'store',
    'orchestrator',
    'api',
    'compiler',
    'local',
    'sfn',
    'engines',
    'dsl',
    'project',
    'deployment',
    'runtime',
    'aws',
    'constructs',
    'lib/index.ts',
    'lib/testing.ts',
  ],
  // project: a CDK app deploys what the command line loads, refused by the same rules.
  constructs: ['base', 'model', 'asl', 'schedule', 'engines', 'compiler', 'project', 'deployment'],
};

/** The doors of the package, and the folders around `lib/`. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  // compiler: dag() tells its mistakes at once, by the compiler's rules.
  'lib/index.ts': ['base', 'model', 'schedule', 'engines', 'dsl', 'compiler'],
  'lib/testing.ts': [
    'base',
    'model',
    'asl',
    'schedule',
    'engines',
    'dsl',
    'compiler',
    'interpreter',
    'history',
    'store',
    'orchestrator',
    'local',
  ],
  'tutti.config.ts': ['lib/index.ts', 'pipelines'],
  bin: ['constructs', 'cli', 'pipelines'],
  // dsl: a deployed DAG is declared without the rules.
  lambdas: [
    'base',
    'model',
    'dsl',
    'engines',
    'orchestrator',
    'api',
    'deployment',
    'runtime',
    'aws',
    'lib/index.ts',
  ],
  pipelines: ['lib/index.ts'],
};

/** npm packages a place may use; every place that is not named uses none. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  asl: /^jsonata$/,
  interpreter: /^jsonata$/,
  api: /^(hono|zod)$/,
  aws: /^(@aws-sdk\/|@duckdb\/node-api$|hono|zod$|ulid$|aws4fetch$)/,
  lambdas: /^(@aws-sdk\/|zod$|hono)/,
  // DuckDB's binding: types, and conversions that are loaded with it.
  runtime: /^@duckdb\/node-api$/,
  local: /^(@duckdb\/node-api|@hono\/node-server|ulid)$/,
  project: /^(esbuild|acorn|acorn-walk)$/,
  cli: /^(esbuild|commander|@bomb\.sh\/tab)$/,
  constructs: /^(aws-cdk-lib|constructs|cdk-nag|esbuild)(\/|$)/,
  template: /^(tutti(\/(testing|constructs))?|aws-cdk-lib)$/,
};

/** Layers that only compute: they neither read a clock nor roll dice nor wait. */
const PURE = [
  'base',
  'model',
  'asl',
  'schedule',
  'engines',
  'dsl',
  'compiler',
  'interpreter',
  'history',
  'store',
  'orchestrator',
  'api',
];
const IMPURE = /\b(?:Date\.now|Math\.random|setTimeout|setInterval)\s*\(|\bnew Date\(\)/;

const FILES = ['lib', 'bin', 'lambdas', 'pipelines', 'template']
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  .concat(existsSync('tutti.config.ts') ? ['tutti.config.ts'] : [])
  .filter((file) => file.endsWith('.ts'))
  .sort();

describe('the arrows', () => {
  test.each(FILES)('%s imports only what its place allows', (file) => {
    const refused = importsOf(file).flatMap((target) => refusal(file, target) ?? []);
    expect(refused).toEqual([]);
  });

  test('the files are found', () => {
    expect(FILES.length).toBeGreaterThan(20);
  });
});

describe('the shape of lib/', () => {
  const inLib = FILES.filter((file) => file.startsWith(`lib${sep}`));

  test('every folder is a layer of the table', () => {
    const folders = new Set(inLib.filter((file) => file.split(sep).length > 2).map(placeOf));
    expect([...folders].filter((folder) => LAYERS[folder] === undefined)).toEqual([]);
  });

  test('a folder is at most two deep', () => {
    expect(inLib.filter((file) => file.split(sep).length > 4)).toEqual([]);
  });

  test('only the doors are called index', () => {
    const indexes = inLib.filter((file) => file.endsWith('index.ts'));
    expect(indexes).toEqual(['lib/constructs/index.ts', 'lib/index.ts', 'lib/sfn/index.ts']);
  });

  test('the layers that compute take time and chance as arguments', () => {
    const pure = inLib.filter((file) => PURE.includes(placeOf(file)));
    expect(pure.filter((file) => IMPURE.test(textOf(file)))).toEqual([]);
  });
});

describe('what loading a door loads', () => {
  test('a pipeline file brings no interpreter, warehouse, AWS or CDK, and of the compiler only the rules', async () => {
    const { files, packages } = await closureOf('lib/index.ts');
    expect(packages).toEqual([]);
    expect([...new Set(files.map(placeOf))]).toEqual(
      expect.not.arrayContaining(['interpreter', 'local', 'cli', 'constructs', 'aws']),
    );
    expect(files).not.toContain('lib/compiler/compile.ts');
  });

  test('a CDK app never reaches the interpreter or what runs on a laptop', async () => {
    const { files } = await closureOf('lib/constructs/index.ts');
    expect(files.map(placeOf)).toEqual(expect.not.arrayContaining(['interpreter', 'local', 'cli']));
  });

  test('the command line loads neither AWS nor CDK, until another environment is asked', async () => {
    const { packages, imports } = await closureOf(
      'bin/tutti.ts',
      ({ path, kind }) => isAws(path) && kind === LATER,
    );
    expect(packages.filter((name) => /^(@aws-sdk|aws4fetch|aws-cdk|constructs)/.test(name))).toEqual([]);
    const askers = imports.filter(([file, target]) => isAws(target) && !isAws(file)).map(([file]) => file);
    expect(askers.filter((file) => !/^lib\/cli\/(remote|deploy)\//.test(file))).toEqual([]);
  });

  test('this test sees every import that a bundler sees', async () => {
    const { imports } = await closureOf('bin/tutti.ts');
    const missed = imports.filter(
      ([file, target]) => !importsOf(file).some((seen) => resolved(file, seen) === target),
    );
    expect(missed).toEqual([]);
  });
});

function refusal(file: string, target: string): string | undefined {
  const place = placeOf(file);
  if (target.startsWith('node:')) return undefined;
  if (!target.startsWith('.')) {
    return PACKAGES[place]?.test(target) ? undefined : `${file} imports ${target}: no package for ${place}`;
  }
  const to = resolved(file, target);
  const allowed = [place, ...(LAYERS[place] ?? PLACES[place] ?? [])];
  if (!/\.(ts|json)$/.test(target)) return `${file} imports ${target}: the extension is missing`;
  return allowed.includes(to) || allowed.includes(placeOf(to))
    ? undefined
    : `${file} imports ${to}: not below ${place}`;
}

/** `compiler` for `lib/compiler/graph.ts`, `lib/index.ts` for a door, else the top folder. */
function placeOf(file: string): string {
  const [top = '', second = '', third] = file.split(sep);
  if (top !== 'lib') return top;
  return third === undefined ? file : second;
}

function resolved(file: string, target: string): string {
  return target.startsWith('.') ? relative('.', join(dirname(file), target)) : target;
}

/** Every module a file names: static, type-only, side-effect and dynamic imports, re-exports, `require`. */
function importsOf(file: string): readonly string[] {
  const forms = [
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require|import\.meta\.resolve)\(\s*['"]([^'"]+)['"]\s*[),]/g,
  ];
  const text = textOf(file);
  return forms.flatMap((form) => [...text.matchAll(form)].map(([, target = '']) => target));
}

/** The file without its comments, so that an example in one is no import. */
function textOf(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/^\s*\/\*[\s\S]*?\*\//gm, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

interface Closure {
  readonly files: readonly string[];
  readonly packages: readonly string[];
  readonly imports: readonly (readonly [file: string, target: string])[];
}

/** Loaded when it is come to, and not before. */
const LATER = 'dynamic-import';

function isAws(path: string): boolean {
  return path.startsWith('lib/aws/') || path.startsWith('lib/constructs/');
}

/** What a bundler would load from `entry`: files of ours, and packages outside; without what only `isCut` leads to. */
async function closureOf(
  entry: string,
  isCut: (to: { readonly path: string; readonly kind: string }) => boolean = () => false,
): Promise<Closure> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    logLevel: 'silent',
  });
  const imports: (readonly [file: string, target: string])[] = [];
  const loaded = new Set([entry]);
  for (const file of loaded) {
    for (const to of metafile.inputs[file]?.imports ?? []) {
      imports.push([file, to.path]);
      if (!isCut(to) && metafile.inputs[to.path] !== undefined) loaded.add(to.path);
    }
  }
  const outside = imports.map(([, path]) => path).filter((path) => metafile.inputs[path] === undefined);
  return {
    files: [...loaded],
    packages: [...new Set(outside.filter((path) => !path.startsWith('node:')))],
    imports,
  };
}
