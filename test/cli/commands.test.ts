import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BROKEN, SALES } from './sales.ts';
import { project, tutti } from './tutti.ts';

describe('tutti check', () => {
  test('says how many DAGs are right', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/broken.ts': BROKEN });
    expect(await tutti(root, 'check')).toMatchObject({
      code: 0,
      stdout: '✓ 2 DAGs, no mistakes\n',
      stderr: '',
    });
  });

  test('tells every mistake of every file at once and fails', async () => {
    const root = project({
      'pipelines/syntax.ts': 'export const = 1;\n',
      'pipelines/throws.ts': "throw new Error('at load');\n",
      'pipelines/empty.ts': 'export const nothing = 1;\n',
      'pipelines/sales.ts': SALES,
      'pipelines/twin.ts': SALES,
    });
    const { code, stdout, stderr } = await tutti(root, 'check');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const text of [
      'pipelines/syntax.ts:1:14',
      'at load',
      'must export at least one DAG',
      'must have an id of its own',
    ]) {
      expect(stderr).toContain(text);
    }
    expect(stderr.trim().split('\n').at(-1)).toBe('✕ 2 DAGs, 4 errors');
  });

  test('prints one document with --json, whatever a file prints', async () => {
    const root = project({
      'pipelines/sales.ts': `console.log('noise');\n${SALES}`,
      'pipelines/x.ts': 'const = 1;',
    });
    const { code, stdout } = await tutti(root, '--json', 'check');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      dags: ['sales'],
      problems: [{ severity: 'error', at: { file: 'pipelines/x.ts' } }],
    });
  });
});

describe('tutti list', () => {
  test('prints the DAGs with schedule, tasks and owner', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/broken.ts': BROKEN });
    const { code, stdout } = await tutti(root, 'list');
    expect(code).toBe(0);
    expect(stdout).toBe(`dag     schedule                           tasks  owner       description
broken  manual                             2
sales   at 02:00 Europe/Berlin, every day  2      sales-data  Orders, cleaned and loaded.

2 DAGs
`);
  });

  test('prints one document with --json, and bare ids with --names', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const [json, names] = await Promise.all([tutti(root, 'list', '--json'), tutti(root, 'list', '--names')]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      dags: [{ id: 'sales', tasks: 2, params: ['region', 'limit'] }],
    });
    expect(names.stdout).toBe('sales\n');
  });

  test('lists what loads, and fails for what does not', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/x.ts': 'const = 1;' });
    const { code, stdout, stderr } = await tutti(root, 'list');
    expect(code).toBe(1);
    expect(stdout).toContain('sales');
    expect(stderr).toContain('pipelines/x.ts:1');
  });
});

describe('tutti show', () => {
  test('describes a DAG', async () => {
    const { code, stdout } = await tutti(project({ 'pipelines/sales.ts': SALES }), 'show', 'sales');
    expect(code).toBe(0);
    expect(stdout).toBe(`sales
Orders, cleaned and loaded.

  schedule  at 02:00 Europe/Berlin, every day, from 2026-01-01
  runs      no catchup, at most 16 runs at once
  fails     when a leaf failed
  owner     sales-data
  tags      tier-1
  file      pipelines/sales.ts:4

params
  region  string   default "eu"  one of "eu", "us"
  limit   integer  default 10

2 tasks
  task   kind  after  retries
  fetch  fn
  load   fn    fetch  2 × 1m, ×2
`);
  });

  test.each([
    ['--asl', /^\{\n {2}"Comment": "Orders/],
    ['--svg', /^<svg xmlns/],
    ['--mermaid', /^flowchart LR/],
  ])('%s prints that form, and --json wraps it in one document', async (form, begin) => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const [plain, json] = await Promise.all([
      tutti(root, 'show', 'sales', form),
      tutti(root, 'show', 'sales', form, '--json'),
    ]);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout).toMatch(begin);
    expect(JSON.parse(json.stdout)).toBeTypeOf('object');
  });

  test('--json alone gives manifest and plan', async () => {
    const { stdout } = await tutti(project({ 'pipelines/sales.ts': SALES }), 'show', 'sales', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ manifest: { dagId: 'sales' }, plan: { tasks: 2 } });
  });

  test('an unknown DAG is not found, and a near name is told', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const [plain, json] = await Promise.all([
      tutti(root, 'show', 'slaes'),
      tutti(root, 'show', 'slaes', '--json'),
    ]);
    expect(plain).toMatchObject({ code: 3, stdout: '' });
    expect(plain.stderr).toContain('got "slaes"; did you mean "sales"?');
    expect({ code: json.code, ...JSON.parse(json.stdout) }).toMatchObject({
      code: 3,
      error: { code: 'unknown-dag' },
    });
  });

  test('an unknown DAG may be in a file that does not load: that is told', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, 'pipelines/x.ts': 'const = 1;' });
    const { code, stderr } = await tutti(root, 'show', 'flights');
    expect(code).toBe(3);
    expect(stderr).toContain('pipelines/x.ts:1');
    expect(stderr).toContain('1 mistake above may hide it');
  });
});

describe('tutti compile', () => {
  test('prints a document larger than a pipe to its end', async () => {
    const tasks = Array.from({ length: 300 }, (_, index) => `task('t${index}', fn(async () => 1));`);
    const source = `import { dag, fn } from 'tutti'; export const wide = dag('wide', {}, ({ task }) => {${tasks.join('')}});`;
    const { code, stdout } = await tutti(
      project({ 'pipelines/wide.ts': source }),
      'compile',
      'wide',
      '--json',
    );
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(200_000);
    expect(JSON.parse(stdout).manifest.tasks).toHaveLength(300);
  });

  test('prints the definition that --asl shows', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const [compiled, shown] = await Promise.all([
      tutti(root, 'compile', 'sales'),
      tutti(root, 'show', 'sales', '--asl'),
    ]);
    expect(compiled.stdout).toBe(shown.stdout);
    expect(JSON.parse(compiled.stdout)).toMatchObject({ QueryLanguage: 'JSONata' });
  });

  test('--out writes definition and manifest', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const { code, stdout } = await tutti(root, 'compile', 'sales', '--out', 'out/asl', '--json');
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout);
    expect(files).toEqual({ definition: 'out/asl/sales.asl.json', manifest: 'out/asl/sales.manifest.json' });
    expect(JSON.parse(readFileSync(join(root, files.manifest), 'utf8'))).toMatchObject({ dagId: 'sales' });
  });

  test('a folder that cannot be written is refused', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, out: 'a file' });
    const { code, stderr } = await tutti(root, 'compile', 'sales', '--out', 'out');
    expect(code).toBe(1);
    expect(stderr).toContain('tutti compile › --out: must be a folder that can be written, got "out"');
  });

  test('a DAG with mistakes is not compiled', async () => {
    const root = project({ 'pipelines/sales.ts': SALES.replace('attempts: 2', 'attempts: -1') });
    const { code, stdout, stderr } = await tutti(root, 'compile', 'sales', '--json');
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, error: { code: 'definition' } });
    expect(stderr).toContain('-1');
  });
});
